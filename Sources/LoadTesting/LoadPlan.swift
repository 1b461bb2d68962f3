// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import SyntheticCallers

/// Who calls when: the same for the same seed, whatever the server does.
///
/// A load of N calls is N slots. A slot begins within the ramp and holds one call after the other
/// until the end; their instants are fixed beforehand, so a slow server gets no slower callers.
public struct LoadPlan: Hashable, Sendable {
    /// Calls at a time, by platform.
    public var mix: Shares<LoadPlatform>
    public var behaviours: Shares<CallerBehaviour>
    /// Calls at a time.
    public var calls: Int
    /// The slots begin evenly over this long.
    public var ramp: MediaDuration
    /// All slots are occupied for that long after the ramp.
    public var hold: MediaDuration
    /// Mean length of a call; nil lets each last to the end.
    public var callLength: MediaDuration?
    public var seed: UInt64

    /// - Parameter calls: nil takes the numbers of the mix as they stand.
    public init(
        mix: Shares<LoadPlatform>, calls: Int? = nil,
        behaviours: Shares<CallerBehaviour> = Shares([.init(.talker, 1)]), ramp: MediaDuration,
        hold: MediaDuration, callLength: MediaDuration? = nil, seed: UInt64 = 1
    ) {
        self.mix = mix
        self.behaviours = behaviours
        self.calls = calls ?? mix.total
        self.ramp = ramp
        self.hold = hold
        self.callLength = callLength
        self.seed = seed
    }

    /// From the first call to the end of the last.
    public var duration: MediaDuration { ramp + hold }

    /// Ends are spread over that long, so that they do not all fall on one instant.
    static let endSpread = MediaDuration.seconds(1)
    /// A shorter call would say nothing.
    static let shortest = MediaDuration.seconds(4)

    /// Every slot with its first call.
    public func slots() -> [LoadSlot] {
        var generator = SeededGenerator(seed: seed)
        let platforms = mix.parts(of: calls)
            .flatMap { repeatElement($0.key, count: $0.weight) }
            .shuffled(using: &generator)
        let deck = behaviours.parts(of: Self.deckSize)
            .flatMap { repeatElement($0.key, count: $0.weight) }
            .shuffled(using: &generator)
        return platforms.enumerated().map { index, platform in
            LoadSlot(self, index: index, platform: platform, deck: deck)
        }
    }

    private static let deckSize = 100
}

/// A call as planned.
public struct PlannedCall: Hashable, Sendable {
    public let platform: LoadPlatform
    public let behaviour: CallerBehaviour
    /// After the beginning of the run.
    public let start: MediaDuration
    public let length: MediaDuration
    /// Numbers, clips and pauses of the call follow from it.
    public let seed: UInt64
}

/// One of the places that a load keeps occupied.
public struct LoadSlot: Sendable {
    private let plan: LoadPlan
    private let index: Int
    private let platform: LoadPlatform
    private let deck: [CallerBehaviour]
    /// Between two calls of a slot.
    private static let longestGap = MediaDuration.milliseconds(500)
    private var generator: SeededGenerator
    private var generation = 0
    /// What takes place now; nil when there is no time for one more.
    public private(set) var call: PlannedCall?

    init(_ plan: LoadPlan, index: Int, platform: LoadPlatform, deck: [CallerBehaviour]) {
        self.plan = plan
        self.index = index
        self.platform = platform
        self.deck = deck
        generator = SeededGenerator(seed: plan.seed &+ UInt64(index + 1) &* 0xA24B_AED4_963E_E407)
        let share = Double(index) / Double(max(1, plan.calls))
        // Phases are spread over the packet interval: no two slots are bound to send together.
        let jitter = MediaDuration(nanoseconds: Int64.random(in: 0..<20_000_000, using: &generator))
        call = planned(from: .seconds(plan.ramp.seconds * share) + jitter)
    }

    /// Goes on to the next call of the slot, which waits for nothing but its time.
    public mutating func advance() {
        guard let last = call else { return }
        generation += 1
        let gap = Int64.random(in: 100_000_000...Self.longestGap.nanoseconds, using: &generator)
        call = planned(from: last.start + last.length + MediaDuration(nanoseconds: gap))
    }

    private mutating func planned(from start: MediaDuration) -> PlannedCall? {
        let spread = MediaDuration.seconds(
            LoadPlan.endSpread.seconds * Double.random(in: 0..<1, using: &generator))
        let end = plan.duration - spread
        let most = end - start
        guard most >= min(LoadPlan.shortest, plan.hold - spread), most > .zero else { return nil }
        var length = most
        if let mean = plan.callLength {
            length = Self.length(mean: mean, using: &generator)
            // What remains after it would be too short for one more: it goes on to the end.
            if most - length < LoadPlan.shortest + LoadPlan.endSpread + LoadSlot.longestGap {
                length = most
            }
        }
        let behaviour = deck[(index + generation * 37) % deck.count]
        return PlannedCall(
            platform: platform, behaviour: behaviour, start: start, length: length,
            seed: generator.next())
    }

    /// Calls end independently of one another: exponential, but neither a blink nor for ever.
    private static func length(
        mean: MediaDuration, using generator: inout SeededGenerator
    ) -> MediaDuration {
        // Half of the mean from 0 to 1, half by steps that halve: mean 1, no logarithm needed.
        var factor = 0.0
        for _ in 0..<4 { factor += Double.random(in: 0..<0.5, using: &generator) }
        return max(LoadPlan.shortest, .seconds(mean.seconds * factor))
    }
}
