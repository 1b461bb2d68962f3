// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Private keys of issuers that exist in tests only: published with the source, worth nothing.
enum TestIssuerKeys {
    /// RSA of 2048 bits.
    static let first = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCxCDkBvwqQSwdH
        rlWsRBFeG6VxIkEWJ2qde+40Iu+duq8t38tjL9jHz3FoqJKcKKXtjsDfb0/8ZOlQ
        20GrURDyo1qXY5ig0YAwq1LMbgqYKMhk0aIzgYAXtUFPg+KjkvyIvo7wMJBnKnTt
        7NzilajXpOw/MJItJW2PtNimBGUu64T4sNdPRczHkvC4ObmYJOyax0Jw67j57BOg
        L+FJeszA/EdLVK+gM+hz/hkRcLg3qBU7Yqol8yrRQqtI/JeMzUSK7hIzO0rY+8+V
        GQBj7vHvFuxOs+OZie6fdpdTJ/7T9BtWUWeFgDA4LObX1Z4IflYDPFL+o3tfD7ds
        wS9v2/pXAgMBAAECggEADT2bMz6RpgcmjT2ZxMpL2OkNGlrAhCKrPl91inVjzJKY
        5ZUhG320TgV9laFTYytFyxsWi9+XG5PZ63qVUnXmuZnEKHcs2Y0HHxzBPZmsCy4J
        sZiy8/08kl6z0CRXas/kjr8J5nxgtdv0EOjaqyEcbBHhZZHWwlpT88qdOurbPS4E
        2SIJZbiF7hZawsE7vAuxSD7ME+wu+bWL+fm86boMuemJ+gVJSUsIpBN+jYfLnObl
        8bJH66wbLPBUGncJIbYD7FLF2j1IgtITveJbEec/HZnbRXzDkSqyKPeVnnKEwU0o
        NMlrdqVt48CKA2wMi3p1u6xmYLdr8yksEAWEEYSnSQKBgQD1ENg03X8mrFG+atQe
        1x4euJJO1i1js8mRzQSUgA5Dxo9vvknitsy6kvmpDKC5JMm+cNhpSZZ1fy6Y5Rid
        IXm2itOdWJvpkxUJQlbw/2JhUTmsQAIzxANIs6z8P3joy6+2cIRZD6kPYRhhhXGS
        wPz/1VOH+ILUq/i8Cjaq52F88wKBgQC47ksoiqPmtuBtc9qRVqt6BwpMyclXSBeX
        NfIQmM1tdN3VHoiDNNZN+bsqNQ1bFDMhDZ9s5AVOL+VBuAD3yUrwXHllbc8YAqeI
        eJC+IZhDRrdOH5Q6WBR/U0wx+hFrT6qPB82Q0NfQZqFR6jqukObJFuexkNpwxU+I
        RCZFkBVWDQKBgAKonx/bs1BxGCXvtMNs5AfDStsOGcn2Hl61kbImvYDgu5ejwdty
        zj/L7md2GpxHmOS3BrIFuVsm+RNxkNXLki13zhnr5y0eimDiVl0g+ClEH1MOErgL
        DVoRkPPfoGkuJIbfK6BnuhbPn9sW/odwDo6b+t8DxC+YegdYOQWbowQfAoGAdqw0
        fue5Fiz1CEf4UpwTnlM2QOCc2+3fdaGgnRXxffQpBsJ5R/l4LMG9YfB5iaEEzok3
        bWFGJk6GCA5UUK5T8LrnDDfTVc0eRW1ZNSnJ1CJlLzUEogwz2yFRHCElXH/bK74O
        JIhgddPmYfK1haBm+VRBiqkyBHwZ9ZAGH02+42ECgYBMGjmijFmOdm8xhPBX2f4I
        07Yt9raWh6CvtnoaJUa7Q1wWPgzgiDZC5ZdSEF3cDSnY2eNxK+SJ1rbzkSCGl/d5
        NdkV5QWy1haOrGfNGUpvYuTYPJ+6161UYXWWc21SqMvzHbBToXqnOtnjiHeb9C6L
        C2zQdzZEvHwBJlkK5gPQlg==
        -----END PRIVATE KEY-----
        """

    /// Another one.
    static let second = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC5UNkBiZ+XP/TS
        vklX97FVgp8ppYOu5oSM6elrM7twkRRrhHZLXk2t+CJIgQpC9ujOKcI4lSN5v7RM
        KfwT4lD2VD6B/Hzor5HaDlInogRQnxaWg64y076Hm+Q3STtbbDctaLLTwJPYFlU3
        RGB2ISavNz/u+OHXY2P6HYaqgxXmN8K+wZX8ntyPl39/T2LyGTSRYyXGS5YdZF/8
        t3L4XStFbqnhD0gCI6usr6vE8Go3VopKU4TmZvukacOQZc2H8pXsCnpGM8rYynZ6
        I9NSxjfTQw+FBcEysvmcyY0ywXFIoCYPa1UtLcuA4y20Tb+5sinEps9ewPXcJM3l
        j2tjgB6ZAgMBAAECggEAAO4JFgsOPBs2i8N8/mOARh5l1QwpuSbFSH24ovCQrV5q
        UfseqtR6IvgpQorfNc8jrjvNvSybunXTSO82/r82dR30GFaKJpK8R8dQSIxKuurU
        GVo8yrApob2PAMCt0GYecBcOj/sZ4s4t4Z1Gt0uwSYBx94LT2JmnkUQ0/kWycO7E
        KiggpACzYnY9bNUM5uwQaflZWxWNTDP5avOpWm+Yf2bG4VqD7ArM4afNat3rU4Ye
        Unty3UvN8+P6xzQyj22UZ2sJFkisMI9Ib1Gybo8UXty0ckLy1xAfMmzBVLrnxddx
        bG6FTHHaanPMw72M3T4WDNXA6M51M04GowgdvoJygQKBgQDt38jb7GCPlMjXSDFb
        x5ZCb66YG+Qwxdi//I5b5irPdYE+poJeuuLE5ZReawpv4ft8lyR4hwANV+NnZVJV
        E4WKptwXbrAwLJdt702oRzGJrw6k23nd0ROSWxqBwOGvTBBjNv3eeL4gFXCFeBN8
        Dt3c+LQ/dU8d/k5TKXLRoxXtoQKBgQDHb850rLe0yMGCqTAj/gh1R+gygJDg7TJk
        Ph67Y/rga6zXurJTHGRiE4RYHlb4j6g+7VxzduKmZPiKN40aBxDr3z5Xb0BInlZU
        f1DY+QRzigBGnhSRPVJjU+LgP7xVUms5Z/nvZpjHmPPZxN7Wcq97cF2tMGR5M/JK
        rozhaAjd+QKBgGp2wltMDFu2570S3qSJS8MoYShLM3Jw2nXy/3Q6K+b2XIZB2A+1
        7VDav/EST3WL2xcEPpqDMY7HS0w3mQXi2t4XmGIUdF7bVlspw8QROSa6Zv96C60v
        qmbSx6ZTQa9Hh/4f2rf7qnyJm/bgqzfXH42K8oGEa4itDTlDT9Rr/aCBAoGAGDhc
        01CSctMapRqU7RoRvuR/r3prndVQlFny84D927lX4U8cDvnYuwxxux3cJA2WOiYr
        Xx5mAh0rDeYXLb0D8hFHiejJ3sfT5ikcEW2Ue8+bnvfduZG/6q4qVF+JKLd8rBkT
        gl5sWXkazCybf2GoLA6GYd0JpqqHV0iBdXJj+UkCgYAVZHSBiR9TIQJIZvx7V4ft
        Hzag+h3gE2evE5cypxpkWcoM+y67qGu5Rby3TO5xtNFoX/8EykyCRhLrbB2JBWlr
        0BhYSh1nAfi4jyH87boidbPS4Yrcyg1YRePv4N8pFwBQ0Hw7EcxP8jHoODdPsG5m
        vL/9gTUpl1TB0itYyiLs2A==
        -----END PRIVATE KEY-----
        """

    /// RSA of 1024 bits, as the numbers of its public key: too short to be used.
    static let shortModulus =
        "5fTR7wTLwjPG30DDapLHdfJxCHwlny1bUUXa6xX5oqDt-RUe7FR3_ULItsOmIM_xu2Yghp9EAQ7a-XKpn8jj3"
        + "trpn5ZJyUtTteekvwlQRuLdOmNMxemL1xgx5uDeW7GsvEgm_Pv0hJDb-kzoaKPOY7mewoz1tGa0WuNpHgO5HUE"
}
