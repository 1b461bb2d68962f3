// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The part of the boundary to CSpectralKernels that serves the echo path. Arrays come `inout` even
// where they are only read: a span of a stored array would lock the whole of its owner.

extension SpectralKernels {
    /// Octets of a ring of patterns and of one of levels.
    static var patternOctets: Int { Int(SK_PATTERN_OCTETS) }
    static var levelOctets: Int { Int(SK_LEVEL_OCTETS) }

    private static let badRing = "A ring of blocks has 96 columns"

    /// Puts a pattern into the column at `head`.
    static func insert(
        _ pattern: InlineArray<24, Int8>, into patterns: inout [Int8], head: Int
    ) {
        precondition(
            patterns.count == patternOctets && (0..<EchoDelay.slotCount).contains(head), badRing)
        // The kernel reads 24 numbers and writes into a ring (checked above).
        unsafe pattern.span.withUnsafeBufferPointer { pattern in
            unsafe patterns.withUnsafeMutableBufferPointer { patterns in
                unsafe sk_lag_insert(patterns.baseAddress, head, pattern.baseAddress)
            }
        }
    }

    /// Writes the pattern of a column.
    static func pattern(
        _ patterns: inout [Int8], column: Int, into pattern: inout BandValues
    ) {
        precondition(
            patterns.count == patternOctets && (0..<EchoDelay.slotCount).contains(column), badRing)
        var pattern = pattern.mutableSpan
        // The kernel reads a ring (checked above) and writes 24 numbers.
        unsafe patterns.withUnsafeBufferPointer { patterns in
            unsafe pattern.withUnsafeMutableBufferPointer { pattern in
                unsafe sk_lag_pattern(patterns.baseAddress, column, pattern.baseAddress)
            }
        }
    }

    /// Products of `near` with the far patterns at each lag.
    static func lagProducts(
        _ patterns: inout [Int8], head: Int, near: InlineArray<24, Int8>,
        into products: inout LagValues
    ) {
        precondition(
            patterns.count == patternOctets && (0..<EchoDelay.slotCount).contains(head), badRing)
        var output = products.mutableSpan
        // The kernel reads a ring (checked above) and 24 numbers, and writes 96.
        unsafe patterns.withUnsafeBufferPointer { patterns in
            unsafe near.span.withUnsafeBufferPointer { near in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_lag_products(
                        patterns.baseAddress, head, near.baseAddress, output.baseAddress)
                }
            }
        }
    }

    /// Puts `energy` in front of the others.
    static func prepend(_ energy: Float, to energies: inout LagValues) {
        var energies = energies.mutableSpan
        // The kernel changes 96 numbers.
        unsafe energies.withUnsafeMutableBufferPointer { energies in
            unsafe sk_lag_energy(energies.baseAddress, energy)
        }
    }

    /// Adds `products` to `sums`, which forget by `keep`, and writes the coherence at each lag.
    static func lagCoherence(
        _ products: inout LagValues, keep: Float, sums: inout LagValues,
        farEnergies: inout LagValues, nearEnergy: Float, least: Float,
        into coherence: inout LagValues
    ) {
        var products = products.mutableSpan
        var energies = farEnergies.mutableSpan
        var sums = sums.mutableSpan
        var output = coherence.mutableSpan
        // The kernel reads and writes 96 numbers of each, which the type has.
        unsafe products.withUnsafeMutableBufferPointer { products in
            unsafe energies.withUnsafeMutableBufferPointer { energies in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        unsafe sk_lag_coherence(
                            products.baseAddress, keep, sums.baseAddress, energies.baseAddress,
                            nearEnergy, least, output.baseAddress)
                    }
                }
            }
        }
    }

    static func lagPeaks(
        _ coherence: inout LagValues, count: Int, guarding guardLags: Int
    ) -> LagPeaks {
        precondition((0...EchoDelay.slotCount).contains(count), badRing)
        var result = sk_lag_peaks_result()
        var coherence = coherence.mutableSpan
        // The kernel reads `count` numbers, at most 96 (checked above).
        unsafe coherence.withUnsafeMutableBufferPointer { coherence in
            unsafe sk_lag_peaks(coherence.baseAddress, count, guardLags, &result)
        }
        return LagPeaks(lag: Int(result.lag), best: result.best, rival: result.rival)
    }

    /// The highest coherence at the first `count` lags.
    static func highest(_ coherence: inout LagValues, count: Int) -> Float {
        precondition((0...EchoDelay.slotCount).contains(count), badRing)
        var result: Float = 0
        var coherence = coherence.mutableSpan
        // The kernel reads 96 numbers.
        unsafe coherence.withUnsafeMutableBufferPointer { coherence in
            unsafe sk_lag_highest(coherence.baseAddress, count, &result)
        }
        return result
    }

    /// Marks each lag whose coherence exceeds a limit, with its neighbours, and those of `lock`.
    /// - Returns: how many of the first `count` are marked.
    static func markPlausible(
        _ slow: inout LagValues, above leastSlow: Float, _ fast: inout LagValues,
        above leastFast: Float, count: Int, lock: Int?, in plausible: inout InlineArray<96, UInt8>
    ) -> Int {
        precondition(
            (0...EchoDelay.slotCount).contains(count) && (0..<count).contains(lock ?? 0), badRing)
        var marked = 0
        var slow = slow.mutableSpan
        var fast = fast.mutableSpan
        var output = plausible.mutableSpan
        // The kernel reads `count` numbers of both and writes 96 marks.
        unsafe slow.withUnsafeMutableBufferPointer { slow in
            unsafe fast.withUnsafeMutableBufferPointer { fast in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe sk_plausible_lags(
                        slow.baseAddress, leastSlow, fast.baseAddress, leastFast, count,
                        lock ?? -1, output.baseAddress, &marked)
                }
            }
        }
        return marked
    }

    /// Puts the levels of a block into the row at `head`.
    static func insert(_ far: BandValues, into levels: inout [UInt8], head: Int) {
        precondition(
            levels.count == levelOctets && (0..<EchoDelay.slotCount).contains(head), badRing)
        // The kernel reads 24 levels and writes into a ring (checked above).
        unsafe levels.withUnsafeMutableBufferPointer { levels in
            unsafe far.span.withUnsafeBufferPointer { far in
                unsafe sk_far_insert(far.baseAddress, head, levels.baseAddress)
            }
        }
    }

    /// Lets `level` and `highest` fall by `decay`: to the highest level of each band over the
    /// `wanted` lags, where there are such, and over all.
    static func followFar(
        _ levels: inout [UInt8], head: Int, wanted: InlineArray<96, UInt8>?, decay: Float,
        level: inout BandValues, highest: inout BandValues
    ) {
        precondition(
            levels.count == levelOctets && (0..<EchoDelay.slotCount).contains(head), badRing)
        var chosen = InlineArray<24, UInt8>(repeating: 0)
        var all = InlineArray<24, UInt8>(repeating: 0)
        var chosenOutput = chosen.mutableSpan
        var allOutput = all.mutableSpan
        var level = level.mutableSpan
        var highest = highest.mutableSpan
        let marks = wanted ?? InlineArray(repeating: 0)
        // The kernels read a ring (checked above) and 96 marks, write 24 levels twice, read those
        // and change 24 levels twice.
        unsafe levels.withUnsafeBufferPointer { levels in
            unsafe marks.span.withUnsafeBufferPointer { marks in
                unsafe chosenOutput.withUnsafeMutableBufferPointer { chosen in
                    unsafe allOutput.withUnsafeMutableBufferPointer { all in
                        unsafe sk_far_maximum(
                            levels.baseAddress, head, marks.baseAddress, chosen.baseAddress,
                            all.baseAddress)
                        unsafe level.withUnsafeMutableBufferPointer { level in
                            unsafe highest.withUnsafeMutableBufferPointer { highest in
                                unsafe sk_echo_fall(
                                    wanted == nil ? all.baseAddress : chosen.baseAddress,
                                    all.baseAddress, decay, level.baseAddress,
                                    highest.baseAddress)
                            }
                        }
                    }
                }
            }
        }
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
