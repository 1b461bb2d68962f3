// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A number for each lag, rounded up to whole vectors.
typealias LagValues = InlineArray<96, Float>

/// The best lag, its coherence, and that of the best lag away from it.
struct LagPeaks {
    var lag: Int
    var best: Float
    var rival: Float
}

/// Products of two pattern signals at each lag, and their energies, forgotten at one pace.
struct LagSums: Sendable {
    let keep: Float
    private var sums = LagValues(repeating: 0)
    /// The far end's leaky energy at each of the last blocks, the newest first: what belongs to a lag
    /// is the energy as it stood that many blocks ago.
    private var farEnergies = LagValues(repeating: 0)
    private var farEnergy: Float = 0
    private var nearEnergy: Float = 0
    /// What blocks of noise have left of the sums, which are scaled when they are needed.
    private var left: Float = 1

    init(keep: Float) {
        self.keep = keep
    }

    mutating func clear() {
        self = LagSums(keep: keep)
    }

    mutating func observeFar(energy: Float) {
        farEnergy = keep * farEnergy + energy
        SpectralKernels.prepend(farEnergy, to: &farEnergies)
    }

    /// The near end's next block is noise: on the mean it adds to no product, but to the energy.
    mutating func observeNoise(energy: Float) {
        nearEnergy = keep * nearEnergy + energy
        left *= keep
    }

    /// Writes the coherence at each lag.
    mutating func observe(
        _ products: inout LagValues, nearEnergy energy: Float, least: Float,
        into coherence: inout LagValues
    ) {
        nearEnergy = keep * nearEnergy + energy
        let keep = keep * left
        left = 1
        SpectralKernels.lagCoherence(
            &products, keep: keep, sums: &sums, farEnergies: &farEnergies,
            nearEnergy: nearEnergy, least: least, into: &coherence)
    }
}
