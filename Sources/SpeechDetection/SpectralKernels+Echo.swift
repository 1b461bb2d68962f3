// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The part of the boundary to CSpectralKernels that serves the echo path. Arrays come `inout` even
// where they are only read: a span of a stored array would lock the whole of its owner.

extension SpectralKernels {
    /// Octets that a ring of levels needs after its last row.
    static var overreach: Int { Int(SK_LEVEL_OVERREACH) }

    private static let badRing = "A ring of blocks has 96 columns"

    /// Products of `near` with the far patterns at each lag.
    static func lagProducts(
        _ patterns: inout [Int8], head: Int, near: InlineArray<24, Int8>
    ) -> LagValues {
        precondition(
            patterns.count == EchoDelay.slotCount * BandSpectrum.bandCount
                && (0..<EchoDelay.slotCount).contains(head), badRing)
        var products = LagValues(repeating: 0)
        var output = products.mutableSpan
        // The kernel reads 96 columns of 21 bands (checked above) and 21 numbers, and writes 96.
        unsafe patterns.withUnsafeBufferPointer { patterns in
            unsafe near.span.withUnsafeBufferPointer { near in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_lag_products(
                        patterns.baseAddress, head, near.baseAddress, output.baseAddress)
                }
            }
        }
        return products
    }

    /// Adds `products` to `sums`, which forget by `keep`, and returns the coherence at each lag.
    static func lagCoherence(
        _ products: LagValues, keep: Float, sums: inout LagValues, farEnergies: LagValues,
        head: Int, nearEnergy: Float, least: Float
    ) -> LagValues {
        precondition((0..<EchoDelay.slotCount).contains(head), badRing)
        var coherence = LagValues(repeating: 0)
        var output = coherence.mutableSpan
        var sums = sums.mutableSpan
        // The kernel reads and writes 96 numbers of each, which the type has.
        unsafe products.span.withUnsafeBufferPointer { products in
            unsafe farEnergies.span.withUnsafeBufferPointer { energies in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        unsafe sk_lag_coherence(
                            products.baseAddress, keep, sums.baseAddress, energies.baseAddress,
                            head, nearEnergy, least, output.baseAddress)
                    }
                }
            }
        }
        return coherence
    }

    static func lagPeaks(_ coherence: LagValues, count: Int, guarding guardLags: Int) -> LagPeaks {
        precondition((0...EchoDelay.slotCount).contains(count), badRing)
        var result = sk_lag_peaks_result()
        // The kernel reads `count` numbers, at most 96 (checked above).
        unsafe coherence.span.withUnsafeBufferPointer { coherence in
            unsafe sk_lag_peaks(coherence.baseAddress, count, guardLags, &result)
        }
        return LagPeaks(lag: Int(result.lag), best: result.best, rival: result.rival)
    }

    /// Marks each lag whose coherence exceeds a limit, with its neighbours.
    static func plausibleLags(
        _ slow: LagValues, above leastSlow: Float, _ fast: LagValues, above leastFast: Float,
        count: Int
    ) -> InlineArray<96, UInt8> {
        precondition((0...EchoDelay.slotCount).contains(count), badRing)
        var plausible = InlineArray<96, UInt8>(repeating: 0)
        var output = plausible.mutableSpan
        // The kernel reads `count` numbers of both and writes 96 marks.
        unsafe slow.span.withUnsafeBufferPointer { slow in
            unsafe fast.span.withUnsafeBufferPointer { fast in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_plausible_lags(
                        slow.baseAddress, leastSlow, fast.baseAddress, leastFast, count,
                        output.baseAddress)
                }
            }
        }
        return plausible
    }

    /// The highest level of each band over the `wanted` lags, and over all of the first `count`.
    static func farMaximum(
        _ levels: inout [UInt8], head: Int, wanted: InlineArray<96, UInt8>, count: Int
    ) -> (chosen: InlineArray<24, UInt8>, all: InlineArray<24, UInt8>) {
        precondition(
            levels.count == EchoDelay.slotCount * BandValues.count + overreach
                && (0..<EchoDelay.slotCount).contains(head)
                && (0...EchoDelay.slotCount).contains(count), badRing)
        var chosen = InlineArray<24, UInt8>(repeating: 0)
        var all = InlineArray<24, UInt8>(repeating: 0)
        var chosenOutput = chosen.mutableSpan
        var allOutput = all.mutableSpan
        // The kernel reads 96 rows of 24 levels and the overreach (checked above), `count` marks,
        // and writes 24 levels twice.
        unsafe levels.withUnsafeBufferPointer { levels in
            unsafe wanted.span.withUnsafeBufferPointer { wanted in
                unsafe chosenOutput.withUnsafeMutableBufferPointer { chosen in
                    unsafe allOutput.withUnsafeMutableBufferPointer { all in
                        unsafe sk_far_maximum(
                            levels.baseAddress, head, wanted.baseAddress, count,
                            chosen.baseAddress, all.baseAddress)
                    }
                }
            }
        }
        return (chosen, all)
    }
}

// A filter and its inputs are arrays of spectra, which the kernels see as floats: a spectrum is
// 128 of them and nothing else.
extension SpectralKernels {
    private static let badFilter = "A filter and its inputs have the same partitions"

    /// What `filter` makes of `inputs`, whose newest spectrum is at `newest`.
    static func apply(
        _ filter: inout [Spectrum], inputs: inout [Spectrum], newest: Int,
        into output: inout Spectrum
    ) {
        let count = filter.count
        precondition(inputs.count == count && (0..<count).contains(newest), badFilter)
        var output = output.values.mutableSpan
        // The kernel reads `count` spectra of both and writes one.
        unsafe filter.withUnsafeBytes { filter in
            unsafe inputs.withUnsafeBytes { inputs in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_filter_apply(
                        filter.baseAddress?.assumingMemoryBound(to: Float.self),
                        inputs.baseAddress?.assumingMemoryBound(to: Float.self), newest, count,
                        output.baseAddress)
                }
            }
        }
    }

    /// Moves `filter` along the gradient that `error` makes with `inputs`, by `rates` per bin.
    static func adapt(
        _ filter: inout [Spectrum], inputs: inout [Spectrum], newest: Int, error: Spectrum,
        rates: BlockValues
    ) {
        let count = filter.count
        precondition(inputs.count == count && (0..<count).contains(newest), badFilter)
        // The kernel reads `count` spectra of the inputs, one of the error and 64 rates, and
        // changes `count` spectra.
        unsafe filter.withUnsafeMutableBytes { filter in
            unsafe inputs.withUnsafeBytes { inputs in
                unsafe error.values.span.withUnsafeBufferPointer { error in
                    unsafe rates.span.withUnsafeBufferPointer { rates in
                        unsafe sk_filter_adapt(
                            filter.baseAddress?.assumingMemoryBound(to: Float.self),
                            inputs.baseAddress?.assumingMemoryBound(to: Float.self), newest,
                            count, error.baseAddress, rates.baseAddress)
                    }
                }
            }
        }
    }

    /// Moves `power` towards that of `spectrum` by `share` and returns its new sum.
    static func followPower(
        of spectrum: Spectrum, share: Float, power: inout BlockValues
    ) -> Float {
        var total: Float = 0
        var power = power.mutableSpan
        // The kernel reads a spectrum and changes 64 powers.
        unsafe spectrum.values.span.withUnsafeBufferPointer { spectrum in
            unsafe power.withUnsafeMutableBufferPointer { power in
                unsafe sk_power_follow(spectrum.baseAddress, share, power.baseAddress, &total)
            }
        }
        return total
    }

    /// Moves the two powers towards those of the spectra by `share`; the result has the sums of
    /// what they changed together.
    static func followLeakage(
        error: Spectrum, echo: Spectrum, share: Float, errorPower: inout BlockValues,
        echoPower: inout BlockValues
    ) -> PowerChange {
        var result = sk_leakage_result()
        var errorPower = errorPower.mutableSpan
        var echoPower = echoPower.mutableSpan
        // The kernel reads two spectra and changes 64 powers of each.
        unsafe error.values.span.withUnsafeBufferPointer { error in
            unsafe echo.values.span.withUnsafeBufferPointer { echo in
                unsafe errorPower.withUnsafeMutableBufferPointer { errorPower in
                    unsafe echoPower.withUnsafeMutableBufferPointer { echoPower in
                        unsafe sk_leakage_follow(
                            error.baseAddress, echo.baseAddress, share, errorPower.baseAddress,
                            echoPower.baseAddress, &result)
                    }
                }
            }
        }
        return PowerChange(
            joint: result.joint, square: result.square, errorPower: result.error_power,
            echoPower: result.echo_power)
    }

    /// scale * clamp(leakage * echo / error) / (far + regularisation), for each bin.
    static func adaptationRates(
        errorPower: BlockValues, echoPower: BlockValues, farPower: BlockValues,
        regularisation: Float, leakage: Float, step: ClosedRange<Float>, scale: Float,
        into rates: inout BlockValues
    ) {
        let bounds = sk_adaptation_bounds(
            leakage: leakage, least: step.lowerBound, most: step.upperBound, scale: scale)
        var rates = rates.mutableSpan
        // The kernel reads 64 powers of each and writes 64 rates.
        unsafe errorPower.span.withUnsafeBufferPointer { error in
            unsafe echoPower.span.withUnsafeBufferPointer { echo in
                unsafe farPower.span.withUnsafeBufferPointer { far in
                    unsafe rates.withUnsafeMutableBufferPointer { rates in
                        unsafe sk_adaptation_rates(
                            error.baseAddress, echo.baseAddress, far.baseAddress, regularisation,
                            bounds, rates.baseAddress)
                    }
                }
            }
        }
    }

    /// Writes `samples` less `estimate` and returns the energy of the difference.
    static func subtract(
        _ estimate: Span<Float>, from samples: Span<Float>, into difference: inout BlockValues
    ) -> Float {
        precondition(estimate.count == 64 && samples.count == 64, "A block has 64 samples")
        var energy: Float = 0
        var difference = difference.mutableSpan
        // The kernel reads 64 samples of both (checked above) and writes 64.
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe estimate.withUnsafeBufferPointer { estimate in
                unsafe difference.withUnsafeMutableBufferPointer { difference in
                    unsafe sk_subtract(
                        samples.baseAddress, estimate.baseAddress, 64, difference.baseAddress,
                        &energy)
                }
            }
        }
        return energy
    }
}

extension SpectralKernels {
    /// The sum of the squares of a block's samples.
    static func energy(_ samples: Span<Float>) -> Float {
        precondition(samples.count == 64, "A block has 64 samples")
        var energy: Float = 0
        // The kernel reads 64 samples (checked above).
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe sk_energy(samples.baseAddress, 64, &energy)
        }
        return energy
    }

    /// 10 log10(ratio + 0.001).
    static func decibels(_ ratio: Float) -> Float {
        let ratios = InlineArray<8, Float>(repeating: ratio)
        var levels = InlineArray<8, Float>(repeating: 0)
        var output = levels.mutableSpan
        decibels(ratios.span, into: &output)
        return levels[0]
    }
}

/// How the powers of a residual and of the echo estimate in it moved together.
struct PowerChange {
    var joint: Float
    var square: Float
    var errorPower: Float
    var echoPower: Float
}
