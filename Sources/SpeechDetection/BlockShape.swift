// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

/// Power of a stretch of samples and of its first and second differences.
struct BlockShape: Sendable {
    /// Mean squares; `power` is that of what is left without the mean.
    private(set) var power: Float = 0
    private(set) var change: Float = 0
    private(set) var bend: Float = 0
    private(set) var sum = 0
    private(set) var least = Int16.max
    private(set) var most = Int16.min
    /// Samples at the limit of the format, where at least three in a row are.
    private(set) var clipped = 0

    /// The top codes of G.711 and the limits of 16 bits.
    private static let limit: Int32 = 31_900

    init(_ samples: Span<Int16>) {
        let count = samples.count
        guard count > 2 else { return }
        let sums = SpectralKernels.shape(of: samples)
        let scale = 1 / Float(count)
        let mean = Float(sums.sum) * scale
        power = max(0, Float(sums.squares) * scale - mean * mean)
        change = Float(sums.changes) * scale
        bend = Float(sums.bends) * scale
        sum = Int(sums.sum)
        least = sums.least
        most = sums.most
        if max(Int32(most), -Int32(least)) >= Self.limit { clipped = Self.clipped(in: samples) }
    }

    /// Power of the differences over the power: 0 for a slow wave, 2 for white noise, 4 for the
    /// fastest wave there is. Voiced speech is between 0.01 and 0.6.
    var roughness: Float { (change + 1) / (power + 1) }

    private static func clipped(in samples: Span<Int16>) -> Int {
        var found = 0
        var run = 0
        for index in 0..<samples.count {
            run = abs(Int32(samples[index])) >= limit ? run + 1 : 0
            if run == 3 { found += 3 } else if run > 3 { found += 1 }
        }
        return found
    }
}
