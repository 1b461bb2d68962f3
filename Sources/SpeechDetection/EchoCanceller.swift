// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Subtracts what a 96 ms filter can predict of the echo: stage 2 of the barge-in detector.
///
/// A partitioned block filter in the frequency domain with two sets of coefficients: the background
/// one adapts at all times, the foreground one makes the output and takes the background's
/// coefficients over when those have proved better. Its step follows the regression of the residual
/// on the estimate (Valin: On adjusting the learning rate in frequency domain echo cancellation
/// with double-talk). Bins 0 and 64 are left out: telephony has nothing there.
///
/// Works at the lag that `EchoDelay` found, two blocks ahead of it. Owned by one call; a block
/// allocates nothing and costs eight transforms.
struct EchoCanceller {
    private static let partitions = EchoCancellerMemory.partitions
    /// Blocks between the filter's first partition and the lag.
    private static let lead = 2
    private static let energyShare: Float = 0.15
    private static let farPowerShare: Float = 0.15
    private static let powerShare: Float = 0.08
    private static let convergedBlocks = 20

    /// Given back to the pool when the canceller is done.
    private(set) var memory: EchoCancellerMemory

    /// How much of the error's power is echo that leaks through, 0.01...1.
    private(set) var leakage: Float = 0.1
    /// Whether the estimate removes most of what comes back.
    var isConverged: Bool { convergence > Self.convergedBlocks }
    /// Echo return loss enhancement: how far the residual lies below the near end, in dB.
    var enhancement: Float {
        SpectralKernels.decibels((nearEnergy + 1) / (foregroundEnergy + 1))
    }

    /// Blocks that the filter has adapted to since it started.
    private(set) var blocksRun = 0

    private var lag: Int?
    private var newestFar = 0
    private var newest = 0
    /// Blocks that the far end is ahead of the filter's inputs, as the canceller did not run.
    private var missed = partitions
    private var foregroundEnergy: Float = 0
    private var backgroundEnergy: Float = 0
    private var nearEnergy: Float = 0
    private var jointChange: Float = 0
    private var squareChange: Float = 0.001
    private var convergence = 0
    private var nextConstrained = 0

    init(memory: EchoCancellerMemory) {
        self.memory = memory
        memory.clear()
    }

    /// Takes the next block of the far end, needed at every block. Empty: silence.
    mutating func observeFar(_ block: Span<Int16>) {
        newestFar = newestFar &+ 1 == EchoCancellerMemory.farBlocks ? 0 : newestFar &+ 1
        memory.take(block, at: newestFar)
        missed = min(missed &+ 1, Self.partitions)
    }

    /// Starts again at another lag.
    mutating func restart(at lag: Int) {
        self.lag = lag
        memory.clearFilters()
        missed = Self.partitions
        convergence = 0
        blocksRun = 0
    }

    /// Writes the near end less its predicted echo.
    /// - Precondition: `restart(at:)` was called, and `observeFar` for this block.
    mutating func cancel(_ near: Span<Float>, into residual: inout MutableSpan<Float>) {
        loadInputs()
        blocksRun &+= 1
        var estimate = BlockValues(repeating: 0)
        var background = estimate
        var foreground = estimate
        let energies = memory.estimate(
            near, newest: newest, into: &estimate, errors: &background, &foreground)
        let isReplaced = choose(
            background: energies.background, foreground: energies.foreground, near: energies.near)
        let adds = foregroundEnergy > 1.05 * nearEnergy && energies.foreground > energies.near
        if adds {
            SpectralKernels.copy(near, to: &residual)
        } else {
            SpectralKernels.copy(foreground.span, to: &residual)
        }
        if isReplaced {
            adapt(error: &foreground, estimate: &estimate)
        } else {
            adapt(error: &background, estimate: &estimate)
        }
    }

    /// Tells what the near end was a block ago, where `cancel` did not run on that.
    mutating func resume(after previous: Spectrum) { memory.resume(after: previous) }

    /// Levels of the bands of what `cancel` left of a block.
    mutating func analyze(_ residual: Span<Float>, into levels: inout BandValues) {
        memory.analyze(residual, into: &levels)
    }

    /// Brings the filter's inputs up to the newest block.
    private mutating func loadInputs() {
        guard let lag else { preconditionFailure("A canceller needs a lag") }
        let first = max(lag - Self.lead, 0)
        while missed > 0 {
            missed &-= 1
            let age = first &+ missed
            if missed == Self.partitions - 1 {
                memory.transform(slot(age: age &+ 1), into: nil)
            }
            newest = (newest == 0 ? Self.partitions : newest) - 1
            memory.transform(slot(age: age), into: newest)
        }
    }

    private func slot(age: Int) -> Int {
        let slot = newestFar &- age
        return slot < 0 ? slot &+ EchoCancellerMemory.farBlocks : slot
    }

    /// Moves coefficients between the two filters by their errors.
    /// - Returns: whether the background filter was given up, and its error with it.
    private mutating func choose(background: Float, foreground: Float, near: Float) -> Bool {
        foregroundEnergy += Self.energyShare * (foreground - foregroundEnergy)
        backgroundEnergy += Self.energyShare * (background - backgroundEnergy)
        nearEnergy += Self.energyShare * (near - nearEnergy)
        var isReplaced = false
        if backgroundEnergy < 0.8 * foregroundEnergy, background < foreground {
            memory.promote()
            foregroundEnergy = backgroundEnergy
        } else if backgroundEnergy > 1.6 * foregroundEnergy + 1 {
            memory.demote()
            backgroundEnergy = foregroundEnergy
            isReplaced = true
        }
        let follows = foregroundEnergy < 0.4 * nearEnergy
        convergence = follows ? min(convergence + 1, 200) : max(convergence - 1, 0)
        return isReplaced
    }

    private mutating func adapt(error: inout BlockValues, estimate: inout BlockValues) {
        var spectrum = Spectrum()
        let change = memory.follow(
            error: &error, estimate: &estimate, newest: newest, farShare: Self.farPowerShare,
            share: Self.powerShare, into: &spectrum)
        let pace = max(0.03 * min(1, change.echoPower / (change.errorPower + 0.001)), 0.002)
        jointChange = (1 - pace) * jointChange + pace * change.joint
        squareChange = (1 - pace) * squareChange + pace * (change.square + 0.001)
        leakage = min(max(jointChange / squareChange, 0.01), 1)
        memory.adapt(
            along: &spectrum, newest: newest,
            regularisation: change.farPower / 64 * 0.01 + 2000, leakage: leakage,
            step: isConverged ? 0.05...0.7 : 0.35...0.35, constrained: nextConstrained)
        nextConstrained = nextConstrained &+ 1 == Self.partitions ? 0 : nextConstrained &+ 1
    }
}

/// A number for each sample of a block, or for each bin.
typealias BlockValues = InlineArray<64, Float>

/// What the canceller does with a block.
enum CancellerPart {
    case none
    /// It adapts, and its output is not used.
    case follows
    case cancels
}
