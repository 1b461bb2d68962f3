// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

extension SpectralKernels {
    /// Samples that tones are sought in.
    static let toneWindow = Int(SK_TONE_WINDOW)

    /// Sums of products of `samples` with each of 16 `rows`.
    static func tones(_ samples: Span<Int16>, _ rows: Span<Int16>) -> SIMD16<Int32> {
        let count = toneWindow
        precondition(samples.count == count && rows.count == 16 * count, "Sixteen rows, one window")
        var sums = InlineArray<16, Int32>(repeating: 0)
        var target = sums.mutableSpan
        // The kernel reads one window and 16 rows as long (checked above) and writes 16 sums.
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe target.withUnsafeMutableBufferPointer { sums in
                    unsafe sk_tones(samples.baseAddress, rows.baseAddress, sums.baseAddress)
                }
            }
        }
        var result = SIMD16<Int32>.zero
        for row in 0..<16 { result[row] = sums[row] }
        return result
    }
}
