// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CSidetone
import Testing

@testable import SidetoneC

/// A host that calls anything at any time with any value: it is told so, and nothing crashes.
@Suite struct HostileHostTests {
    /// What the host's clock says; the engine reads it by its address.
    @safe
    private final class HostClock {
        let now: UnsafeMutablePointer<Int64>

        init() {
            unsafe now = .allocate(capacity: 1)
            unsafe now.initialize(to: 0)
        }

        deinit { unsafe now.deallocate() }
    }

    @Test(arguments: 1...6)
    func anyOrderOfAnyCallsIsSurvived(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clock = HostClock()
        var settings = unsafe sidetone_engine_config()
        unsafe settings.struct_size = MemoryLayout<sidetone_engine_config>.stride
        unsafe settings.max_calls = 2
        unsafe settings.playout_memory_size = 131_072
        unsafe settings.clock = { unsafe $0?.load(as: Int64.self) ?? 0 }
        unsafe settings.clock_context = UnsafeMutableRawPointer(clock.now)
        var engine: sidetone_engine = 0
        #expect(unsafe sidetone_engine_create(&settings, &engine) == Status.ok)
        var calls: [sidetone_call] = [0, 12_345, .max]
        var statuses: Set<sidetone_status> = []
        for _ in 0..<3000 {
            unsafe clock.now.pointee = Self.time(after: clock.now.pointee, &random)
            let call = calls.randomElement(using: &random) ?? 0
            let status = act(on: call, of: engine, &calls, &random)
            #expect((-10...2).contains(status))
            statuses.insert(status)
        }
        #expect(statuses.isSuperset(of: [Status.ok, Status.none, Status.closed]))
        #expect(statuses.isSuperset(of: [Status.invalidArgument, Status.noResponse]))
        #expect(sidetone_engine_close(engine) == Status.ok)
        #expect(sidetone_engine_close(engine) == Status.closed)
        for call in calls { #expect(sidetone_call_tick(call) < 0) }
    }

    /// Mostly as time passes; sometimes it stands still, runs back or is nonsense.
    private static func time(after now: Int64, _ random: inout SeededGenerator) -> Int64 {
        switch random.next() % 400 {
        case 0: .min
        case 1: now &- 5_000_000_000
        case 2: now &+ 100_000_000_000_000
        case 3: .max
        case 4...40: now
        default: (now < 0 || now > 1 << 60) ? 1 << 50 : now &+ 10_000_000
        }
    }

    private func act(
        on call: sidetone_call, of engine: sidetone_engine, _ calls: inout [sidetone_call],
        _ random: inout SeededGenerator
    ) -> sidetone_status {
        let number = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
        let count = Int(random.next() % 2000)
        let response = UInt32(random.next() % 40)
        var samples = [Int16](repeating: 0, count: 2000)
        for index in 0..<count { samples[index] = Int16(truncatingIfNeeded: random.next()) }
        var (written, generation): (Int, UInt32) = (0, 0)
        switch random.next() % 24 {
        case 0:
            if random.next() % 8 == 0 { return sidetone_call_close(call) }
            return sidetone_call_tick(call)
        case 1:
            var config = sidetone_call_config()
            config.struct_size = MemoryLayout<sidetone_call_config>.stride
            config.from_platform.encoding = Int32(random.next() % 4)
            config.from_platform.rate_hz = [8000, 16_000, 48_000][Int(random.next() % 3)]
            config.from_platform.channels = Int32(random.next() % 3)
            config.bot_rate_hz = [8000, 11_025, 24_000, 48_000][Int(random.next() % 4)]
            config.pacing = Int32(random.next() % 2)
            config.barge_in = Int32(random.next() % 2)
            config.flags = UInt32(random.next() % 2)
            config.playback_offset_limit_ms = Int32(random.next() % 2 * 4000)
            var opened: sidetone_call = 0
            let status = unsafe sidetone_call_open(engine, &config, &opened)
            if status == Status.ok { calls.append(opened) }
            return status
        case 2...5:
            return unsafe sidetone_call_push_caller_audio(call, samples, count)
        case 6: return sidetone_call_move_timeline(call, number, nil)
        case 7: return sidetone_call_push_digit(call, CChar(truncatingIfNeeded: number))
        case 8: return sidetone_call_expect(call, Int32(truncatingIfNeeded: number))
        case 9...10: return sidetone_call_tick(call)
        case 11:
            return unsafe sidetone_call_begin_response(call, Int32(random.next() % 2), &generation)
        case 12...13:
            return unsafe sidetone_call_push_bot_audio(call, response, samples, count, nil)
        case 14: return sidetone_call_mark(call, response, UInt64(bitPattern: number))
        case 15: return sidetone_call_end_response(call, response)
        case 16: return random.next() % 4 == 0 ? sidetone_call_clear(call) : Status.none
        case 17: return unsafe sidetone_call_pull_caller_audio(call, &samples, count, &written)
        case 18:
            var packet = sidetone_packet()
            packet.struct_size = MemoryLayout<sidetone_packet>.stride
            return unsafe sidetone_call_pull_platform_audio(call, &samples, count * 2, &packet)
        case 19:
            var event = sidetone_event()
            event.struct_size = MemoryLayout<sidetone_event>.stride
            return unsafe sidetone_call_poll_event(call, &event)
        case 20: return sidetone_call_veto(call, response)
        case 21:
            return random.next() % 2 == 0
                ? sidetone_call_playback_completed(call) : sidetone_call_playback_started(call)
        case 22: return sidetone_call_hold_packets(call, Int32(truncatingIfNeeded: number))
        default:
            var account = sidetone_account()
            return unsafe sidetone_call_account(call, response, &account)
        }
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
