// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Why a peer's messages could not be read any further.
enum MessageFramingError: Error, Hashable {
    /// A prefix announced more than the limit.
    case tooLong(Int)
    /// The first octet of a prefix is neither 0 nor 1.
    case reservedFlag(UInt8)
    /// A message is compressed, and the call's encoding is none that is read.
    case compressed
    /// A message said to be gzip is not.
    case notGzip
}

/// What a message's prefix may say ("Length-Prefixed-Message" of gRPC over HTTP/2).
struct MessageFraming {
    /// The most octets of a message.
    let limit: Int
    /// Whether messages may be marked as compressed.
    let takesCompressed: Bool

    /// The message that begins at `offset`, when all of it lies in `data`.
    func whole(
        in data: Span<UInt8>, at offset: Int
    ) throws(MessageFramingError) -> (range: Range<Int>, isCompressed: Bool)? {
        let start = offset + MessageDeframer.prefixLength
        guard start <= data.count else { return nil }
        let end = try start + length(data, at: offset)
        guard end <= data.count else { return nil }
        return (start..<end, data[offset] == 1)
    }

    /// The length that the prefix at `offset` announces.
    func length(_ data: Span<UInt8>, at offset: Int) throws(MessageFramingError) -> Int {
        switch data[offset] {
        case 0: break
        case 1 where takesCompressed: break
        case 1: throw .compressed
        default: throw .reservedFlag(data[offset])
        }
        var length = 0
        for index in 1..<MessageDeframer.prefixLength {
            length = length << 8 | Int(data[offset + index])
        }
        guard length <= limit else { throw .tooLong(length) }
        return length
    }
}

/// Takes gRPC messages out of the octets of a stream, however these are split ("Length-Prefixed-
/// Message"). A message that arrives in one piece is lent where it lies, without a copy.
struct MessageDeframer {
    static let prefixLength = 5

    private let framing: MessageFraming
    /// A message, prefix included, of which some is still to come.
    private var partial = ByteBuffer()
    /// Length of `partial` when it is complete; nil while its prefix is not.
    private var wanted: Int?

    init(_ framing: MessageFraming) {
        self.framing = framing
    }

    init(limit: Int, takesCompressed: Bool = false) {
        self.init(MessageFraming(limit: limit, takesCompressed: takesCompressed))
    }

    /// Whether the octets so far end between two messages.
    var isBetweenMessages: Bool { partial.readableBytes == 0 }

    /// Octets kept until their message is complete.
    var keptCount: Int { partial.readableBytes }

    /// What was found in a piece of the stream.
    enum Found {
        /// The piece is used up.
        case nothing
        /// A whole message lies in the piece.
        case inPlace(Range<Int>, isCompressed: Bool)
        /// A message that came in several pieces. Give the buffer back with `reuse`.
        case assembled(ByteBuffer, isCompressed: Bool)
    }

    /// Looks for one message in `data`, from `offset` on, which moves behind what was used.
    mutating func next(
        in data: Span<UInt8>, at offset: inout Int
    ) throws(MessageFramingError) -> Found {
        if partial.readableBytes == 0 {
            guard offset < data.count else { return .nothing }
            if let (range, isCompressed) = try framing.whole(in: data, at: offset) {
                offset = range.upperBound
                return .inPlace(range, isCompressed: isCompressed)
            }
        }
        return try fill(from: data, at: &offset)
    }

    private mutating func fill(
        from data: Span<UInt8>, at offset: inout Int
    ) throws(MessageFramingError) -> Found {
        while true {
            let goal = wanted ?? Self.prefixLength
            let count = min(goal - partial.readableBytes, data.count - offset)
            partial.append(data.extracting(offset..<(offset + count)))
            offset += count
            guard partial.readableBytes == goal else { return .nothing }
            if wanted == nil {
                let length = try framing.length(partial.readableBytesUInt8Span, at: 0)
                wanted = Self.prefixLength + length
                if length > 0 { continue }
            }
            break
        }
        var complete = ByteBuffer()
        swap(&complete, &partial)
        wanted = nil
        let isCompressed = complete.readableBytesUInt8Span[0] == 1
        complete.moveReaderIndex(forwardBy: Self.prefixLength)
        return .assembled(complete, isCompressed: isCompressed)
    }

    /// Takes back the memory of a message that was dealt with.
    mutating func reuse(_ buffer: consuming ByteBuffer) {
        // A message far above the usual does not keep its memory for the life of the stream.
        guard partial.readableBytes == 0, buffer.capacity <= 65_536 else { return }
        buffer.clear()
        partial = buffer
    }
}
