// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import MediaServer

/// The life of an RPC: opened, half-closed or cancelled by the client.
extension WebexConversation {
    public mutating func open(_ id: WebexRPCID, at now: MediaInstant) {
        lastActivity = now
        guard rpcs.count < WebexPolicy.maximumOpenRPCs else {
            actions.append(.finish(id, .tooManyRPCs))
            return
        }
        rpcs.append(RPC(id: id))
    }

    /// The client sends no more on the RPC. During speech that is the end of the utterance.
    public mutating func halfClosed(_ id: WebexRPCID, at now: MediaInstant) {
        guard let index = index(of: id), !rpcs[index].isHalfClosed else { return }
        lastActivity = now
        guard rpcs[index].hasRequest else { return complete(index, .missingRequest) }
        let wasListening = rpcs[index].isListening
        rpcs[index].isHalfClosed = true
        rpcs[index].isListening = false
        suspendIngressIfQuiet()
        guard !rpcs[index].isAnswering else { return }
        guard wasListening, isInSpeech, listeningIndex == nil else {
            return close(index, at: now)
        }
        rpcs[index].awaitsTurn = true
        rpcs[index].deadline = now + WebexPolicy.answerPatience
    }

    /// The RPC is gone: its turn is dropped, the call goes on.
    public mutating func cancelled(_ id: WebexRPCID, at now: MediaInstant) {
        guard let index = index(of: id) else { return }
        lastActivity = now
        let rpc = rpcs.remove(at: index)
        suspendIngressIfQuiet()
        drop(rpc)
    }

    /// Ends an RPC with an error: to its turn that is a cancellation.
    mutating func refuse(_ index: Int, _ violation: WebexViolation) {
        let rpc = rpcs[index]
        complete(index, violation)
        drop(rpc)
    }

    private mutating func drop(_ rpc: RPC) {
        guard state == .live else { return }
        let losesTurn =
            isInSpeech && (rpc.isListening || rpc.awaitsTurn) && listeningIndex == nil
        guard rpc.isAnswering || losesTurn else { return }
        isDiscarding = true
        dropHeld()
    }

    /// The call could not begin.
    public mutating func refuse(_ violation: WebexViolation, at now: MediaInstant) {
        while !rpcs.isEmpty { complete(rpcs.count - 1, violation) }
        state = .idle
    }

    // MARK: Time

    /// Completes what has waited too long, and ends a call that nobody is on any more. Call it
    /// about once a second.
    public mutating func advance(to now: MediaInstant) {
        var index = 0
        while index < rpcs.count {
            if let deadline = rpcs[index].deadline, deadline <= now {
                actions.append(.noted(.answerTimedOut))
                finishAnswer(index, at: now)
            } else {
                index += 1
            }
        }
        guard state == .live || state == .leaving,
            now - max(lastActivity, playheadEnd) >= idleTimeout
        else { return }
        actions.append(.noted(.idleExpired))
        closeAll(at: now)
        if state == .live { actions.append(.end(.connectionLost)) }
        enterEnded(at: now)
    }

    mutating func enterEnded(at now: MediaInstant) {
        state = .ended
        lastActivity = now
        ending = nil
        isInSpeech = false
        events = []
        outcome = nil
        dropHeld()
    }

    mutating func dropHeld() {
        held = []
        heldByteCount = 0
        heldIsComplete = false
    }
}
