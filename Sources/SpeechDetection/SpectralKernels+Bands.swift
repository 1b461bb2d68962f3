// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The part of the boundary to CSpectralKernels that treats the bands of one block. Each kernel reads
// and writes the 24 values that the types have.

extension SpectralKernels {
    static func bandExcess(
        _ level: BandValues, power: BandValues, gain: BandValues, floor: BandValues,
        height: BandValues
    ) -> sk_band_excess_result {
        var result = sk_band_excess_result()
        unsafe level.span.withUnsafeBufferPointer { level in
            unsafe power.span.withUnsafeBufferPointer { power in
                unsafe gain.span.withUnsafeBufferPointer { gain in
                    unsafe floor.span.withUnsafeBufferPointer { floor in
                        unsafe height.span.withUnsafeBufferPointer { height in
                            unsafe sk_band_excess(
                                level.baseAddress, power.baseAddress, gain.baseAddress,
                                floor.baseAddress, height.baseAddress, &result)
                        }
                    }
                }
            }
        }
        return result
    }

    /// How many bands of `level` and `gain` together exceed the floor by more than `margin`.
    static func bandCount(
        _ level: BandValues, gain: BandValues, over floor: BandValues, by margin: Float
    ) -> Int {
        var count: Float = 0
        unsafe level.span.withUnsafeBufferPointer { level in
            unsafe gain.span.withUnsafeBufferPointer { gain in
                unsafe floor.span.withUnsafeBufferPointer { floor in
                    unsafe sk_band_count(
                        level.baseAddress, gain.baseAddress, floor.baseAddress, margin, &count)
                }
            }
        }
        return Int(count)
    }

    /// Puts the newest block's numbers into `inputs` and moves their means there by `shares`.
    static func follow(
        _ values: InlineArray<27, Float>, by shares: InlineArray<4, Float>,
        inputs: inout InlineArray<136, Float>
    ) {
        var inputs = inputs.mutableSpan
        // The kernel reads 27 values and 4 shares, and changes 5 times 27 inputs.
        unsafe values.span.withUnsafeBufferPointer { values in
            unsafe shares.span.withUnsafeBufferPointer { shares in
                unsafe inputs.withUnsafeMutableBufferPointer { inputs in
                    unsafe sk_feature_means(
                        values.baseAddress, shares.baseAddress, inputs.baseAddress)
                }
            }
        }
    }

    /// The mean over the bands of level - floor, limited to `range`.
    static func meanMargin(
        _ level: BandValues, over floor: BandValues, limitedTo range: ClosedRange<Float>
    ) -> Float {
        var sum: Float = 0
        unsafe level.span.withUnsafeBufferPointer { level in
            unsafe floor.span.withUnsafeBufferPointer { floor in
                unsafe sk_band_margin(
                    level.baseAddress, floor.baseAddress, range.lowerBound, range.upperBound, &sum)
            }
        }
        return sum / Float(BandSpectrum.bandCount)
    }

    /// How levels lie about their mean, which follows them.
    static func pattern(
        _ level: BandValues, floor: BandValues, noise: Float, mean: inout BandValues
    ) -> BandPattern {
        var pattern = BandPattern()
        var values = pattern.values.mutableSpan
        var steps = pattern.steps.mutableSpan
        var energy: Float = 0
        var mean = mean.mutableSpan
        unsafe level.span.withUnsafeBufferPointer { level in
            unsafe floor.span.withUnsafeBufferPointer { floor in
                unsafe mean.withUnsafeMutableBufferPointer { mean in
                    unsafe values.withUnsafeMutableBufferPointer { values in
                        unsafe steps.withUnsafeMutableBufferPointer { steps in
                            unsafe sk_pattern_follow(
                                level.baseAddress, floor.baseAddress, BandPattern.meanShare,
                                BandPattern.limit, BandPattern.stepsPerDecibel, noise,
                                mean.baseAddress, values.baseAddress, steps.baseAddress, &energy)
                        }
                    }
                }
            }
        }
        pattern.energy = energy
        return pattern
    }

    static func patternProducts(
        _ pattern: BandValues, _ other: BandValues
    ) -> (product: Float, energy: Float, otherEnergy: Float) {
        var result = sk_pattern_products_result()
        unsafe pattern.span.withUnsafeBufferPointer { pattern in
            unsafe other.span.withUnsafeBufferPointer { other in
                unsafe sk_pattern_products(pattern.baseAddress, other.baseAddress, &result)
            }
        }
        return (result.product, result.energy, result.other_energy)
    }

    static func followGain(
        _ returned: BandValues, power: BandValues, floor: BandValues, pace: sk_gain_pace,
        gain: inout BandValues
    ) {
        var gain = gain.mutableSpan
        unsafe returned.span.withUnsafeBufferPointer { returned in
            unsafe power.span.withUnsafeBufferPointer { power in
                unsafe floor.span.withUnsafeBufferPointer { floor in
                    unsafe gain.withUnsafeMutableBufferPointer { gain in
                        unsafe sk_gain_follow(
                            returned.baseAddress, power.baseAddress, floor.baseAddress, pace,
                            gain.baseAddress)
                    }
                }
            }
        }
    }

    static func followHeight(
        _ level: BandValues, floor: BandValues, echo: BandValues, gain: BandValues,
        pace: sk_height_pace, height: inout BandValues
    ) {
        var height = height.mutableSpan
        unsafe level.span.withUnsafeBufferPointer { level in
            unsafe floor.span.withUnsafeBufferPointer { floor in
                unsafe echo.span.withUnsafeBufferPointer { echo in
                    unsafe gain.span.withUnsafeBufferPointer { gain in
                        unsafe height.withUnsafeMutableBufferPointer { height in
                            unsafe sk_height_follow(
                                level.baseAddress, floor.baseAddress, echo.baseAddress,
                                gain.baseAddress, pace, height.baseAddress)
                        }
                    }
                }
            }
        }
    }
}

/// One block's bands against their own mean: what identifies sound whatever its level and path.
struct BandPattern {
    static let limit: Float = 12
    static let meanShare: Float = 0.06
    /// Sums of products of 21 bands then fit 16 bits.
    static let stepsPerDecibel: Float = 3

    /// In dB.
    var values = BandValues(repeating: 0)
    /// The same in whole steps, and the sum of their squares.
    var steps = InlineArray<24, Int8>(repeating: 0)
    var energy: Float = 0
}
