// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The part of the boundary to CSpectralKernels that works in an echo canceller's memory.

/// What one canceller works on, 32 KB that stay where they are. Owned by one call at a time.
@safe
final class EchoCancellerMemory {
    static let partitions = Int(SK_CANCELLER_PARTITIONS)
    static let farBlocks = Int(SK_CANCELLER_FAR_BLOCKS)

    /// Nobody else has it; every kernel below stays within it.
    private let core: UnsafeMutablePointer<sk_canceller>

    init() {
        // On a cache line, so that no spectrum lies across one more than it must.
        let room = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<sk_canceller>.size, alignment: 64)
        unsafe core = room.bindMemory(to: sk_canceller.self, capacity: 1)
        clear()
    }

    deinit {
        unsafe UnsafeMutableRawPointer(core).deallocate()
    }

    /// Forgets everything: the last user's far end too.
    func clear() { unsafe sk_canceller_clear(core) }

    func clearFilters() { unsafe sk_canceller_clear_filters(core) }

    /// A third of the memory.
    enum Part {
        case background
        case inputs
        case foreground

        fileprivate var number: Int32 {
            switch self {
            case .background: Int32(SK_CANCELLER_BACKGROUND)
            case .inputs: Int32(SK_CANCELLER_INPUTS)
            case .foreground: Int32(SK_CANCELLER_FOREGROUND)
            }
        }
    }

    /// Asks for a part to be brought near while other work is done: among thousands of calls it is
    /// in no cache when it is needed.
    func fetch(_ part: Part) { unsafe sk_canceller_fetch(core, part.number) }

    /// Gives the background filter's coefficients to the foreground one.
    func promote() { unsafe sk_canceller_promote(core) }

    /// Gives the foreground filter's coefficients to the background one.
    func demote() { unsafe sk_canceller_demote(core) }

    /// Keeps a block of the far end. Empty: silence.
    func take(_ block: Span<Int16>, at slot: Int) {
        precondition(
            (block.isEmpty || block.count == RealFFT.blockLength)
                && (0..<Self.farBlocks).contains(slot), "The far end comes in blocks")
        // The kernel reads 64 samples or none (checked above).
        unsafe block.withUnsafeBufferPointer { block in
            unsafe sk_canceller_take(core, slot, block.isEmpty ? nil : block.baseAddress)
        }
    }

    /// Transforms a block of the far end. With the one transformed before it becomes the `newest`
    /// input, where that is a place.
    func transform(_ slot: Int, into newest: Int?) {
        precondition(
            (0..<Self.farBlocks).contains(slot) && (0..<Self.partitions).contains(newest ?? 0),
            "A filter and its inputs have the same partitions")
        unsafe sk_canceller_input(core, slot, newest ?? -1)
    }

    /// Writes the background filter's estimate and what both filters leave of `near`.
    func estimate(
        _ near: Span<Float>, newest: Int, into estimate: inout BlockValues,
        errors background: inout BlockValues, _ foreground: inout BlockValues
    ) -> (background: Float, foreground: Float, near: Float) {
        precondition(
            near.count == RealFFT.blockLength && (0..<Self.partitions).contains(newest),
            "A block has 64 samples")
        var energies = sk_canceller_energies()
        var estimate = estimate.mutableSpan
        var background = background.mutableSpan
        var foreground = foreground.mutableSpan
        // The kernel reads 64 samples (checked above) and writes 64 three times.
        unsafe near.withUnsafeBufferPointer { near in
            unsafe estimate.withUnsafeMutableBufferPointer { estimate in
                unsafe background.withUnsafeMutableBufferPointer { background in
                    unsafe foreground.withUnsafeMutableBufferPointer { foreground in
                        unsafe sk_canceller_estimate(
                            core, newest, near.baseAddress, estimate.baseAddress,
                            background.baseAddress, foreground.baseAddress, &energies)
                    }
                }
            }
        }
        return (energies.background, energies.foreground, energies.near)
    }

    /// Follows the powers of the newest input, the error and the estimate; writes the error's
    /// spectrum.
    func follow(
        error: inout BlockValues, estimate: inout BlockValues, newest: Int, farShare: Float,
        share: Float, into spectrum: inout Spectrum
    ) -> PowerChange {
        precondition((0..<Self.partitions).contains(newest), "No such input")
        var change = sk_leakage_result()
        var farPower: Float = 0
        var error = error.mutableSpan
        var estimate = estimate.mutableSpan
        var output = spectrum.values.mutableSpan
        // The kernel reads 64 samples of both and writes a spectrum.
        unsafe error.withUnsafeMutableBufferPointer { error in
            unsafe estimate.withUnsafeMutableBufferPointer { estimate in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_canceller_follow(
                        core, newest, error.baseAddress, estimate.baseAddress, farShare, share,
                        output.baseAddress, &farPower, &change)
                }
            }
        }
        return PowerChange(
            joint: change.joint, square: change.square, errorPower: change.error_power,
            echoPower: change.echo_power, farPower: farPower)
    }

    /// Moves the background filter along the gradient that the spectrum of the error makes, in
    /// steps of leakage * echo / error, limited to `step`; cuts one partition back to 64 taps.
    func adapt(
        along error: inout Spectrum, newest: Int, regularisation: Float, leakage: Float,
        step: ClosedRange<Float>, constrained: Int
    ) {
        precondition(
            (0..<Self.partitions).contains(newest) && (0..<Self.partitions).contains(constrained),
            "No such partition")
        let bounds = sk_adaptation_bounds(
            leakage: leakage, least: step.lowerBound, most: step.upperBound,
            scale: 1 / Float(Self.partitions))
        var error = error.values.mutableSpan
        // The kernel reads a spectrum.
        unsafe error.withUnsafeMutableBufferPointer { error in
            unsafe sk_canceller_adapt(
                core, newest, error.baseAddress, regularisation, bounds, constrained)
        }
    }

    /// Tells what the near end was a block ago, where the canceller did not run on that.
    func resume(after previous: Spectrum) {
        // The kernel reads a spectrum.
        unsafe previous.values.span.withUnsafeBufferPointer { previous in
            unsafe sk_canceller_resume(core, previous.baseAddress)
        }
    }

    /// Writes the levels of the bands of `residual` after the block before.
    func analyze(_ residual: Span<Float>, into levels: inout BandValues) {
        precondition(residual.count == RealFFT.blockLength, "A block has 64 samples")
        var levels = levels.mutableSpan
        // The kernel reads 64 samples (checked above) and writes 24 levels.
        unsafe residual.withUnsafeBufferPointer { residual in
            unsafe levels.withUnsafeMutableBufferPointer { levels in
                unsafe sk_canceller_levels(core, residual.baseAddress, levels.baseAddress)
            }
        }
    }
}

/// How the powers of a residual and of the echo estimate in it moved together.
struct PowerChange {
    var joint: Float
    var square: Float
    var errorPower: Float
    var echoPower: Float
    /// Of the newest input, over all bins.
    var farPower: Float
}
