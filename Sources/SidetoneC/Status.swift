// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CSidetone

/// What the functions of the C interface return, as declared in its header.
enum Status {
    static let ok = sidetone_status(SIDETONE_OK)
    static let none = sidetone_status(SIDETONE_NONE)
    static let full = sidetone_status(SIDETONE_FULL)
    static let invalidHandle = sidetone_status(SIDETONE_INVALID_HANDLE)
    static let closed = sidetone_status(SIDETONE_CLOSED)
    static let busy = sidetone_status(SIDETONE_BUSY)
    static let nullPointer = sidetone_status(SIDETONE_NULL_POINTER)
    static let invalidSize = sidetone_status(SIDETONE_INVALID_SIZE)
    static let invalidArgument = sidetone_status(SIDETONE_INVALID_ARGUMENT)
    static let bufferTooSmall = sidetone_status(SIDETONE_BUFFER_TOO_SMALL)
    static let limitReached = sidetone_status(SIDETONE_LIMIT_REACHED)
    static let noResponse = sidetone_status(SIDETONE_NO_RESPONSE)
    static let noPlayout = sidetone_status(SIDETONE_NO_PLAYOUT)

    /// The sentence for a status.
    static func text(_ status: sidetone_status) -> StaticString {
        switch status {
        case ok: "done"
        case none: "there is nothing to fetch"
        case full: "there is no more room, offer the rest later"
        case invalidHandle: "no such handle, or one of another kind"
        case closed: "what the handle stood for is closed"
        case busy: "another thread is inside the same engine or object"
        case nullPointer: "a pointer is null that must not be"
        case invalidSize: "struct_size is none that this library knows"
        case invalidArgument: "a value is outside of what is allowed"
        case bufferTooSmall: "the buffer is too small"
        case limitReached: "as many are open as may be"
        case noResponse: "no such response: it was cleared, has ended or never began"
        case noPlayout: "the call was opened without audio to the platform"
        default: "a status that this library does not know"
        }
    }
}

/// A refusal of what the host asked for, before anything has changed.
struct Refusal: Error {
    let status: sidetone_status

    static let invalidArgument = Refusal(status: Status.invalidArgument)
    static let invalidSize = Refusal(status: Status.invalidSize)
}

@c @implementation
public func sidetone_version() -> UInt32 {
    UInt32(SIDETONE_VERSION_MAJOR) << 16 | UInt32(SIDETONE_VERSION_MINOR) << 8
        | UInt32(SIDETONE_VERSION_PATCH)
}

@c @implementation
public func sidetone_status_text(_ status: sidetone_status) -> UnsafePointer<CChar>? {
    let text = Status.text(status)
    // The text is ASCII of the binary, with a zero behind it.
    return unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
