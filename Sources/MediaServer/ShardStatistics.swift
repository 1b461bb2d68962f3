// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Histogram
internal import MediaEngine
public import SpeechDetection

/// What one shard measured and counted since it started. A value: take a copy to another thread.
public struct ShardStatistics: Sendable {
    /// Histograms are in microseconds.
    public internal(set) var tickLateness = Self.histogram()
    public internal(set) var turnTotal = Self.histogram()
    public internal(set) var turnArrival = Self.histogram()
    public internal(set) var turnEndpoint = Self.histogram()
    public internal(set) var turnBot = Self.histogram()
    public internal(set) var turnPlayout = Self.histogram()
    /// What a turn took without the silence that ended it and the bot's thinking.
    public internal(set) var turnOwn = Self.histogram()
    /// Where a filler bridged the wait: the caller's last word until it was heard.
    public internal(set) var turnFiller = Self.histogram()
    /// The caller's onset until the bot was cleared.
    public internal(set) var bargeIn = Self.histogram()
    /// Turns answered later than the budget.
    public internal(set) var budgetBreaches = 0
    /// Fillers that bridged the wait for an answer.
    public internal(set) var fillers = 0
    public internal(set) var bargeIns = 0
    /// Interruptions that a bot said were none.
    public internal(set) var interruptionsVetoed = 0
    /// Times that there was some evidence of an interruption but not enough.
    public internal(set) var bargeInsHeld = 0
    /// Faults of callers' streams, by kind; those that never occurred are left out.
    public internal(set) var streamFaults: [StreamFault: Int] = [:]
    public internal(set) var underruns = 0
    public internal(set) var stalls = 0
    public internal(set) var timelineJumps = 0
    public internal(set) var callsStarted = 0
    public internal(set) var callsEnded = 0
    /// Calls that have ended, by reason; reasons that never occurred are left out.
    public internal(set) var endings: [CallEndReason: Int] = [:]
    public internal(set) var ticks = 0
    /// Ticks left out because the shard was too far behind to catch up.
    public internal(set) var ticksSkipped = 0
    /// Times that the shard began to refuse new calls because its ticks were late.
    public internal(set) var overloads = 0
    public internal(set) var liveCalls = 0
    /// Sums over the calls that have ended.
    public internal(set) var samplesReceived = 0
    /// Silence heard in place of audio that the platform sent and that never came.
    public internal(set) var samplesConcealed = 0
    /// Caller's time that gaps too long to fill jumped over.
    public internal(set) var samplesSkipped = 0
    public internal(set) var samplesSent = 0

    private static func histogram() -> Histogram<UInt32> {
        Histogram(highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .two)
    }

    mutating func note(_ event: CallEvent) {
        switch event {
        case .turnAnswered(let bill): note(bill)
        case .bargeIn(let interruption):
            bargeIns += 1
            bargeIn.record(Self.microseconds(interruption.decided - interruption.spoken))
        case .interruptionVetoed: interruptionsVetoed += 1
        case .bargeInHeld: bargeInsHeld += 1
        case .streamFault(let fault): streamFaults[fault, default: 0] += 1
        case .underrun: underruns += 1
        case .mediaStalled: stalls += 1
        case .timelineJumped: timelineJumps += 1
        default: break
        }
    }

    private mutating func note(_ bill: TurnBill) {
        turnTotal.record(Self.microseconds(bill.total))
        turnArrival.record(Self.microseconds(bill.arrival))
        turnEndpoint.record(Self.microseconds(bill.endpoint))
        turnBot.record(Self.microseconds(bill.bot))
        turnPlayout.record(Self.microseconds(bill.playout))
        turnOwn.record(Self.microseconds(bill.arrival + bill.playout))
        if let filler = bill.filler { turnFiller.record(Self.microseconds(filler)) }
        if !bill.isWithinBudget {
            budgetBreaches += 1
        }
    }

    /// What a call that has ended was sent.
    mutating func note(_ ledger: IngressLedger) {
        samplesReceived += ledger.received
        samplesConcealed += ledger.inserted
        samplesSkipped += ledger.skipped
    }

    mutating func note(lateness: MediaDuration) {
        ticks += 1
        tickLateness.record(Self.microseconds(lateness))
    }

    private static func microseconds(_ duration: MediaDuration) -> UInt64 {
        UInt64(min(max(0, duration.nanoseconds / 1000), 59_999_999))
    }

    /// Figures of several shards as one.
    public init(sum parts: [ShardStatistics] = []) {
        for part in parts { add(part) }
    }

    /// Adds another shard's figures to these.
    public mutating func add(_ other: ShardStatistics) {
        tickLateness.add(other.tickLateness)
        turnTotal.add(other.turnTotal)
        turnArrival.add(other.turnArrival)
        turnEndpoint.add(other.turnEndpoint)
        turnBot.add(other.turnBot)
        turnPlayout.add(other.turnPlayout)
        turnOwn.add(other.turnOwn)
        turnFiller.add(other.turnFiller)
        fillers += other.fillers
        bargeIn.add(other.bargeIn)
        budgetBreaches += other.budgetBreaches
        bargeIns += other.bargeIns
        interruptionsVetoed += other.interruptionsVetoed
        bargeInsHeld += other.bargeInsHeld
        streamFaults.merge(other.streamFaults, uniquingKeysWith: +)
        underruns += other.underruns
        stalls += other.stalls
        timelineJumps += other.timelineJumps
        callsStarted += other.callsStarted
        callsEnded += other.callsEnded
        endings.merge(other.endings, uniquingKeysWith: +)
        ticks += other.ticks
        ticksSkipped += other.ticksSkipped
        overloads += other.overloads
        liveCalls += other.liveCalls
        samplesReceived += other.samplesReceived
        samplesConcealed += other.samplesConcealed
        samplesSkipped += other.samplesSkipped
        samplesSent += other.samplesSent
    }
}
