// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import CSidetone
internal import MediaEngine

/// A call of a host: the engine's, and what the host may ask for after it has happened.
///
/// Behind its engine's gate. Allocates only in `init`.
final class HostedCall {
    private static let keptEvents = 128
    private static let keptAccounts = 32

    let engine: Engine
    let call: Call
    /// Bytes that the longest packet takes; zero without audio to the platform.
    let packetCapacity: Int
    private(set) var latestBill: TurnBill?
    /// Events that were taken from the engine before the host asked for them: a queue in a circle.
    private var waiting: [CallEvent?]
    private var firstWaiting = 0
    private var waitingCount = 0
    /// The last final accounts, the oldest of them at `nextAccount`.
    private var accounts: [ResponseAccount?]
    private var nextAccount = 0

    init(_ configuration: CallConfiguration, of engine: Engine) {
        self.engine = engine
        call = Call(
            configuration: configuration, pool: engine.pool, cancellers: engine.cancellers,
            now: engine.now())
        packetCapacity =
            configuration.egress.map {
                $0.format.rate.samples(in: $0.pacing.maximumPacket) * $0.format.bytesPerFrame
            } ?? 0
        waiting = Array(repeating: nil, count: Self.keptEvents)
        accounts = Array(repeating: nil, count: Self.keptAccounts)
    }

    func nextEvent() -> CallEvent? {
        guard waitingCount > 0 else { return note(call.nextEvent()) }
        let event = waiting[firstWaiting]
        firstWaiting = (firstWaiting + 1) % Self.keptEvents
        waitingCount -= 1
        return event
    }

    /// What is known of a response, and whether that is final.
    func account(of response: ResponseID) -> (account: ResponseAccount, isFinal: Bool)? {
        if let account = call.account(of: response, now: engine.now()) { return (account, false) }
        // Its end may wait among the events.
        takeEvents()
        for account in accounts {
            if let account, account.id == response { return (account, true) }
        }
        return nil
    }

    /// The bill of the last turn that was answered, whether or not its event was fetched.
    func takeBill() -> TurnBill? {
        takeEvents()
        return latestBill
    }

    private func takeEvents() {
        while waitingCount < Self.keptEvents, let event = note(call.nextEvent()) {
            waiting[(firstWaiting + waitingCount) % Self.keptEvents] = event
            waitingCount += 1
        }
    }

    private func note(_ event: CallEvent?) -> CallEvent? {
        switch event {
        case .responseEnded(let account):
            accounts[nextAccount] = account
            nextAccount = (nextAccount + 1) % Self.keptAccounts
        case .turnAnswered(let bill): latestBill = bill
        default: break
        }
        return event
    }
}
