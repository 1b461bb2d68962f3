// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Checks text that arrives in pieces cut anywhere. A wrong byte is noticed in the piece that
/// carries it. No allocation.
struct UTF8Stream {
    private var pending: InlineArray<4, UInt8> = .init(repeating: 0)
    private var pendingCount = 0

    /// Whether the text so far ends with a whole character.
    var isComplete: Bool { pendingCount == 0 }

    private enum Verdict {
        case valid
        /// The bytes from this offset on are the beginning of a character.
        case incomplete(from: Int)
        case invalid
    }

    /// Takes the next piece; false when the text cannot be UTF-8 whatever follows.
    mutating func append(_ bytes: Span<UInt8>) -> Bool {
        var start = 0
        while pendingCount > 0, start < bytes.count {
            pending[pendingCount] = bytes[start]
            pendingCount += 1
            start += 1
            switch Self.validate(pending.span.extracting(0..<pendingCount)) {
            case .valid: pendingCount = 0
            case .incomplete: break
            case .invalid: return false
            }
        }
        guard start < bytes.count else { return true }
        let rest = bytes.extracting(start..<bytes.count)
        switch Self.validate(rest) {
        case .valid:
            return true
        case .incomplete(let from):
            for index in from..<rest.count {
                pending[pendingCount] = rest[index]
                pendingCount += 1
            }
            return true
        case .invalid:
            return false
        }
    }

    private static func validate(_ bytes: Span<UInt8>) -> Verdict {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return .valid
        } catch {
            // A truncation anywhere but at the end is a wrong byte after a good beginning.
            guard error.kind == .truncatedScalar, error.byteOffsets.upperBound == bytes.count
            else { return .invalid }
            return .incomplete(from: error.byteOffsets.lowerBound)
        }
    }
}
