// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The correlations of the last 64 ms and what they say about a pair of tones.
struct ToneRecord: Sendable {
    static let depth = 8

    private var real = InlineArray<8, SIMD8<Float>>(repeating: .zero)
    private var imaginary = InlineArray<8, SIMD8<Float>>(repeating: .zero)
    private var power = InlineArray<8, SIMD8<Float>>(repeating: .zero)
    /// Mean square of the line over each window.
    private var total = InlineArray<8, Float>(repeating: 0)
    private var index = 0
    private var lastEnergy: Float = 0

    /// Mean square below which the line is quiet: -48 dBov.
    private static let quiet: Float = 17_000

    /// Power of a window over the plateau's at most.
    private static let most: Float = 4

    /// Share of the line's power below which two tones are not looked at closer.
    private static let leastShare: Float = 0.12

    /// Phase by which each tone turns in 8 ms, and the cosine of the largest error allowed:
    /// 2.4 %, midway between what must be taken and what must be refused.
    private static let turnReal = turns { Float(cos($0)) }
    private static let turnImaginary = turns { Float(sin($0)) }
    private static let tolerance = turns { Float(cos($0 * 0.024)) }

    private static func turns(_ value: (Double) -> Float) -> SIMD8<Float> {
        var result = SIMD8<Float>.zero
        for tone in 0..<ToneBank.tones {
            result[tone] = value(2 * .pi * ToneBank.frequencies[tone] * 64 / 8000)
        }
        return result
    }

    var isLoud: Bool { total[index] > Self.quiet }

    /// Mean square of each tone over the newest window.
    var newest: SIMD8<Float> { power[index] }

    /// Begins a window: `energy` is the sum of squares of its newer half, each shifted by 3 bits.
    mutating func advance(energy: Float) {
        index = (index &+ 1) & (Self.depth &- 1)
        total[index] = (energy + lastEnergy) * (64 / Float(ToneBank.window))
        lastEnergy = energy
        real[index] = .zero
        imaginary[index] = .zero
        power[index] = .zero
    }

    /// Forgets the windows so far: what they held has been told.
    mutating func clear() {
        for place in 0..<Self.depth { power[place] = .zero }
    }

    mutating func set(real newReal: SIMD8<Float>, imaginary newImaginary: SIMD8<Float>) {
        real[index] = newReal
        imaginary[index] = newImaginary
        power[index] = (newReal * newReal + newImaginary * newImaginary) * ToneBank.powerScale
    }
}

extension ToneRecord {
    /// The pair of tones that the newest windows hold, whether or not it is a digit.
    ///
    /// Mutating in name only, as what it calls: else the compiler copies all of self for the call.
    mutating func pair() -> TonePair? {
        let recent = newest + power[place(1)]
        let low = Self.strongest(recent, 0)
        let high = Self.strongest(recent, 4)
        let both = recent[low] + recent[high]
        guard both > Self.leastShare * (total[index] + total[place(1)]), both > 2 * Self.quiet
        else { return nil }
        // Twist of the low tone 9.5 dB, of the high tone 5.5 dB.
        guard recent[low] < 9 * recent[high], recent[high] < 3.6 * recent[low] else { return nil }
        return extent(low, high)
    }

    /// How long a pair has held until now, and how purely.
    private mutating func extent(_ low: Int, _ high: Int) -> TonePair? {
        // The plateau: the strongest of the last windows, two at a time.
        var lowPower: Float = 0
        var highPower: Float = 0
        for back in 0..<3 {
            let pair = (power[place(back)] + power[place(back + 1)]) * 0.5
            lowPower = max(lowPower, pair[low])
            highPower = max(highPower, pair[high])
        }
        guard lowPower > 0, highPower > 0 else { return nil }
        var duration: Float = 0
        var tones: Float = 0
        var line: Float = 0
        var lowAgreement = Agreement()
        var highAgreement = Agreement()
        var back = 0
        while back < Self.depth {
            let at = place(back)
            // What is far above the plateau belongs to something louder that came before.
            let lowRatio = power[at][low] / lowPower
            let highRatio = power[at][high] / highPower
            guard lowRatio < Self.most, highRatio < Self.most else { break }
            let amplitude = min(1, lowRatio.squareRoot(), highRatio.squareRoot())
            duration += amplitude
            guard amplitude > 0.3 else { break }
            if amplitude > 0.6 {
                tones += power[at][low] + power[at][high]
                line += total[at]
                if back > 0 {
                    lowAgreement.add(step(back, low))
                    highAgreement.add(step(back, high))
                }
            }
            back += 1
        }
        guard lowAgreement.isWithin(Self.tolerance[low]),
            highAgreement.isWithin(Self.tolerance[high]), line > 0
        else { return nil }
        var groups = SIMD8<Float>.zero
        for back in 0..<4 { groups += power[place(back)] }
        return TonePair(
            low: low, high: high, duration: duration, lowPower: lowPower, highPower: highPower,
            share: tones / line, purity: min(lowAgreement.purity, highAgreement.purity),
            lowShare: groups[low] / groups.lowHalf.sum(),
            highShare: groups[high] / groups.highHalf.sum())
    }

    /// The product of one window with the conjugate of the one before it, turned back by what the
    /// tone turns in between, and the power of the two.
    private mutating func step(_ back: Int, _ tone: Int) -> (Float, Float, Float) {
        let new = place(back - 1)
        let old = place(back)
        let a = real[new][tone]
        let b = imaginary[new][tone]
        let c = real[old][tone]
        let d = imaginary[old][tone]
        let x = a * c + b * d
        let y = b * c - a * d
        // The imaginary part of a correlation with a sine counts backwards.
        let turnX = Self.turnReal[tone]
        let turnY = -Self.turnImaginary[tone]
        return (
            x * turnX + y * turnY, y * turnX - x * turnY, (a * a + b * b + c * c + d * d) * 0.5
        )
    }

    private func place(_ back: Int) -> Int { (index &- back) & (Self.depth &- 1) }

    private static func strongest(_ power: SIMD8<Float>, _ first: Int) -> Int {
        var best = first
        for tone in first + 1..<first + 4 where power[tone] > power[best] { best = tone }
        return best
    }
}

/// Sums of neighbouring windows' products.
private struct Agreement {
    private var real: Float = 0
    private var imaginary: Float = 0
    private var power: Float = 0

    mutating func add(_ pair: (real: Float, imaginary: Float, power: Float)) {
        real += pair.real
        imaginary += pair.imaginary
        power += pair.power
    }

    private var magnitude: Float { (real * real + imaginary * imaginary).squareRoot() }

    /// 1 where every window follows from the one before.
    var purity: Float { power > 0 ? magnitude / power : 0 }

    /// Whether the phase error is at most the one whose cosine is `tolerance`.
    func isWithin(_ tolerance: Float) -> Bool { power > 0 && real >= tolerance * magnitude }
}
