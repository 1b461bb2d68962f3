// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone
internal import MediaEngine

// The bot's and the platform's side of a call, as declared in sidetone/call.h.

/// As `withCall`, for calls with audio to the platform.
@inline(__always)
private func withPlayout(
    _ handle: sidetone_call, _ body: (HostedCall, MediaInstant) -> sidetone_status
) -> sidetone_status {
    withCall(handle) { hosted, now in
        guard hosted.call.configuration.egress != nil else { return Status.noPlayout }
        return body(hosted, now)
    }
}

// MARK: The bot's side

@c @implementation
public func sidetone_call_begin_response(
    _ call: sidetone_call, _ allows_barge_in: Int32, _ response: UnsafeMutablePointer<UInt32>?
) -> sidetone_status {
    guard let result = unsafe response else { return Status.nullPointer }
    return withPlayout(call) { hosted, _ in
        guard let id = hosted.call.beginResponse(allowsBargeIn: allows_barge_in != 0) else {
            return Status.limitReached
        }
        unsafe result.pointee = id.number
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_push_bot_audio(
    _ call: sidetone_call, _ response: UInt32, _ samples: UnsafePointer<Int16>?, _ count: Int,
    _ taken: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard count >= 0 else { return Status.invalidArgument }
    guard unsafe samples != nil || count == 0 else { return Status.nullPointer }
    // The host lends `count` samples for the length of the call.
    let audio = unsafe UnsafeBufferPointer(start: samples, count: count)
    return withPlayout(call) { hosted, now in
        let id = ResponseID(number: response)
        guard hosted.call.isOpen(id) else { return Status.noResponse }
        let rate = hosted.call.configuration.botRate
        let played = unsafe hosted.call.play(
            LinearAudio(audio.span, rate: rate), in: id, now: now)
        if let taken = unsafe taken { unsafe taken.pointee = played }
        return played == count ? Status.ok : Status.full
    }
}

@c @implementation
public func sidetone_call_mark(
    _ call: sidetone_call, _ response: UInt32, _ mark: UInt64
) -> sidetone_status {
    withPlayout(call) { hosted, now in
        let id = ResponseID(number: response)
        guard hosted.call.account(of: id, now: now) != nil else { return Status.noResponse }
        return hosted.call.mark(MarkID(number: mark), in: id) ? Status.ok : Status.limitReached
    }
}

@c @implementation
public func sidetone_call_end_response(
    _ call: sidetone_call, _ response: UInt32
) -> sidetone_status {
    withPlayout(call) { hosted, now in
        let id = ResponseID(number: response)
        guard hosted.call.isOpen(id) else { return Status.noResponse }
        hosted.call.endResponse(id, now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_clear(_ call: sidetone_call) -> sidetone_status {
    withPlayout(call) { hosted, now in
        hosted.call.clear(now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_veto(
    _ call: sidetone_call, _ interruption: UInt32
) -> sidetone_status {
    withPlayout(call) { hosted, now in
        let id = InterruptionID(number: interruption)
        return hosted.call.veto(id, now: now) ? Status.ok : Status.none
    }
}

// MARK: The platform's side

@c @implementation
public func sidetone_call_packet_capacity(
    _ call: sidetone_call, _ capacity: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let result = unsafe capacity else { return Status.nullPointer }
    return withPlayout(call) { hosted, _ in
        unsafe result.pointee = hosted.packetCapacity
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_take_flush(
    _ call: sidetone_call, _ generation: UnsafeMutablePointer<UInt32>?
) -> sidetone_status {
    guard let result = unsafe generation else { return Status.nullPointer }
    return withPlayout(call) { hosted, _ in
        guard let flush = hosted.call.takeFlush() else { return Status.none }
        unsafe result.pointee = flush.number
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_pull_platform_audio(
    _ call: sidetone_call, _ bytes: UnsafeMutableRawPointer?, _ capacity: Int,
    _ packet: UnsafeMutablePointer<sidetone_packet>?
) -> sidetone_status {
    guard let bytes = unsafe bytes, let result = unsafe packet else { return Status.nullPointer }
    do { unsafe try HostStruct.check(result) } catch { return error.status }
    guard capacity >= 0 else { return Status.invalidArgument }
    // The host lends room for `capacity` bytes for the length of the call.
    let buffer = unsafe UnsafeMutableBufferPointer(
        start: bytes.assumingMemoryBound(to: UInt8.self), count: capacity)
    return withPlayout(call) { hosted, now in
        guard capacity >= hosted.packetCapacity else { return Status.bufferTooSmall }
        var room = unsafe buffer.mutableSpan
        guard let sent = hosted.call.nextPacket(into: &room, now: now) else { return Status.none }
        unsafe HostStruct.write(
            sidetone_packet(
                struct_size: 0, size: sent.byteCount, generation: sent.generation.number,
                response: sent.response.number, allows_barge_in: sent.allowsBargeIn ? 1 : 0,
                reserved: 0), to: result)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_playback_started(_ call: sidetone_call) -> sidetone_status {
    withPlayout(call) { hosted, now in
        hosted.call.playbackStarted(now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_playback_completed(_ call: sidetone_call) -> sidetone_status {
    withPlayout(call) { hosted, now in
        hosted.call.playbackCompleted(now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_hold_packets(
    _ call: sidetone_call, _ duration_ms: Int32
) -> sidetone_status {
    guard (0...600_000).contains(duration_ms) else { return Status.invalidArgument }
    return withPlayout(call) { hosted, now in
        hosted.call.holdPackets(for: .milliseconds(Int64(duration_ms)), now: now)
        return Status.ok
    }
}

// MARK: What became of it

@c @implementation
public func sidetone_call_account(
    _ call: sidetone_call, _ response: UInt32, _ account: UnsafeMutablePointer<sidetone_account>?
) -> sidetone_status {
    guard let result = unsafe account else { return Status.nullPointer }
    return withPlayout(call) { hosted, _ in
        guard let known = hosted.account(of: ResponseID(number: response)) else {
            return Status.noResponse
        }
        unsafe result.pointee = sidetone_account(known.account, isFinal: known.isFinal)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_turn_bill(
    _ call: sidetone_call, _ bill: UnsafeMutablePointer<sidetone_turn_bill>?
) -> sidetone_status {
    guard let result = unsafe bill else { return Status.nullPointer }
    return withCall(call) { hosted, _ in
        guard let latest = hosted.takeBill() else { return Status.none }
        unsafe result.pointee = sidetone_turn_bill(latest)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_ledger(
    _ call: sidetone_call, _ ledger: UnsafeMutablePointer<sidetone_ledger>?
) -> sidetone_status {
    guard let result = unsafe ledger else { return Status.nullPointer }
    do { unsafe try HostStruct.check(result) } catch { return error.status }
    return withCall(call) { hosted, _ in
        let now = sidetone_ledger(
            hosted.call.ingressLedger, hosted.call.egressLedger,
            lostEvents: hosted.call.lostEventCount)
        unsafe HostStruct.write(now, to: result)
        return Status.ok
    }
}
