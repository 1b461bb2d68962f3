// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone
internal import SpeechDetection

// G.711, resampler and detectors, as declared in sidetone/pieces.h.

@c @implementation
public func sidetone_decode(
    _ encoding: Int32, _ bytes: UnsafeRawPointer?, _ count: Int,
    _ samples: UnsafeMutablePointer<Int16>?
) -> sidetone_status {
    guard let bytes = unsafe bytes, let samples = unsafe samples else { return Status.nullPointer }
    guard (0...(1 << 40)).contains(count) else { return Status.invalidArgument }
    do {
        let format = AudioFormat(try AudioEncoding(host: encoding), rate: .hz8000)
        // The host lends both for the length of the call.
        let source = unsafe UnsafeRawBufferPointer(
            start: bytes, count: count * format.bytesPerFrame)
        let target = unsafe UnsafeMutableBufferPointer(start: samples, count: count)
        var room = unsafe target.mutableSpan
        unsafe AudioCodec.decode(EncodedAudio(source.bytes, format: format), into: &room)
        return Status.ok
    } catch { return error.status }
}

@c @implementation
public func sidetone_encode(
    _ encoding: Int32, _ samples: UnsafePointer<Int16>?, _ count: Int,
    _ bytes: UnsafeMutableRawPointer?
) -> sidetone_status {
    guard let samples = unsafe samples, let bytes = unsafe bytes else { return Status.nullPointer }
    guard (0...(1 << 40)).contains(count) else { return Status.invalidArgument }
    do {
        let encoding = try AudioEncoding(host: encoding)
        // The host lends both for the length of the call.
        let source = unsafe UnsafeBufferPointer(start: samples, count: count)
        let target = unsafe UnsafeMutableRawBufferPointer(
            start: bytes, count: count * encoding.bytesPerSample)
        var room = unsafe target.mutableBytes
        unsafe AudioCodec.encode(
            LinearAudio(source.span, rate: .hz8000), as: encoding, into: &room)
        return Status.ok
    } catch { return error.status }
}

// MARK: Resampler

/// A resampler of a host.
private final class HostedResampler {
    var resampler: Resampler

    init(_ resampler: consuming Resampler) {
        self.resampler = resampler
    }
}

@c @implementation
public func sidetone_resampler_open(
    _ from_hz: Int32, _ to_hz: Int32, _ resampler: UnsafeMutablePointer<sidetone_resampler>?
) -> sidetone_status {
    guard let result = unsafe resampler else { return Status.nullPointer }
    let range: ClosedRange<Int32> = 4000...192_000
    guard range.contains(from_hz), range.contains(to_hz) else { return Status.invalidArgument }
    let made = HostedResampler(
        Resampler(from: SampleRate(hertz: Int(from_hz)), to: SampleRate(hertz: Int(to_hz))))
    guard let handle = HandleTable.shared.open(made, .resampler) else { return Status.limitReached }
    unsafe result.pointee = handle
    return Status.ok
}

@c @implementation
public func sidetone_resampler_close(_ resampler: sidetone_resampler) -> sidetone_status {
    HandleTable.shared.close(resampler, .resampler) { (_: HostedResampler) in }
}

@c @implementation
public func sidetone_resampler_delay(
    _ resampler: sidetone_resampler, _ count: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let result = unsafe count else { return Status.nullPointer }
    return HandleTable.shared.enter(resampler, .resampler) { (hosted: HostedResampler) in
        unsafe result.pointee = hosted.resampler.delayCount
        return Status.ok
    }
}

@c @implementation
public func sidetone_resampler_process(
    _ resampler: sidetone_resampler, _ input: UnsafePointer<Int16>?, _ count: Int,
    _ output: UnsafeMutablePointer<Int16>?, _ capacity: Int,
    _ written: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let result = unsafe written else { return Status.nullPointer }
    guard unsafe (input != nil || count == 0) && (output != nil || capacity == 0) else {
        return Status.nullPointer
    }
    guard (0...(1 << 40)).contains(count), capacity >= 0 else { return Status.invalidArgument }
    // The host lends both for the length of the call.
    let source = unsafe UnsafeBufferPointer(start: input, count: count)
    let target = unsafe UnsafeMutableBufferPointer(start: output, count: capacity)
    return HandleTable.shared.enter(resampler, .resampler) { (hosted: HostedResampler) in
        let needed = hosted.resampler.outputCount(for: count)
        unsafe result.pointee = needed
        guard capacity >= needed else { return Status.bufferTooSmall }
        var room = unsafe target.mutableSpan
        unsafe hosted.resampler.process(source.span, into: &room)
        return Status.ok
    }
}

@c @implementation
public func sidetone_resampler_reset(_ resampler: sidetone_resampler) -> sidetone_status {
    HandleTable.shared.enter(resampler, .resampler) { (hosted: HostedResampler) in
        hosted.resampler.reset()
        return Status.ok
    }
}
