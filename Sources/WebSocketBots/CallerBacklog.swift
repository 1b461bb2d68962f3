// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import NIOCore

/// What a far bot is still to be told, in order: messages, and the caller's audio.
///
/// Bounded both ways: above its window the oldest audio goes, above its limit the oldest message.
struct CallerBacklog {
    enum Entry {
        case text(String)
        /// Bytes as they go over the wire, and where on the caller's timeline they begin.
        case audio([UInt8], position: Int64, count: Int)
    }

    static let textLimit = 256

    private let window: Int
    private var entries = CircularBuffer<Entry>()
    private var textCount = 0
    /// Samples that wait.
    private(set) var sampleCount = 0
    private(set) var droppedSamples = 0
    private(set) var droppedTexts = 0

    /// - Parameter window: samples of audio that may wait.
    init(window: Int) {
        self.window = window
    }

    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ text: String) {
        if textCount == Self.textLimit { dropOldest { if case .text = $0 { true } else { false } } }
        entries.append(.text(text))
        textCount += 1
    }

    mutating func append(_ bytes: [UInt8], position: Int64, count: Int) {
        entries.append(.audio(bytes, position: position, count: count))
        sampleCount += count
        while sampleCount > window {
            dropOldest { if case .audio = $0 { true } else { false } }
        }
    }

    mutating func popFirst() -> Entry? {
        guard let entry = entries.popFirst() else { return nil }
        forget(entry)
        return entry
    }

    private mutating func dropOldest(where matches: (Entry) -> Bool) {
        guard let index = entries.firstIndex(where: matches) else { return }
        let entry = entries.remove(at: index)
        forget(entry)
        switch entry {
        case .text: droppedTexts += 1
        case .audio(_, _, let count): droppedSamples += count
        }
    }

    private mutating func forget(_ entry: Entry) {
        switch entry {
        case .text: textCount -= 1
        case .audio(_, _, let count): sampleCount -= count
        }
    }
}
