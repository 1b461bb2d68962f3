// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CSidetone
import Testing

@testable import SidetoneC

/// Structs of hosts that are older or newer than the library, or forgot to say.
@Suite struct HostStructTests {
    /// A detector's settings of a host that knows 16 bytes more.
    private struct Newer {
        var known = sidetone_detector_config()
        var more: (Int64, Int64) = (0, 0)
    }

    private func open(_ size: Int, more: Int64 = 0) -> sidetone_status {
        var config = Newer()
        config.known.struct_size = size
        config.more.1 = more
        var detector: sidetone_detector = 0
        let status = unsafe withUnsafePointer(to: config) {
            unsafe $0.withMemoryRebound(to: sidetone_detector_config.self, capacity: 1) {
                unsafe sidetone_detector_open($0, &detector)
            }
        }
        if status == Status.ok { #expect(sidetone_detector_close(detector) == Status.ok) }
        return status
    }

    @Test func aSizeThatCannotBeIsRefused() {
        let size = MemoryLayout<sidetone_detector_config>.stride
        #expect(open(0) == Status.invalidSize)
        #expect(open(size - 1) == Status.invalidSize)
        #expect(open(.max) == Status.invalidSize)
        #expect(open(-8) == Status.invalidSize)
        #expect(open(size) == Status.ok)
    }

    @Test func whatTheLibraryDoesNotKnowMustNotBeSet() {
        let size = MemoryLayout<Newer>.stride
        #expect(open(size) == Status.ok)
        #expect(open(size, more: 1) == Status.invalidSize)
    }

    @Test func whatTheLibraryDoesNotKnowIsZeroed() {
        struct NewerPacket {
            var known = sidetone_packet()
            var more: Int64 = 77
        }
        var packet = NewerPacket()
        packet.known.struct_size = MemoryLayout<NewerPacket>.stride
        unsafe withUnsafeMutablePointer(to: &packet) {
            unsafe $0.withMemoryRebound(to: sidetone_packet.self, capacity: 1) {
                var value = sidetone_packet()
                value.size = 160
                unsafe HostStruct.write(value, to: $0)
            }
        }
        #expect(packet.known.size == 160)
        #expect(packet.known.struct_size == MemoryLayout<NewerPacket>.stride)
        #expect(packet.more == 0)
    }

    @Test func everyStatusHasAText() {
        for status in -10...2 {
            #expect(!text(Int32(status)).contains("does not know"))
        }
        #expect(text(-99).contains("does not know"))
    }

    private func text(_ status: sidetone_status) -> String {
        guard let text = unsafe sidetone_status_text(status) else { return "does not know any" }
        return unsafe String(cString: text)
    }

    @Test func theVersionIsThatOfTheHeader() {
        #expect(sidetone_version() == UInt32(0 << 16 | 1 << 8 | 0))
    }
}
