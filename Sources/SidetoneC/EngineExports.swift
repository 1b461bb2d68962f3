// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone
internal import MediaEngine

// Engines and the life of calls, as declared in sidetone/call.h.

@c @implementation
public func sidetone_engine_create(
    _ config: UnsafePointer<sidetone_engine_config>?,
    _ engine: UnsafeMutablePointer<sidetone_engine>?
) -> sidetone_status {
    guard let engine = unsafe engine else { return Status.nullPointer }
    let made: Engine
    do {
        let settings =
            if let config = unsafe config { unsafe try HostStruct.read(config) } else {
                unsafe sidetone_engine_config()
            }
        made = unsafe try Engine(settings)
    } catch { return error.status }
    guard let handle = HandleTable.shared.open(made, .engine) else { return Status.limitReached }
    unsafe engine.pointee = handle
    return Status.ok
}

@c @implementation
public func sidetone_engine_close(_ engine: sidetone_engine) -> sidetone_status {
    HandleTable.shared.close(engine, .engine) { (engine: Engine) in
        for call in engine.calls {
            HandleTable.shared.closeInside(call) { (_: HostedCall) in }
        }
        engine.calls.removeAll()
    }
}

@c @implementation
public func sidetone_engine_now(
    _ engine: sidetone_engine, _ now_ns: UnsafeMutablePointer<Int64>?
) -> sidetone_status {
    guard let result = unsafe now_ns else { return Status.nullPointer }
    return HandleTable.shared.enter(engine, .engine) { (engine: Engine) in
        unsafe result.pointee = engine.now().nanoseconds
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_open(
    _ engine: sidetone_engine, _ config: UnsafePointer<sidetone_call_config>?,
    _ call: UnsafeMutablePointer<sidetone_call>?
) -> sidetone_status {
    guard let result = unsafe call else { return Status.nullPointer }
    return HandleTable.shared.enter(engine, .engine) { (owner: Engine) in
        guard owner.calls.count < owner.mostCalls else { return Status.limitReached }
        let configuration: CallConfiguration
        do {
            let settings =
                if let config = unsafe config { unsafe try HostStruct.read(config) } else {
                    sidetone_call_config()
                }
            configuration = try CallConfiguration(settings)
        } catch let refusal as Refusal { return refusal.status } catch {
            return Status.invalidArgument
        }
        let hosted = HostedCall(configuration, of: owner)
        guard let handle = HandleTable.shared.open(hosted, .call, behind: engine) else {
            return Status.limitReached
        }
        owner.calls.append(handle)
        unsafe result.pointee = handle
        return Status.ok
    }
}

@c @implementation
public func sidetone_call_close(_ call: sidetone_call) -> sidetone_status {
    HandleTable.shared.close(call, .call) { (closing: HostedCall) in
        closing.engine.calls.removeAll { $0 == call }
    }
}
