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

    init(memory: consuming EchoCancellerMemory) {
        self.memory = consume memory
        clearFilters()
        self.memory.farPower[0] = BlockValues(repeating: 0)
        self.memory.errorPower[0] = BlockValues(repeating: 0)
        self.memory.echoPower[0] = BlockValues(repeating: 0)
        // The far end of the call that used this memory before.
        for index in self.memory.far.indices {
            self.memory.far[index] = 0
        }
    }

    /// Takes the next block of the far end, needed at every block. Empty: silence.
    mutating func observeFar(_ block: Span<Int16>) {
        newestFar = newestFar &+ 1 == EchoCancellerMemory.farBlocks ? 0 : newestFar &+ 1
        let start = newestFar &* RealFFT.blockLength
        for index in 0..<RealFFT.blockLength {
            memory.far[start &+ index] = index < block.count ? block[index] : 0
        }
        missed = min(missed &+ 1, Self.partitions)
    }

    /// Starts again at another lag.
    mutating func restart(at lag: Int) {
        self.lag = lag
        clearFilters()
        missed = Self.partitions
        convergence = 0
        blocksRun = 0
    }

    private mutating func clearFilters() {
        for partition in 0..<Self.partitions {
            memory.background[partition] = Spectrum()
            memory.foreground[partition] = Spectrum()
        }
    }

    /// Writes the near end less its predicted echo.
    /// - Precondition: `restart(at:)` was called, and `observeFar` for this block.
    mutating func cancel(_ near: Span<Float>, into residual: inout MutableSpan<Float>) {
        loadInputs()
        blocksRun &+= 1
        var estimate = Estimate()
        var backgroundError = BlockValues(repeating: 0)
        estimate.make(&memory.background, &memory.inputs, newest: newest)
        let background = SpectralKernels.subtract(
            estimate.samples.span.extracting(64..<128), from: near, into: &backgroundError)
        let backgroundEstimate = estimate
        estimate.make(&memory.foreground, &memory.inputs, newest: newest)
        var foregroundError = BlockValues(repeating: 0)
        let foreground = SpectralKernels.subtract(
            estimate.samples.span.extracting(64..<128), from: near, into: &foregroundError)
        let energy = SpectralKernels.energy(near)
        choose(
            background: background, foreground: foreground, near: energy,
            foregroundError: foregroundError, backgroundError: &backgroundError)
        let adds = foregroundEnergy > 1.05 * nearEnergy && foreground > energy
        for index in 0..<RealFFT.blockLength {
            residual[index] = adds ? near[index] : foregroundError[index]
        }
        adapt(error: backgroundError, estimate: backgroundEstimate)
    }

    /// Levels of the bands of what `cancel` left of a block.
    /// - Parameter previous: where it did not run before: what the near end was a block ago.
    mutating func analyze(
        _ residual: Span<Float>, after previous: Spectrum?, into levels: inout BandValues
    ) {
        var newest = Spectrum()
        RealFFT.forward(residual, into: &newest)
        var power = BandValues(repeating: 0)
        SpectralKernels.bandPower(
            newest, after: previous ?? memory.lastResidual[0], into: &power)
        var output = levels.mutableSpan
        SpectralKernels.decibels(power.span, into: &output)
        memory.lastResidual[0] = newest
    }

    /// Brings the filter's inputs up to the newest block.
    private mutating func loadInputs() {
        guard let lag else { preconditionFailure("A canceller needs a lag") }
        let first = max(lag - Self.lead, 0)
        while missed > 0 {
            missed &-= 1
            let age = first &+ missed
            if missed == Self.partitions - 1 {
                transformFar(age: age &+ 1)
            }
            let before = memory.lastInput[0]
            transformFar(age: age)
            var input = Spectrum()
            RealFFT.join(memory.lastInput[0], after: before, into: &input)
            input.clearEnds()
            newest = (newest == 0 ? Self.partitions : newest) - 1
            memory.inputs[newest] = input
        }
    }

    private mutating func transformFar(age: Int) {
        let slot = newestFar &- age
        let start =
            (slot < 0 ? slot &+ EchoCancellerMemory.farBlocks : slot) &* RealFFT.blockLength
        var block = BlockValues(repeating: 0)
        for index in 0..<RealFFT.blockLength {
            block[index] = Float(memory.far[start &+ index])
        }
        RealFFT.forward(block.span, into: &memory.lastInput[0])
    }

    /// Moves coefficients between the two filters by their errors.
    private mutating func choose(
        background: Float, foreground: Float, near: Float,
        foregroundError: BlockValues, backgroundError: inout BlockValues
    ) {
        foregroundEnergy += Self.energyShare * (foreground - foregroundEnergy)
        backgroundEnergy += Self.energyShare * (background - backgroundEnergy)
        nearEnergy += Self.energyShare * (near - nearEnergy)
        if backgroundEnergy < 0.8 * foregroundEnergy, background < foreground {
            for partition in 0..<Self.partitions {
                memory.foreground[partition] = memory.background[partition]
            }
            foregroundEnergy = backgroundEnergy
        } else if backgroundEnergy > 1.6 * foregroundEnergy + 1 {
            for partition in 0..<Self.partitions {
                memory.background[partition] = memory.foreground[partition]
            }
            backgroundEnergy = foregroundEnergy
            backgroundError = foregroundError
        }
        let follows = foregroundEnergy < 0.4 * nearEnergy
        convergence = follows ? min(convergence + 1, 200) : max(convergence - 1, 0)
    }

    private mutating func adapt(error: BlockValues, estimate: Estimate) {
        var errorSpectrum = Spectrum()
        var echoSpectrum = Spectrum()
        RealFFT.forward(error.span, into: &errorSpectrum)
        RealFFT.forward(estimate.samples.span.extracting(64..<128), into: &echoSpectrum)
        errorSpectrum.clearEnds()
        echoSpectrum.clearEnds()
        let totalPower = SpectralKernels.followPower(
            of: memory.inputs[newest], share: Self.farPowerShare, power: &memory.farPower[0])
        let change = SpectralKernels.followLeakage(
            error: errorSpectrum, echo: echoSpectrum, share: Self.powerShare,
            errorPower: &memory.errorPower[0],
            echoPower: &memory.echoPower[0])
        let pace = max(0.03 * min(1, change.echoPower / (change.errorPower + 0.001)), 0.002)
        jointChange = (1 - pace) * jointChange + pace * change.joint
        squareChange = (1 - pace) * squareChange + pace * (change.square + 0.001)
        leakage = min(max(jointChange / squareChange, 0.01), 1)
        var rates = BlockValues(repeating: 0)
        SpectralKernels.adaptationRates(
            errorPower: memory.errorPower[0], echoPower: memory.echoPower[0],
            farPower: memory.farPower[0],
            regularisation: totalPower / 64 * 0.01 + 2000,
            leakage: leakage, step: isConverged ? 0.05...0.7 : 0.35...0.35,
            scale: 1 / Float(Self.partitions), into: &rates)
        SpectralKernels.adapt(
            &memory.background, inputs: &memory.inputs, newest: newest, error: errorSpectrum,
            rates: rates)
        constrain()
    }

    /// Cuts one partition of the background filter back to 64 taps, in turn.
    private mutating func constrain() {
        let partition = nextConstrained
        nextConstrained = partition &+ 1 == Self.partitions ? 0 : partition &+ 1
        var taps = InlineArray<128, Float>(repeating: 0)
        var all = taps.mutableSpan
        RealFFT.inverse(memory.background[partition], into: &all)
        var late = Spectrum()
        RealFFT.forward(taps.span.extracting(0..<64), into: &late)
        // That was of 64 zeros and then the taps; a join with nothing moves them to the front.
        var weights = Spectrum()
        RealFFT.join(Spectrum(), after: late, into: &weights)
        weights.clearEnds()
        memory.background[partition] = weights
    }
}

/// A number for each sample of a block, or for each bin.
typealias BlockValues = InlineArray<64, Float>

/// The echo as one filter sees it: the later half of `samples`.
private struct Estimate {
    var samples = InlineArray<128, Float>(repeating: 0)

    mutating func make(_ filter: inout [Spectrum], _ inputs: inout [Spectrum], newest: Int) {
        var spectrum = Spectrum()
        SpectralKernels.apply(&filter, inputs: &inputs, newest: newest, into: &spectrum)
        var all = samples.mutableSpan
        RealFFT.inverse(spectrum, into: &all)
    }
}

extension Spectrum {
    /// Silences bins 0 and 64.
    fileprivate mutating func clearEnds() {
        values[0] = 0
        values[Self.binCount] = 0
    }
}
