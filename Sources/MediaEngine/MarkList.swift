// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Marks that the caller's ear has not reached, in the order they were set. Fixed capacity.
struct MarkList {
    struct Mark {
        var id: MarkID
        var response: ResponseID
        /// Reached when so many samples of the response were heard.
        var offset: Int
    }

    static let capacity = 64

    private var marks: [Mark] = []

    init() {
        marks.reserveCapacity(Self.capacity)
    }

    var isEmpty: Bool { marks.isEmpty }

    /// - Returns: false when there is no room.
    mutating func append(_ mark: Mark) -> Bool {
        guard marks.count < Self.capacity else { return false }
        marks.append(mark)
        return true
    }

    /// Removes and returns the first mark of `response` at or before `heard` samples.
    mutating func popReached(in response: ResponseID, heard: Int) -> MarkID? {
        for index in 0..<marks.count
        where marks[index].response == response && marks[index].offset <= heard {
            return marks.remove(at: index).id
        }
        return nil
    }

    mutating func popFirst() -> Mark? {
        marks.isEmpty ? nil : marks.removeFirst()
    }
}
