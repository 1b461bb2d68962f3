// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The boundary to CSpectralKernels: the only file that calls it. Each function states the relation
// of the counts once and lends the spans' memory to the kernel for the length of the call.

enum SpectralKernels {
    /// Converts the 64 `samples`.
    static func convert(_ samples: Span<Int16>, into block: inout MutableSpan<Float>) {
        precondition(
            samples.count == RealFFT.blockLength && block.count == samples.count,
            "A block has 64 samples")
        // The kernel reads and writes 64 samples (checked above).
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe block.withUnsafeMutableBufferPointer { block in
                unsafe sk_block(samples.baseAddress, block.baseAddress)
            }
        }
    }

    /// Transforms 64 zeros followed by the 64 `samples`.
    static func forward(_ samples: Span<Float>, into spectrum: inout Spectrum) {
        precondition(samples.count == RealFFT.blockLength, "A block has 64 samples")
        var spectrum = spectrum.values.mutableSpan
        // The kernel reads 64 samples (checked above) and writes a spectrum.
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe spectrum.withUnsafeMutableBufferPointer { spectrum in
                unsafe sk_fft_forward(samples.baseAddress, spectrum.baseAddress)
            }
        }
    }

    /// Writes the 128 samples whose transform is `spectrum`.
    static func inverse(_ spectrum: Spectrum, into samples: inout MutableSpan<Float>) {
        precondition(samples.count == 2 * RealFFT.blockLength, "A transform has 128 samples")
        // The kernel reads a spectrum and writes 128 samples (checked above).
        unsafe spectrum.values.span.withUnsafeBufferPointer { spectrum in
            unsafe samples.withUnsafeMutableBufferPointer { samples in
                unsafe sk_fft_inverse(spectrum.baseAddress, samples.baseAddress)
            }
        }
    }

    /// Writes the spectrum of two blocks in a row from those of each behind 64 zeros.
    static func join(
        _ spectrum: Spectrum, after previous: Spectrum, into full: inout Spectrum
    ) {
        var full = full.values.mutableSpan
        // The kernel reads two spectra and writes one.
        unsafe spectrum.values.span.withUnsafeBufferPointer { spectrum in
            unsafe previous.values.span.withUnsafeBufferPointer { previous in
                unsafe full.withUnsafeMutableBufferPointer { full in
                    unsafe sk_join(spectrum.baseAddress, previous.baseAddress, full.baseAddress)
                }
            }
        }
    }

    /// Moves `spectrum` to `previous`, transforms 64 samples, and writes the power and level of each
    /// band of both blocks in a row.
    static func analyze(
        _ samples: Span<Float>, spectrum: inout Spectrum, previous: inout Spectrum,
        power: inout BandValues, level: inout BandValues
    ) {
        precondition(samples.count == RealFFT.blockLength, "A block has 64 samples")
        var spectrum = spectrum.values.mutableSpan
        var previous = previous.values.mutableSpan
        var power = power.mutableSpan
        var level = level.mutableSpan
        // The kernel reads 64 samples (checked above), changes two spectra and writes 24 numbers
        // twice.
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe spectrum.withUnsafeMutableBufferPointer { spectrum in
                unsafe previous.withUnsafeMutableBufferPointer { previous in
                    unsafe power.withUnsafeMutableBufferPointer { power in
                        unsafe level.withUnsafeMutableBufferPointer { level in
                            unsafe sk_analyze(
                                samples.baseAddress, spectrum.baseAddress, previous.baseAddress,
                                power.baseAddress, level.baseAddress)
                        }
                    }
                }
            }
        }
    }

    /// Writes 10 log10(power + 0.001) for each of `power`, whose count is a multiple of 8.
    static func decibels(_ power: Span<Float>, into level: inout MutableSpan<Float>) {
        let count = power.count
        precondition(count % 8 == 0 && level.count == count, "Levels are made eight at a time")
        // The kernel reads `count` powers and writes as many levels, which both views have.
        unsafe power.withUnsafeBufferPointer { power in
            unsafe level.withUnsafeMutableBufferPointer { level in
                unsafe sk_decibels(power.baseAddress, level.baseAddress, count)
            }
        }
    }

    /// The output of `net` for `inputs`.
    static func run(_ net: SmallNet, _ inputs: Span<Float>) -> Float {
        precondition(inputs.count == net.inputCount, "Inputs of another net")
        // SmallNet's init has checked that its arrays have the counts given here.
        return unsafe net.weights.withUnsafeBufferPointer { weights in
            unsafe net.bias.withUnsafeBufferPointer { bias in
                unsafe net.output.withUnsafeBufferPointer { output in
                    unsafe inputs.withUnsafeBufferPointer { inputs in
                        var layers = unsafe sk_net(
                            weights: weights.baseAddress, bias: bias.baseAddress,
                            output: output.baseAddress, output_bias: net.outputBias,
                            inputs: UInt32(net.inputCount), hidden: UInt32(net.hiddenCount))
                        var result: Float = 0
                        unsafe sk_net_run(&layers, inputs.baseAddress, &result)
                        return result
                    }
                }
            }
        }
    }

    /// Sums of a signal's products with its past; belongs to `PitchAnalysis`.
    struct PitchSums: Sendable {
        fileprivate var values = sk_pitch_sums()
    }

    /// What a decimation keeps of its signal; belongs to `PitchAnalysis`.
    struct PitchFilter: Sendable {
        fileprivate var values = sk_pitch_filter()
    }

    /// Writes 16 samples at 2 kHz of the 64 of `block` to `samples`, from place `start` on.
    static func decimate(
        _ block: Span<Float>, pole: Float, filter: inout PitchFilter,
        into samples: inout InlineArray<48, Float>, from start: Int
    ) {
        precondition(block.count == RealFFT.blockLength, "A block has 64 samples")
        precondition((0...32).contains(start), "No room for 16 samples")
        var room = samples.mutableSpan
        // The kernel reads 64 samples and writes 16 (both checked above).
        unsafe block.withUnsafeBufferPointer { block in
            unsafe room.withUnsafeMutableBufferPointer { room in
                guard let first = room.baseAddress else { return }
                unsafe sk_pitch_decimate(
                    block.baseAddress, pole, &filter.values, first + start)
            }
        }
    }

    /// Adds the last 16 of 48 samples to `sums` and finds the peak of the correlation.
    static func observePitch(
        _ samples: Span<Float>, kept: Float, sums: inout PitchSums
    ) -> (strength: Float, lag: Float) {
        precondition(samples.count == 48, "Pitch is analysed 16 samples at a time behind 32")
        var pitch = sk_pitch()
        // The kernel reads 48 samples (checked above) and changes the sums, which have their type.
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe sk_pitch_observe(samples.baseAddress, kept, &sums.values, &pitch)
        }
        return (pitch.strength, pitch.lag)
    }

    /// Where a noise floor goes; belongs to `NoiseFloor`.
    struct FloorRule: Sendable {
        fileprivate var values: sk_floor_rule

        init(smoothing: Float, raise: Float, fall: Float, rise: Float, lowest: Float) {
            values = sk_floor_rule(
                smoothing: smoothing, raise: raise, fall: fall, rise: rise, lowest: lowest)
        }
    }

    /// Follows `levels` with `floor`. The track is smoothed levels, their newest minimum and the
    /// older one.
    static func follow(
        _ levels: BandValues, by rule: FloorRule, track: inout InlineArray<72, Float>,
        floor: inout BandValues
    ) {
        var track = track.mutableSpan
        var floor = floor.mutableSpan
        var rule = rule.values
        // The kernel reads 24 levels, and changes 72 and 24 numbers, which the types have.
        unsafe levels.span.withUnsafeBufferPointer { levels in
            unsafe track.withUnsafeMutableBufferPointer { track in
                unsafe floor.withUnsafeMutableBufferPointer { floor in
                    unsafe sk_floor_follow(
                        &rule, levels.baseAddress, track.baseAddress, floor.baseAddress)
                }
            }
        }
    }

    /// Writes how far each band is above the floor and above the mean of all.
    static func features(
        _ levels: BandValues, floor: BandValues, before: inout BandValues,
        into values: inout InlineArray<48, Float>
    ) -> (mean: Float, change: Float, bandsAboveFloor: Int) {
        var before = before.mutableSpan
        var values = values.mutableSpan
        var summary = sk_band_summary()
        // The kernel reads 24 levels and floors, changes 24 levels and writes 45 values, which the
        // types have.
        unsafe levels.span.withUnsafeBufferPointer { levels in
            unsafe floor.span.withUnsafeBufferPointer { floor in
                unsafe before.withUnsafeMutableBufferPointer { before in
                    unsafe values.withUnsafeMutableBufferPointer { values in
                        unsafe sk_band_features(
                            levels.baseAddress, floor.baseAddress, before.baseAddress,
                            values.baseAddress, &summary)
                    }
                }
            }
        }
        return (summary.mean, summary.change, Int(summary.above_floor))
    }

    /// The layers of a recurrent net in memory that lives as long as the process: weights are the
    /// program's, and a call that used counted references would pay for them with each block.
    @safe
    struct RecurrentLayers: @unchecked Sendable {
        // Nothing writes to what it points to after init.
        fileprivate let unit: sk_gru

        /// The arrays are in the kernel's order, of the counts it reads.
        init(
            inputWeights: [Int16], stateWeights: [Int16], bias: [Float], output: [Float],
            outputBias: Float, inputCount: Int
        ) {
            unsafe unit = sk_gru(
                input_weights: Self.kept(inputWeights), state_weights: Self.kept(stateWeights),
                bias: Self.kept(bias), output: Self.kept(output), output_bias: outputBias,
                inputs: UInt32(inputCount))
        }

        private static func kept<Number: BitwiseCopyable>(
            _ numbers: [Number]
        ) -> UnsafePointer<Number> {
            let memory = UnsafeMutableBufferPointer<Number>.allocate(capacity: numbers.count)
            _ = unsafe memory.initialize(from: numbers)
            guard let start = memory.baseAddress else { preconditionFailure("No weights") }
            return unsafe UnsafePointer(start)
        }
    }

    /// Moves `state` by one step and returns the output.
    static func step(
        _ layers: RecurrentLayers, _ inputs: Span<Float>, state: inout MutableSpan<Float>
    ) -> Float {
        var result: Float = 0
        var unit = unsafe layers.unit
        precondition(
            inputs.count == Int(unsafe unit.inputs) && state.count == RecurrentNet.unitCount,
            "Inputs or state of another net")
        // The kernel reads the inputs (checked above), the layers, which RecurrentNet has checked,
        // and changes the state (checked above).
        unsafe inputs.withUnsafeBufferPointer { inputs in
            unsafe state.withUnsafeMutableBufferPointer { state in
                unsafe sk_gru_step(&unit, inputs.baseAddress, state.baseAddress, &result)
            }
        }
        return result
    }
}
