// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Finds by how many blocks the echo lies behind the far end, and which other lags it may have.
///
/// Both signals are reduced to patterns: the level of each band less its own mean, limited to
/// 12 dB. Patterns of the far end are kept for 96 blocks; those of the near end are correlated
/// with 84 of them (0...672 ms) at each block, into three sets of sums with memories of about
/// 1.2 s, 320 ms and 100 ms. The slow set decides on the lag. All sets together give the lags that
/// an echo *may* have: the only guard while a second echo or a jump of the delay is about.
///
/// Owned by one call, 5 KB; allocates in `init` only.
package struct EchoDelay: Sendable {
    static let lagCount = 84
    static let slotCount = 96

    private static let lowestFarLevel: Float = 5
    /// Bands that reach this far above the floor at most are noise.
    private static let noiseDepth: Float = 5
    /// Pattern energy, in steps squared, below which a set of sums says nothing.
    private static let leastSlowEnergy: Float = 27_000
    private static let leastFastEnergy: Float = 18_000
    private static let leastInstantEnergy: Float = 9_000
    /// Blocks in a row for which a lag must lead before it is believed.
    private static let leadNeeded = 6

    /// The lag of the strongest echo in blocks, once found.
    package private(set) var lag: Int?
    /// Coherence of the best lag, and of the best that is not a neighbour of it.
    private(set) var coherence: Float = 0
    private(set) var rivalCoherence: Float = 0
    /// The best coherence over the last 320 ms and 100 ms, at whatever lag.
    private(set) var fastCoherence: Float = 0
    private(set) var instantCoherence: Float = 0
    /// 0xFF for each lag at which echo is plausible, the lock and its neighbours included.
    private(set) var plausible = InlineArray<96, UInt8>(repeating: 0)
    private(set) var plausibleCount = 0
    /// The near end's pattern of this block.
    private(set) var nearPattern = BandValues(repeating: 0)

    private var patterns = [Int8](repeating: 0, count: SpectralKernels.patternOctets)
    private var head = 0
    private var farMean = BandValues(repeating: 0)
    private var nearMean = BandValues(repeating: 0)
    private var hasNearMean = false
    /// Of the newest block that held noise and was looked at.
    private var noiseEnergy: Float = 0
    private var slow = LagSums(keep: 0.9935)
    private var fast = LagSums(keep: 0.975)
    private var instant = LagSums(keep: 0.92)
    private var candidate: Int?
    private var candidateLead = 0
    private let followsOneLag: Bool

    /// - Parameter followsOneLag: takes only the lock for plausible, to measure what that costs.
    init(followsOneLag: Bool = false) {
        self.followsOneLag = followsOneLag
    }

    /// Takes the next block of the far end.
    mutating func observeFar(_ levels: BandValues) {
        head = (head == 0 ? Self.slotCount : head) - 1
        let pattern = SpectralKernels.pattern(
            levels, floor: BandValues(repeating: Self.lowestFarLevel), noise: -.infinity,
            mean: &farMean)
        SpectralKernels.insert(pattern.steps, into: &patterns, head: head)
        slow.observeFar(energy: pattern.energy)
        fast.observeFar(energy: pattern.energy)
        instant.observeFar(energy: pattern.energy)
    }

    /// Takes the next block of the near end, after that of the far end.
    /// - Returns: whether the lock has moved.
    mutating func observeNear(
        _ levels: BandValues, floor: BandValues
    ) -> Bool {
        let pattern = pattern(levels, floor)
        nearPattern = pattern.values
        var products = LagValues(repeating: 0)
        SpectralKernels.lagProducts(&patterns, head: head, near: pattern.steps, into: &products)
        return judge(&products, nearEnergy: pattern.energy)
    }

    /// Takes the near end's next block where it holds its noise and nothing else: the coherences fade
    /// by as much as noise makes them.
    mutating func observeSilence(_ levels: BandValues, floor: BandValues) {
        let pattern = pattern(levels, floor)
        nearPattern = pattern.values
        noiseEnergy = pattern.energy
        fade()
    }

    /// The same for a block that is not looked at, because nothing stirs.
    mutating func passOver() {
        nearPattern = BandValues(repeating: 0)
        fade()
    }

    private mutating func fade() {
        slow.observeNoise(energy: noiseEnergy)
        fast.observeNoise(energy: noiseEnergy)
        instant.observeNoise(energy: noiseEnergy)
        coherence *= slow.keep
        fastCoherence *= fast.keep
        instantCoherence *= instant.keep
    }

    private mutating func pattern(_ levels: BandValues, _ floor: BandValues) -> BandPattern {
        if !hasNearMean {
            hasNearMean = true
            for band in nearMean.indices {
                nearMean[band] = max(levels[band], floor[band])
            }
        }
        // How far a band falls into the noise says little about the echo.
        return SpectralKernels.pattern(
            levels, floor: floor, noise: Self.noiseDepth, mean: &nearMean)
    }

    /// Asks for the far end's past to be brought near.
    mutating func fetch() { SpectralKernels.fetch(elementsOf: &patterns) }

    /// Forgets the far end's past, but not the delay: nothing has been heard for longer than that.
    mutating func clearHistory() {
        for index in patterns.indices {
            patterns[index] = 0
        }
    }

    /// Forgets the lock and what led to it: the far end has been moved.
    mutating func unlock() {
        clearHistory()
        slow.clear()
        fast.clear()
        instant.clear()
        lag = nil
        candidate = nil
        candidateLead = 0
    }

    /// The far end's pattern `lag` blocks ago, in steps.
    ///
    /// Mutating in name only: else the compiler copies all of self for the call.
    mutating func farPattern(at lag: Int, into pattern: inout BandValues) {
        let slot = head &+ lag < Self.slotCount ? head &+ lag : head &+ lag &- Self.slotCount
        SpectralKernels.pattern(&patterns, column: slot, into: &pattern)
    }

    private mutating func judge(_ products: inout LagValues, nearEnergy: Float) -> Bool {
        var slowly = LagValues(repeating: 0)
        var quickly = slowly
        slow.observe(
            &products, nearEnergy: nearEnergy, least: Self.leastSlowEnergy, into: &slowly)
        // Its own result first: the quick one's is needed further on.
        instant.observe(
            &products, nearEnergy: nearEnergy, least: Self.leastInstantEnergy, into: &quickly)
        instantCoherence = SpectralKernels.highest(&quickly, count: Self.lagCount)
        fast.observe(
            &products, nearEnergy: nearEnergy, least: Self.leastFastEnergy, into: &quickly)
        fastCoherence = SpectralKernels.highest(&quickly, count: Self.lagCount)
        let peaks = SpectralKernels.lagPeaks(&slowly, count: Self.lagCount, guarding: 6)
        coherence = peaks.best
        rivalCoherence = peaks.rival
        let moved = follow(peaks, &slowly)
        mark(&slowly, &quickly)
        return moved
    }

    private mutating func follow(_ peaks: LagPeaks, _ slowly: inout LagValues) -> Bool {
        if peaks.best > 0.22, peaks.best > 1.25 * peaks.rival {
            if let candidate, abs(peaks.lag - candidate) <= 1 {
                candidateLead &+= 1
            } else {
                candidate = peaks.lag
                candidateLead = 1
            }
        } else {
            candidateLead = max(0, candidateLead - 1)
        }
        guard candidateLead >= Self.leadNeeded, let candidate else { return false }
        if let lag {
            guard abs(lag - candidate) > 1, slowly[lag] < 0.8 * peaks.best else { return false }
        }
        lag = candidate
        return true
    }

    private mutating func mark(_ slowly: inout LagValues, _ quickly: inout LagValues) {
        // A coherence is never so high: only the lock and its neighbours are left.
        let leastSlow = followsOneLag ? .infinity : max(0.12, 0.4 * coherence)
        let leastFast = followsOneLag ? .infinity : max(0.28, 0.6 * fastCoherence)
        plausibleCount = SpectralKernels.markPlausible(
            &slowly, above: leastSlow, &quickly, above: leastFast, count: Self.lagCount, lock: lag,
            in: &plausible)
    }
}
