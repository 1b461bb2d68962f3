// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The low-pass a ``PolyphaseFilter`` is cut from: a sinc under a Kaiser window, in double precision.
///
/// Kaiser's formulas for window shape and transition width are in "Nonrecursive digital filter
/// design using the I0-sinh window function", ISCAS 1974.
struct KaiserPrototype {
    /// Delay in samples of the output.
    let delay: Int

    private let up: Int
    private let down: Int
    private let taps: Int
    /// Centre of the prototype, in ticks: `up` ticks make one input sample, `down` one output.
    private let centre: Int
    /// Edge (-6 dB) in cycles per tick.
    private let edge: Double
    /// Sum of the taps of each residue before normalisation.
    private var sums: [Double] = []

    /// Attenuation the window is shaped for, in dB.
    private static let attenuation = 98.0
    private static let beta = 0.1102 * (attenuation - 8.7)
    /// End of the flat band, as a share of half the lower rate.
    private static let flat = 0.85
    /// How far below the edge, in transition widths, the response leaves the flat band.
    private static let slope = 0.36

    init(up: Int, down: Int, taps: Int) {
        self.up = up
        self.down = down
        self.taps = taps
        // An output needs inputs up to the last one that is there when it is due: `down - 1` ticks
        // after its own instant. The tick that every residue reaches back to bounds the length; the
        // centre is then put on an output's instant, so that the delay is whole.
        let reach = (taps - 1) * down * up + down - 1
        let delay = (reach / 2 - (down - 1)) / down
        self.delay = delay
        self.centre = delay * down + down - 1

        let perTick = 0.5 / Double(max(up, down))
        let length = 2 * Double(centre)
        let transition = (Self.attenuation - 7.95) / (14.36 * length)
        self.edge = Self.flat * perTick + Self.slope * transition

        for residue in 0..<up {
            var sum = 0.0
            for stream in 0..<down {
                for tap in 0..<taps {
                    sum += value(residue: residue, stream: stream, tap: tap)
                }
            }
            sums.append(sum)
        }
    }

    /// One coefficient, normalised so that each residue passes a constant unchanged: that leaves no
    /// images of it.
    func tap(residue: Int, stream: Int, tap: Int) -> Double {
        value(residue: residue, stream: stream, tap: tap) / sums[residue]
    }

    private func value(residue: Int, stream: Int, tap: Int) -> Double {
        let input = (tap - (taps - 1)) * down + stream
        let tick = residue * down + (down - 1) - input * up
        guard (0...(2 * centre)).contains(tick) else { return 0 }
        let distance = Double(tick - centre)
        let ratio = distance / Double(centre + 1)
        let window = Self.bessel(Self.beta * (1 - ratio * ratio).squareRoot())
        return window * Self.sinc(2 * edge * distance)
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(.pi * x) / (.pi * x)
    }

    /// The modified Bessel function of the first kind and order zero, by its series.
    private static func bessel(_ x: Double) -> Double {
        var sum = 1.0
        var term = 1.0
        var order = 1.0
        while term > sum * 1e-17 {
            term *= (x / (2 * order)) * (x / (2 * order))
            sum += term
            order += 1
        }
        return sum
    }
}
