// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A key press found in the caller's audio.
public struct DTMFPress: Hashable, Sendable {
    public var digit: DTMFDigit
    /// Where the tone began, on the ingress timeline; good to about 8 ms.
    public var start: SamplePosition
    /// Where the tone ended; while the key is held, where it was heard last.
    public var end: SamplePosition
}

/// A key went down, or up again.
public enum DTMFChange: Hashable, Sendable {
    /// Told once per press, when the tone has lasted long enough to be one.
    case pressed(DTMFPress)
    /// The tone of the press told before has ended.
    case released(DTMFPress)
}

/// Finds DTMF digits (ITU-T Q.24) in blocks of 8 ms at 8 kHz.
///
/// Every 8 ms it correlates a window of 16 ms with the eight tones; magnitudes give length and
/// twist, the turn of phase from one window to the next gives frequency and purity. A tone that
/// makes up nearly all of the line's power is a digit after 31 ms; one under an echo of our own
/// prompt must be purer and longer. Where the line is quiet nothing is correlated.
///
/// A value with no allocation after `init`, owned by the call's thread.
public struct DTMFDetector: Sendable {
    /// Samples of one block, at 8 kHz.
    public static let blockLength = 64

    /// A key that is down, the tones it was known by, and windows without them since.
    private struct Held {
        var press: DTMFPress
        var pair: TonePair
        var missing: Int
    }

    private var samples = InlineArray<128, Int16>(repeating: 0)
    private var record = ToneRecord()
    private var held: Held?
    private let scale: Int

    /// - Parameter rate: the ingress rate that positions are counted in: 8 kHz or a multiple.
    public init(rate: SampleRate) {
        precondition(rate.hertz % 8000 == 0, "Tones are found in multiples of 8 kHz")
        scale = rate.hertz / 8000
    }

    /// Takes the next block; `end` is the position after its last sample on the ingress timeline.
    ///
    /// - Precondition: `block` holds ``blockLength`` samples.
    public mutating func observe(_ block: Span<Int16>, end: SamplePosition) -> DTMFChange? {
        measure(block)
        if held != nil { return hold(until: end) }
        guard let pair = record.pair(), pair.isDigit else { return nil }
        // A duration ends in the middle of the newest window's newer half.
        let length = Int((pair.duration * Float(Self.blockLength)).rounded()) + Self.blockLength / 2
        let press = DTMFPress(
            digit: DTMFDigit(row: pair.low, column: pair.high - 4),
            start: max(.start, end.advanced(by: -length * scale)), end: end)
        held = Held(press: press, pair: pair, missing: 0)
        return .pressed(press)
    }

    /// Takes a block of a line on which nothing stirs, after others that were not looked at, so that
    /// the next one finds its past.
    mutating func passOver(to block: Span<Int16>) {
        measure(block)
    }

    /// Whether a key is down.
    public var isHeld: Bool { held != nil }

    /// Forgets what was heard, because the timeline jumped. A key that was down counts as released.
    public mutating func reset() -> DTMFChange? {
        record.clear()
        samples = InlineArray(repeating: 0)
        defer { held = nil }
        return held.map { .released($0.press) }
    }

    private mutating func measure(_ block: Span<Int16>) {
        precondition(block.count == Self.blockLength, "Tones are found in blocks of 8 ms")
        let energy = SpectralKernels.advance(&samples, by: block)
        record.advance(energy: Float(energy))
        guard record.isLoud else { return }
        let (real, imaginary) = ToneBank.correlate(samples.span)
        record.set(real: real, imaginary: imaginary)
    }

    private mutating func hold(until end: SamplePosition) -> DTMFChange? {
        guard var key = held else { return nil }
        let power = record.newest
        // 14 dB down in either tone.
        let isHeard =
            power[key.pair.low] > 0.04 * key.pair.lowPower
            && power[key.pair.high] > 0.04 * key.pair.highPower
        if isHeard {
            key.missing = 0
            key.press.end = end.advanced(by: -Self.blockLength * scale / 2)
        } else {
            key.missing += 1
        }
        // An interruption of 10 ms empties one or two windows, a pause of 40 ms at least three.
        let isReleased = key.missing >= 3
        guard isReleased else {
            held = key
            return nil
        }
        held = nil
        record.clear()
        return .released(key.press)
    }
}
