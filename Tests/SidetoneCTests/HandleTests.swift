// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CSidetone
import Testing

@testable import SidetoneC

/// Handles: what is closed, of another kind, in use elsewhere, or was never there.
@Suite struct HandleTests {
    private final class Thing {
        var handle: UInt64 = 0
    }

    @Test func aClosedHandleStaysClosedWhenItsSlotIsUsedAgain() {
        let table = HandleTable(capacity: 1)
        let first = table.open(Thing(), .detector) ?? 0
        #expect(table.close(first, .detector) { (_: Thing) in } == Status.ok)
        let second = table.open(Thing(), .detector) ?? 0
        #expect(second != first)
        #expect(table.enter(first, .detector) { (_: Thing) in Status.ok } == Status.closed)
        #expect(table.close(first, .detector) { (_: Thing) in } == Status.closed)
        #expect(table.enter(second, .detector) { (_: Thing) in Status.ok } == Status.ok)
    }

    @Test func aFullTableGivesNoHandle() {
        let table = HandleTable(capacity: 1)
        #expect(table.open(Thing(), .call) != nil)
        #expect(table.open(Thing(), .call) == nil)
    }

    @Test(arguments: [0, 1, 0xFFFF_FFFF_FFFF_FFFF, 1 << 32 | 2 << 24 | 9, 7 << 32 | 2 << 24])
    func whatWasNeverGivenOutIsInvalid(handle: UInt64) {
        let table = HandleTable(capacity: 4)
        _ = table.open(Thing(), .call)
        let status = table.enter(handle, .call) { (_: Thing) in Status.ok }
        #expect(status == Status.invalidHandle)
    }

    @Test func aHandleOfAnotherKindIsInvalid() {
        let table = HandleTable(capacity: 4)
        let call = table.open(Thing(), .call) ?? 0
        #expect(table.enter(call, .engine) { (_: Thing) in Status.ok } == Status.invalidHandle)
    }

    @Test func whoComesWhileAnotherIsInsideIsToldSo() {
        let table = HandleTable(capacity: 4)
        let engine = table.open(Thing(), .engine) ?? 0
        let call = table.open(Thing(), .call, behind: engine) ?? 0
        var inner: [sidetone_status] = []
        let outer = table.enter(call, .call) { (_: Thing) in
            inner.append(table.enter(engine, .engine) { (_: Thing) in Status.ok })
            inner.append(table.close(call, .call) { (_: Thing) in })
            return Status.ok
        }
        #expect(outer == Status.ok)
        #expect(inner == [Status.busy, Status.busy])
        #expect(table.close(call, .call) { (_: Thing) in } == Status.ok)
    }

    @Test func anObjectEndsWithItsHandle() {
        let table = HandleTable(capacity: 4)
        weak var ended: Thing?
        var handle: UInt64 = 0
        do {
            let thing = Thing()
            ended = thing
            handle = table.open(thing, .detector) ?? 0
        }
        #expect(ended != nil)
        _ = table.close(handle, .detector) { (_: Thing) in }
        #expect(ended == nil)
    }
}
