// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread of the operating system that owns a noncopyable value while it runs.
///
/// Sendable state crosses once, when the thread is made; `join` is the only other use.
final class Thread<Value: ~Copyable & Sendable> {
    private final class Start {
        var value: Value?
        let body: @Sendable (inout Value) -> Void

        init(_ value: consuming Value, _ body: @escaping @Sendable (inout Value) -> Void) {
            self.value = consume value
            self.body = body
        }

        func run() {
            if var value = value.take() {
                body(&value)
            }
        }
    }

    private var handle = pthread_t()

    init(_ value: consuming Value, _ body: @escaping @Sendable (inout Value) -> Void) {
        let start = Start(value, body)
        let run: () -> Void = { start.run() }
        // The box is released by the thread, which is the only one to use it.
        let box = unsafe Unmanaged.passRetained(Box(run)).toOpaque()
        let status = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box)
        precondition(status == 0, "The system has no thread to give")
    }

    func join() {
        _ = pthread_join(handle, nil)
    }
}

private final class Box {
    let run: () -> Void

    init(_ run: @escaping () -> Void) {
        self.run = run
    }
}
