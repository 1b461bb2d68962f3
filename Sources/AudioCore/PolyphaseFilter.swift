// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The coefficients of one resampling ratio, shared by every resampler of that ratio.
///
/// The prototype is a linear-phase low-pass at `up` times the input rate: a sinc under a Kaiser
/// window, flat to 0.85 of half the lower rate (3.4 kHz of a telephone's 4). It is cut into `up`
/// residues, one for each output of a block, and each residue into `down` streams, one for each
/// input of a block.
final class PolyphaseFilter: Sendable {
    let up: Int
    let down: Int
    /// Taps of each residue in each stream, even.
    let taps: Int
    /// The tap from which on there are coarse coefficients, even.
    let coarseFirst: Int
    /// Taps with coarse coefficients, even.
    let coarseTaps: Int
    /// Binary orders by which fine coefficients are finer than coarse ones.
    let fineShift: Int
    /// What 16 bits leave of the taps beside the coarse part, as `[up][down][taps]`.
    let fine: [Int16]
    /// The coarse part of the taps around the centre, as `[up][down][coarseTaps]`.
    let coarse: [Int16]
    /// Delay in samples of the output.
    let delay: Int

    /// Samples a resampler has to keep between calls, at most.
    var historyCount: Int { taps * down - 1 }

    /// Samples that `inputCount` more inputs make, when `pending` inputs of a block are there.
    func outputCount(for inputCount: Int, pending: Int) -> Int {
        (pending + inputCount) * up / down - pending * up / down
    }

    /// - Precondition: `up` and `down` have no common factor, and both are within 1...6.
    init(up: Int, down: Int) {
        let taps = Self.lowerRateTaps / min(up, down)
        precondition(taps % 4 == 0, "No filter of this ratio is laid out")
        let prototype = KaiserPrototype(up: up, down: down, taps: taps)

        let coarseTaps = (taps / 6 + 1) / 2 * 2
        let coarseFirst = (taps - coarseTaps) / 4 * 2

        // What the coarse coefficients leave, as [residue * down + stream][tap].
        var remainders: [[Double]] = []
        var coarse: [Int16] = []
        for residue in 0..<up {
            for stream in 0..<down {
                var remainder = (0..<taps).map {
                    prototype.tap(residue: residue, stream: stream, tap: $0)
                }
                for tap in coarseFirst..<(coarseFirst + coarseTaps) {
                    let rounded = (remainder[tap] * Self.coarseScale).rounded()
                    coarse.append(Int16(rounded))
                    remainder[tap] -= rounded / Self.coarseScale
                }
                remainders.append(remainder)
            }
        }

        // The finest scale at which every tap fits into 16 bits and no half of a stream can add up
        // to more than 32.
        let highest = remainders.flatMap { $0 }.map { abs($0) }.max() ?? 0
        let sum =
            remainders.flatMap { [$0[..<(taps / 2)], $0[(taps / 2)...]] }
            .map { $0.reduce(0) { $0 + abs($1) } }.max() ?? 0
        var shift = 0
        while shift < 6, max(sum / 2, highest) * Self.coarseScale * Double(2 << shift) < 32_700 {
            shift += 1
        }
        let fineScale = Self.coarseScale * Double(1 << shift)

        self.up = up
        self.down = down
        self.taps = taps
        self.coarseFirst = coarseFirst
        self.coarseTaps = coarseTaps
        self.fineShift = shift
        self.fine = remainders.flatMap { $0.map { Int16(($0 * fineScale).rounded()) } }
        self.coarse = coarse
        self.delay = prototype.delay
    }

    /// Taps of one output when counted in samples of the lower rate: 7 ms at 8 kHz.
    private static let lowerRateTaps = 56
    private static let coarseScale = 16384.0
}

/// The filters of all ratios between 8, 16, 24 and 48 kHz, each made on first use.
extension PolyphaseFilter {
    private static let x2 = PolyphaseFilter(up: 2, down: 1)
    private static let x3 = PolyphaseFilter(up: 3, down: 1)
    private static let x6 = PolyphaseFilter(up: 6, down: 1)
    private static let x3by2 = PolyphaseFilter(up: 3, down: 2)
    private static let by2 = PolyphaseFilter(up: 1, down: 2)
    private static let by3 = PolyphaseFilter(up: 1, down: 3)
    private static let by6 = PolyphaseFilter(up: 1, down: 6)
    private static let x2by3 = PolyphaseFilter(up: 2, down: 3)

    /// The filter from one rate to another, or nil where there is none of our own.
    static func filter(from: SampleRate, to: SampleRate) -> PolyphaseFilter? {
        let rates: Set<SampleRate> = [.hz8000, .hz16000, .hz24000, .hz48000]
        guard rates.contains(from), rates.contains(to) else { return nil }
        let ratio = SampleRatio(from: from, to: to, roundsUp: false)
        return switch (ratio.up, ratio.down) {
        case (2, 1): x2
        case (3, 1): x3
        case (6, 1): x6
        case (3, 2): x3by2
        case (1, 2): by2
        case (1, 3): by3
        case (1, 6): by6
        case (2, 3): x2by3
        default: nil
        }
    }
}
