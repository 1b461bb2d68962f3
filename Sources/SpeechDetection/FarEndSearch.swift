// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Finds an echo that comes seconds after the far end was given: platforms that take whole prompts
/// play them when they see fit.
///
/// The patterns of `EchoDelay`, averaged over six blocks, are correlated over 96 such steps: 4.6 s.
/// It runs only while no lag has been found, and costs a sixth of that search. An object, so that calls
/// of platforms that hold nothing back have no room for it. Owned by one call,
/// 3 KB; allocates in `init` only.
final class FarEndSearch {
    /// Blocks of a step: 48 ms.
    static let blocksPerStep = 6
    /// Where the lag should lie once the far end has been moved: far enough from zero for errors.
    private static let lagAfterwards = 12
    private static let leastEnergy: Float = 25_000
    private static let leastCoherence: Float = 0.33
    private static let leadOverRivals: Float = 1.3
    private static let guardSteps = 3
    private static let leadNeeded = 6
    private static let limit: Float = 36

    /// Steps that an offset may have.
    private let stepCount: Int
    private var patterns = [Int8](repeating: 0, count: SpectralKernels.patternOctets)
    private var head = 0
    private var sums = LagSums(keep: 0.975)
    private var far = BandValues(repeating: 0)
    private var near = BandValues(repeating: 0)
    private var blocks = 0
    private var candidate = 0
    private var lead = 0

    /// - Parameter blockLimit: the latest that the far end may be heard, in blocks.
    init(blockLimit: Int) {
        let reach = blockLimit + EchoDelay.lagCount
        stepCount = min(reach / Self.blocksPerStep + 1, EchoDelay.slotCount)
    }

    /// Takes both patterns of the next block.
    /// - Returns: blocks by which the far end should be delayed, once that is known.
    func observe(far farPattern: BandValues, near nearPattern: BandValues) -> Int? {
        // Taken out for the moment: one exclusive access instead of two a band.
        var farSum = far
        var nearSum = near
        for band in farSum.indices {
            farSum[band] += farPattern[band]
            nearSum[band] += nearPattern[band] * BandPattern.stepsPerDecibel
        }
        far = farSum
        near = nearSum
        blocks &+= 1
        guard blocks == Self.blocksPerStep else { return nil }
        blocks = 0
        return judge()
    }

    func clear() {
        for index in patterns.indices {
            patterns[index] = 0
        }
        sums.clear()
        far = BandValues(repeating: 0)
        near = far
        blocks = 0
        lead = 0
    }

    private func judge() -> Int? {
        head = (head == 0 ? EchoDelay.slotCount : head) - 1
        var farEnergy: Float = 0
        var nearEnergy: Float = 0
        var farSteps = InlineArray<24, Int8>(repeating: 0)
        var nearSteps = farSteps
        let farSum = far
        let nearSum = near
        for band in 0..<BandSpectrum.bandCount {
            let farStep = step(farSum[band])
            let nearStep = step(nearSum[band])
            farSteps[band] = Int8(farStep)
            nearSteps[band] = Int8(nearStep)
            farEnergy += farStep * farStep
            nearEnergy += nearStep * nearStep
        }
        far = BandValues(repeating: 0)
        near = far
        SpectralKernels.insert(farSteps, into: &patterns, head: head)
        sums.observeFar(energy: farEnergy)
        var products = LagValues(repeating: 0)
        var coherence = products
        SpectralKernels.lagProducts(&patterns, head: head, near: nearSteps, into: &products)
        sums.observe(
            &products, nearEnergy: nearEnergy, least: Self.leastEnergy, into: &coherence)
        let peaks = SpectralKernels.lagPeaks(
            &coherence, count: stepCount, guarding: Self.guardSteps)
        return follow(peaks)
    }

    private func step(_ sum: Float) -> Float {
        let mean = (sum / Float(Self.blocksPerStep) * 2).rounded(.toNearestOrEven)
        return min(max(mean, -Self.limit), Self.limit)
    }

    private func follow(_ peaks: LagPeaks) -> Int? {
        guard peaks.best > Self.leastCoherence,
            peaks.best > Self.leadOverRivals * peaks.rival
        else {
            lead = max(0, lead - 1)
            return nil
        }
        lead = abs(peaks.lag - candidate) <= 1 ? lead + 1 : 1
        candidate = peaks.lag
        guard lead >= Self.leadNeeded else { return nil }
        let blocks = candidate * Self.blocksPerStep
        // What the fine search can find needs no help.
        guard blocks > EchoDelay.lagCount - Self.blocksPerStep else { return nil }
        return blocks - Self.lagAfterwards
    }
}
