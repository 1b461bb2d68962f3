// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone
internal import SpeechDetection

// Detectors, as declared in sidetone/pieces.h.

@c @implementation
public func sidetone_detector_open(
    _ config: UnsafePointer<sidetone_detector_config>?,
    _ detector: UnsafeMutablePointer<sidetone_detector>?
) -> sidetone_status {
    unsafe open(config, detector, hearsFarEnd: false)
}

@c @implementation
public func sidetone_barge_in_detector_open(
    _ config: UnsafePointer<sidetone_detector_config>?,
    _ detector: UnsafeMutablePointer<sidetone_detector>?
) -> sidetone_status {
    unsafe open(config, detector, hearsFarEnd: true)
}

private func open(
    _ config: UnsafePointer<sidetone_detector_config>?,
    _ detector: UnsafeMutablePointer<sidetone_detector>?, hearsFarEnd: Bool
) -> sidetone_status {
    guard let result = unsafe detector else { return Status.nullPointer }
    let made: HostedDetector
    do {
        let settings =
            if let config = unsafe config { unsafe try HostStruct.read(config) } else {
                sidetone_detector_config()
            }
        made = try HostedDetector(settings, hearsFarEnd: hearsFarEnd)
    } catch { return error.status }
    guard let handle = HandleTable.shared.open(made, .detector) else { return Status.limitReached }
    unsafe result.pointee = handle
    return Status.ok
}

@c @implementation
public func sidetone_detector_close(_ detector: sidetone_detector) -> sidetone_status {
    HandleTable.shared.close(detector, .detector) { (_: HostedDetector) in }
}

@c @implementation
public func sidetone_detector_expect(
    _ detector: sidetone_detector, _ expected: Int32
) -> sidetone_status {
    do {
        let speech = try ExpectedSpeech(host: expected)
        return HandleTable.shared.enter(detector, .detector) { (hosted: HostedDetector) in
            hosted.expect(speech)
            return Status.ok
        }
    } catch { return error.status }
}

@c @implementation
public func sidetone_detector_process(
    _ detector: sidetone_detector, _ samples: UnsafePointer<Int16>?, _ count: Int,
    _ consumed: UnsafeMutablePointer<Int>?, _ decision: UnsafeMutablePointer<sidetone_decision>?
) -> sidetone_status {
    unsafe process(
        detector, samples, nil, count, mayInterrupt: false, consumed: consumed, decision: decision)
}

@c @implementation
public func sidetone_barge_in_detector_process(
    _ detector: sidetone_detector, _ near_samples: UnsafePointer<Int16>?,
    _ far_samples: UnsafePointer<Int16>?, _ count: Int, _ may_interrupt: Int32,
    _ consumed: UnsafeMutablePointer<Int>?, _ decision: UnsafeMutablePointer<sidetone_decision>?
) -> sidetone_status {
    unsafe process(
        detector, near_samples, far_samples, count, mayInterrupt: may_interrupt != 0,
        consumed: consumed, decision: decision)
}

private func process(
    _ detector: sidetone_detector, _ near: UnsafePointer<Int16>?, _ far: UnsafePointer<Int16>?,
    _ count: Int, mayInterrupt: Bool, consumed: UnsafeMutablePointer<Int>?,
    decision: UnsafeMutablePointer<sidetone_decision>?
) -> sidetone_status {
    guard let consumed = unsafe consumed, let decision = unsafe decision,
        unsafe near != nil || count == 0
    else { return Status.nullPointer }
    guard count >= 0 else { return Status.invalidArgument }
    do { unsafe try HostStruct.check(decision) } catch { return error.status }
    // The host lends `count` samples of each side for the length of the call.
    let samples = unsafe UnsafeBufferPointer(start: near, count: count)
    let heard = unsafe UnsafeBufferPointer(start: far, count: far == nil ? 0 : count)
    return HandleTable.shared.enter(detector, .detector) { (hosted: HostedDetector) in
        guard heard.isEmpty || hosted.hearsFarEnd else { return Status.invalidArgument }
        let result = unsafe hosted.process(
            samples.span, heard: heard.span, mayInterrupt: mayInterrupt)
        unsafe consumed.pointee = result.count
        guard let decided = result.decision else { return Status.none }
        unsafe HostStruct.write(sidetone_decision(decided), to: decision)
        return Status.ok
    }
}
