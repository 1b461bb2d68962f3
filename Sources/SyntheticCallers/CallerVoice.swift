// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import GRPCTransport
package import NIOCore

/// One microphone: the clips at their places on the timeline, noise everywhere else.
///
/// Samples are counted from the start of the call's media and written in order. Writing copies
/// bytes that were encoded beforehand.
package struct CallerVoice: Sendable {
    private let noise: ComfortNoise
    private let phase: Int
    /// What is said, as an array and to be lent. Apart from the clip, so that a frame touches, and
    /// counts references of, no more than what it sends.
    private var codes: [UInt8] = []
    private var octets = ByteBuffer()
    /// Where it lies on the timeline; both are zero when nothing is said.
    private var clipStart = 0
    private var clipEnd = 0
    /// The next sample to write.
    package private(set) var position = 0

    /// - Parameter phase: where in the noise loop the call begins, so calls differ.
    package init(noise: ComfortNoise, phase: Int = 0) {
        self.noise = noise
        self.phase = phase % noise.encoded.count
    }

    /// Says `clip` from sample `start` on, or from the next sample when that is past already.
    /// Returns where it starts. A clip that still plays is cut off.
    package mutating func speak(_ clip: CallerClip, at start: Int) -> Int {
        codes = clip.encoded
        octets = clip.octets
        clipStart = max(start, position)
        clipEnd = clipStart + codes.count
        return clipStart
    }

    private mutating func fallSilent() {
        codes = []
        octets = ByteBuffer()
        clipStart = 0
        clipEnd = 0
    }

    /// The next `count` samples as mu-law: lent from what was encoded beforehand where they lie in
    /// one piece there, as nearly all do.
    package mutating func next(_ count: Int) -> ByteBuffer {
        if let lent = lent(count) {
            position += count
            return lent
        }
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        write(count, into: &buffer)
        return buffer
    }

    private func lent(_ count: Int) -> ByteBuffer? {
        guard clipEnd > 0, position + count > clipStart else {
            let offset = (position + phase) % noise.encoded.count
            return noise.octets.getSlice(at: offset, length: count)
        }
        // The end of a clip is also the end of speaking: that is for writing to see.
        guard position >= clipStart, position + count < clipEnd else { return nil }
        return octets.getSlice(at: position - clipStart, length: count)
    }

    /// Appends the next `count` samples as mu-law.
    package mutating func write(_ count: Int, into buffer: inout ByteBuffer) {
        let end = position + count
        while position < end {
            if clipEnd > 0, position >= clipStart {
                let offset = position - clipStart
                let length = min(end, clipEnd) - position
                buffer.append(codes.span.extracting(offset..<offset + length))
                position += length
                if position == clipEnd { fallSilent() }
            } else {
                let offset = (position + phase) % noise.encoded.count
                let border = clipEnd == 0 ? end : min(end, clipStart)
                let length = min(border - position, noise.encoded.count - offset)
                buffer.append(noise.encoded.span.extracting(offset..<offset + length))
                position += length
            }
        }
    }

    /// Lets `count` samples pass unsent; a clip goes on meanwhile, as people do.
    package mutating func skip(_ count: Int) {
        position += count
        if clipEnd > 0, position >= clipEnd { fallSilent() }
    }
}
