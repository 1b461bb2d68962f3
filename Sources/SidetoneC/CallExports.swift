// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone
internal import MediaEngine
internal import SpeechDetection

// Time, events and the caller's side of a call, as declared in sidetone/call.h.

/// Runs `body` with the call of a handle and the instant of its engine.
@inline(__always)
func withCall(
    _ handle: sidetone_call, _ body: (HostedCall, MediaInstant) -> sidetone_status
) -> sidetone_status {
    HandleTable.shared.enter(handle, .call) { (hosted: HostedCall) in
        body(hosted, hosted.engine.now())
    }
}

@c @implementation
public func sidetone_call_tick(_ call: sidetone_call) -> sidetone_status {
    withCall(call) { hosted, now in
        hosted.call.advance(to: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_deadline(
    _ call: sidetone_call, _ deadline_ns: UnsafeMutablePointer<Int64>?
) -> sidetone_status {
    guard let result = unsafe deadline_ns else { return Status.nullPointer }
    return withCall(call) { hosted, now in
        unsafe result.pointee = hosted.call.deadline(after: now).nanoseconds
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_poll_event(
    _ call: sidetone_call, _ event: UnsafeMutablePointer<sidetone_event>?
) -> sidetone_status {
    guard let result = unsafe event else { return Status.nullPointer }
    do { unsafe try HostStruct.check(result) } catch { return error.status }
    return HandleTable.shared.enter(call, .call) { (hosted: HostedCall) in
        guard let event = hosted.nextEvent() else { return Status.none }
        unsafe HostStruct.write(sidetone_event(event), to: result)
        return Status.ok
    }
}

// MARK: The caller's side

@c @implementation
public func sidetone_call_push_caller_audio(
    _ call: sidetone_call, _ bytes: UnsafeRawPointer?, _ size: Int
) -> sidetone_status {
    guard size >= 0 else { return Status.invalidArgument }
    guard unsafe bytes != nil || size == 0 else { return Status.nullPointer }
    // The host lends `size` bytes for the length of the call.
    let audio = unsafe UnsafeRawBufferPointer(start: bytes, count: size)
    return withCall(call) { hosted, now in
        let format = hosted.call.configuration.ingress
        unsafe hosted.call.receive(EncodedAudio(audio.bytes, format: format), now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_move_timeline(
    _ call: sidetone_call, _ position: Int64, _ missing: UnsafeMutablePointer<Int64>?
) -> sidetone_status {
    guard (0...(1 << 40)).contains(position) else { return Status.invalidArgument }
    return withCall(call) { hosted, now in
        let moved = hosted.call.moveTimeline(to: SamplePosition(position), now: now)
        if let missing = unsafe missing { unsafe missing.pointee = Int64(moved) }
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_position(
    _ call: sidetone_call, _ position: UnsafeMutablePointer<Int64>?
) -> sidetone_status {
    guard let result = unsafe position else { return Status.nullPointer }
    return HandleTable.shared.enter(call, .call) { (hosted: HostedCall) in
        unsafe result.pointee = hosted.call.ingressPosition.index
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_suspend(_ call: sidetone_call) -> sidetone_status {
    withCall(call) { hosted, _ in
        hosted.call.suspendIngress()
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_resume(_ call: sidetone_call) -> sidetone_status {
    withCall(call) { hosted, now in
        hosted.call.resumeIngress(now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_push_digit(_ call: sidetone_call, _ digit: CChar) -> sidetone_status {
    let scalar = Unicode.Scalar(UInt8(bitPattern: digit))
    guard let key = DTMFDigit(Character(scalar)) else { return Status.invalidArgument }
    return withCall(call) { hosted, now in
        hosted.call.receive(key, now: now)
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_expect(_ call: sidetone_call, _ expected: Int32) -> sidetone_status {
    do {
        let speech = try ExpectedSpeech(host: expected)
        return withCall(call) { hosted, _ in
            hosted.call.expect(speech)
            return Status.ok
        }
    } catch { return error.status }
}

@c @implementation
public func sidetone_call_pull_caller_audio(
    _ call: sidetone_call, _ samples: UnsafeMutablePointer<Int16>?, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let samples = unsafe samples, let result = unsafe count else {
        return Status.nullPointer
    }
    guard capacity >= 64 else { return Status.bufferTooSmall }
    // The host lends room for `capacity` samples for the length of the call.
    let buffer = unsafe UnsafeMutableBufferPointer(start: samples, count: capacity)
    return HandleTable.shared.enter(call, .call) { (hosted: HostedCall) in
        var room = unsafe buffer.mutableSpan
        let written = hosted.call.readCallerAudio(into: &room)
        guard written > 0 else { return Status.none }
        unsafe result.pointee = written
        return Status.ok
    }
}
