// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Brings the caller's audio into the one format that the call was begun with.
///
/// That format passes untouched. Any other is decoded, brought to 8 kHz and encoded again in pieces,
/// so that a change within a call is heard as such at most: position and turn go on. Confined to
/// its call; allocates only at the first audio of another format.
struct WebexIngress: ~Copyable {
    /// Octets converted at a time.
    private static let pieceLength = 640

    private var format = WebexPolicy.ingress
    private var resampler: Resampler?
    /// The first octet of a sample that was cut by the end of a message, and on which RPC.
    private var cutOctet: UInt8?
    private var rpc: WebexRPCID?
    private var octets: [UInt8] = []
    private var samples: [Int16] = []
    private var resampled: [Int16] = []
    private var encoded: [UInt8] = []

    /// Gives `body` the audio of one message in the call's format, in pieces.
    mutating func convert(
        _ audio: Span<UInt8>, format: AudioFormat, on rpc: WebexRPCID,
        _ body: (borrowing EncodedAudio) -> Void
    ) {
        if format != self.format || rpc != self.rpc { change(to: format, on: rpc) }
        guard format != WebexPolicy.ingress else {
            return body(EncodedAudio(audio, format: format))
        }
        var offset = 0
        while offset < audio.count {
            var piece: [UInt8] = []
            swap(&piece, &octets)
            piece.removeAll(keepingCapacity: true)
            if let first = cutOctet { piece.append(first) }
            cutOctet = nil
            while offset < audio.count, piece.count < Self.pieceLength {
                piece.append(audio[offset])
                offset += 1
            }
            if piece.count % format.bytesPerFrame != 0 { cutOctet = piece.removeLast() }
            convertPiece(piece.span, body)
            octets = piece
        }
    }

    private mutating func change(to format: AudioFormat, on rpc: WebexRPCID) {
        // A sample that was never completed is no sample.
        cutOctet = nil
        self.rpc = rpc
        guard format != self.format else { return }
        self.format = format
        guard format != WebexPolicy.ingress else { return }
        octets.reserveCapacity(Self.pieceLength)
        samples = Array(repeating: 0, count: Self.pieceLength)
        resampled = samples
        encoded = Array(repeating: 0, count: Self.pieceLength)
        let rate = WebexPolicy.ingress.rate
        resampler = format.rate == rate ? nil : Resampler(from: format.rate, to: rate)
    }

    private mutating func convertPiece(
        _ piece: Span<UInt8>, _ body: (borrowing EncodedAudio) -> Void
    ) {
        var linear: [Int16] = []
        var target: [Int16] = []
        var bytes: [UInt8] = []
        swap(&linear, &samples)
        swap(&target, &resampled)
        swap(&bytes, &encoded)
        var count: Int
        do {
            var room = linear.mutableSpan
            count = AudioCodec.decode(EncodedAudio(piece, format: format), into: &room)
        }
        do {
            var room = target.mutableSpan
            let converted = resampler?.process(linear.span.extracting(0..<count), into: &room)
            if let converted { count = converted } else { swap(&linear, &target) }
        }
        let length: Int
        do {
            var room = bytes.mutableSpan
            length = AudioCodec.encode(
                LinearAudio(target.span.extracting(0..<count), rate: WebexPolicy.ingress.rate),
                as: WebexPolicy.ingress.encoding, into: &room)
        }
        if length > 0 {
            body(EncodedAudio(bytes.span.extracting(0..<length), format: WebexPolicy.ingress))
        }
        samples = linear
        resampled = target
        encoded = bytes
    }
}
