// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Finds out that the octets of a stream are not what they were decoded as.
///
/// A wrong decoder makes rough noise of smooth speech. Each known confusion can be undone: encode
/// the samples as they were decoded, decode the octets as something else. Where that makes a rough
/// block smooth, block after block, it is what has happened: noise stays rough whatever is done to
/// it, and sound as it should be is not rough. Nothing is allocated.
struct CodecConfusion: Sendable {
    /// Samples that are looked at: 8 ms at 8 kHz.
    static let length = 64
    private static let count = StreamFault.confusions.count
    /// Evidence that decides: about half a second of voice.
    private static let enough: Int32 = 40
    /// Received blocks rougher than this are looked at, and less rough ones are as they should be.
    private static let rough: Float = 0.25
    private static let smooth: Float = 0.4
    /// What undoing must leave of the roughness.
    private static let left: Float = 0.5
    /// Mean square below which a block says nothing: -50 dBov.
    private static let quiet: Float = 10_000

    private var evidence = InlineArray<7, Int32>(repeating: 0)
    private var turn = 0

    /// - Returns: the confusion that the evidence is enough for; nil while there is none.
    mutating func observe(_ samples: Span<Int16>, _ shape: BlockShape) -> StreamFault? {
        guard samples.count >= Self.length, shape.power > Self.quiet else { return nil }
        guard shape.roughness > Self.rough else {
            weaken(by: 1)
            return nil
        }
        // Fricatives and noise are rough as well: while nothing is suspected, one in 16 will do.
        turn = (turn + 1) & 15
        guard turn == 0 || !isOver else { return nil }
        guard let best = smoothest(samples, than: shape.roughness) else { return nil }
        weaken(by: 1, except: best)
        evidence[best] += 1
        return evidence[best] >= Self.enough ? StreamFault.confusions[best] : nil
    }

    /// Whether nothing speaks for a confusion any more.
    var isOver: Bool {
        for index in 0..<Self.count where evidence[index] > 0 { return false }
        return true
    }

    /// Whether enough speaks for a confusion that other faults may be its doing.
    var isLikely: Bool {
        for index in 0..<Self.count where evidence[index] >= Self.enough / 5 { return true }
        return false
    }

    private mutating func weaken(by amount: Int32, except kept: Int? = nil) {
        for index in 0..<Self.count where index != kept {
            evidence[index] = max(0, min(evidence[index], Self.enough) - amount)
        }
    }

    /// The confusion whose undoing makes the block smoothest, if it makes it smooth.
    private func smoothest(_ samples: Span<Int16>, than received: Float) -> Int? {
        let block = samples.extracting(first: Self.length)
        var best: Int?
        var least = min(Self.smooth, received * Self.left)
        for index in 0..<Self.count {
            let roughness = Self.roughness(of: block, without: StreamFault.confusions[index])
            if roughness < least {
                least = roughness
                best = index
            }
        }
        return best
    }

    /// The roughness of `block` as it would be without `fault`.
    private static func roughness(of block: Span<Int16>, without fault: StreamFault) -> Float {
        switch fault {
        case .muLawReadAsALaw: roughness(of: block, from: .pcma, to: .pcmu)
        case .aLawReadAsMuLaw: roughness(of: block, from: .pcmu, to: .pcma)
        case .swappedOctets:
            roughness(of: block, from: .linear16LittleEndian, to: .linear16BigEndian)
        case .linearReadAsMuLaw: roughness(of: block, from: .pcmu, to: .linear16LittleEndian)
        case .linearReadAsALaw: roughness(of: block, from: .pcma, to: .linear16LittleEndian)
        case .muLawReadAsLinear: roughness(of: block, from: .linear16LittleEndian, to: .pcmu)
        case .aLawReadAsLinear: roughness(of: block, from: .linear16LittleEndian, to: .pcma)
        default: .infinity
        }
    }

    private static func roughness(
        of block: Span<Int16>, from: AudioEncoding, to: AudioEncoding
    ) -> Float {
        var octets = InlineArray<128, UInt8>(repeating: 0)
        var room = octets.mutableSpan
        let count = AudioCodec.encode(LinearAudio(block, rate: .hz8000), as: from, into: &room)
        let first = roughness(of: octets.span.extracting(first: count), as: to)
        // Where two octets make a sample nobody knows which of them comes first.
        guard to.bytesPerSample == 2, from.bytesPerSample == 1 else { return first }
        return min(first, roughness(of: octets.span.extracting(1..<count - 1), as: to))
    }

    private static func roughness(of octets: Span<UInt8>, as encoding: AudioEncoding) -> Float {
        var samples = InlineArray<128, Int16>(repeating: 0)
        var room = samples.mutableSpan
        let count = AudioCodec.decode(
            EncodedAudio(octets, format: AudioFormat(encoding, rate: .hz8000)), into: &room)
        let shape = BlockShape(samples.span.extracting(first: count))
        return shape.power > quiet ? shape.roughness : .infinity
    }
}
