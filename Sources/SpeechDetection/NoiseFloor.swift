// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The level of the noise behind a signal, in each band.
///
/// The minimum of the smoothed level over the last 1.6 s (four windows of 400 ms), raised by 2 dB
/// because minima lie below means, and followed quickly downwards, slowly upwards. A line that is
/// silent to the bit (muted, or a codec that sends nothing) tells nothing of the noise and leaves the
/// estimate as it is. A value with no allocation, owned by one call.
package struct NoiseFloor: Sendable {
    private static let blocksPerWindow = 50
    /// Blocks during which the estimate is taken as it comes.
    private static let settling = 12
    private static let raise: Float = 2
    private static let rule = SpectralKernels.FloorRule(
        smoothing: 0.25, raise: raise, fall: 0.2, rise: 0.02,
        // Codecs make noise of about this level out of silence.
        lowest: 6)
    private static let settlingRule = SpectralKernels.FloorRule(
        smoothing: 0.25, raise: raise, fall: 1, rise: 1, lowest: 6)

    /// The noise of each band in dB, on the scale of `BandSpectrum.level`.
    package private(set) var level = BandValues(repeating: 25)

    /// Smoothed levels, their minimum in the window that has begun, and in the ones before.
    private var track = InlineArray<72, Float>(repeating: 60)
    private var older = InlineArray<3, BandValues>(repeating: BandValues(repeating: 60))
    private var blocks = 0
    private var blocksInWindow = 0

    package init() {}

    /// Takes the levels of the next block.
    package mutating func observe(_ levels: BandValues) {
        let levels = BandSpectrum.holdsSound(levels) ? levels : unchanged
        blocksInWindow &+= 1
        if blocks < 3 {
            for band in levels.indices {
                track[band] = levels[band]
            }
        }
        SpectralKernels.follow(
            levels, by: blocks < Self.settling ? Self.settlingRule : Self.rule, track: &track,
            floor: &level)
        if blocks < Self.settling {
            blocks &+= 1
        }
        if blocksInWindow == Self.blocksPerWindow {
            turnWindow()
        }
    }

    /// Levels that leave the estimate as it is.
    private var unchanged: BandValues {
        var levels = level
        for band in levels.indices {
            levels[band] -= Self.raise
        }
        return levels
    }

    private mutating func turnWindow() {
        blocksInWindow = 0
        older[2] = older[1]
        older[1] = older[0]
        for band in level.indices {
            older[0][band] = track[24 &+ band]
            track[24 &+ band] = track[band]
            track[48 &+ band] = min(older[0][band], min(older[1][band], older[2][band]))
        }
    }
}
