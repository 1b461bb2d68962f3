// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// What is known of a leg's format: messages may leave any of it out.
struct WebexForkFormat: Hashable, Sendable {
    private(set) var encoding: WebexForkEncoding?
    private(set) var rate: Int32?

    init(encoding: WebexForkEncoding? = nil, rate: Int32? = nil) {
        self.encoding = encoding
        self.rate = rate
    }

    /// Reads the numbers of a message; 0 says nothing.
    init(encoding: Int32, rate: Int32) throws(WebexForkRefusal) {
        if encoding != 0 {
            guard let known = WebexForkEncoding(rawValue: encoding) else { throw .badEncoding }
            self.encoding = known
        }
        if rate != 0 {
            guard rate == 8_000 || rate == 16_000 else { throw .badRate }
            self.rate = rate
        }
    }

    /// This, and what it leaves out from `other`.
    func completed(by other: WebexForkFormat) -> WebexForkFormat {
        WebexForkFormat(encoding: encoding ?? other.encoding, rate: rate ?? other.rate)
    }

    /// Whether this says nothing that `other` denies.
    func agrees(with other: WebexForkFormat) -> Bool {
        completed(by: other) == other.completed(by: self)
    }

    /// The format to decode with: what was never said is assumed.
    var audio: AudioFormat {
        let encoding: AudioEncoding =
            switch encoding ?? WebexForkPolicy.defaultEncoding {
            case .linear16: .linear16LittleEndian
            case .mulaw: .pcmu
            case .alaw: .pcma
            }
        return AudioFormat(
            encoding, rate: SampleRate(hertz: Int(rate ?? WebexForkPolicy.defaultRate)))
    }

    /// A format with everything in it.
    static let assumed = WebexForkFormat(
        encoding: WebexForkPolicy.defaultEncoding, rate: WebexForkPolicy.defaultRate)
}
