// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// One microphone: the clips at their places on the timeline, noise everywhere else.
///
/// Samples are counted from the start of the call's media and written in order. Writing copies
/// bytes that were encoded beforehand.
package struct CallerVoice: Sendable {
    private let noise: ComfortNoise
    private let phase: Int
    private var clip: CallerClip?
    private var clipStart = 0
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
        self.clip = clip
        clipStart = max(start, position)
        return clipStart
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
        guard let clip, position + count > clipStart else {
            let offset = (position + phase) % noise.encoded.count
            return noise.octets.getSlice(at: offset, length: count)
        }
        let offset = position - clipStart
        // The end of a clip is also the end of speaking: that is for writing to see.
        guard offset >= 0, offset + count < clip.encoded.count else { return nil }
        return clip.octets.getSlice(at: offset, length: count)
    }

    /// Appends the next `count` samples as mu-law.
    package mutating func write(_ count: Int, into buffer: inout ByteBuffer) {
        let end = position + count
        while position < end {
            if let clip, position >= clipStart {
                let offset = position - clipStart
                let length = min(end - position, clip.encoded.count - offset)
                buffer.writeBytes(clip.encoded[offset..<offset + length])
                position += length
                if offset + length == clip.encoded.count { self.clip = nil }
            } else {
                let offset = (position + phase) % noise.encoded.count
                let border = clip == nil ? end : min(end, clipStart)
                let length = min(border - position, noise.encoded.count - offset)
                buffer.writeBytes(noise.encoded[offset..<offset + length])
                position += length
            }
        }
    }

    /// Lets `count` samples pass unsent; a clip goes on meanwhile, as people do.
    package mutating func skip(_ count: Int) {
        position += count
        if let clip, position - clipStart >= clip.encoded.count { self.clip = nil }
    }
}
