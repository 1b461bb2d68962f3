module sidetone.example/listen

go 1.19
