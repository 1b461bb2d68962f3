// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import AudioCore
public import CSidetone

// Rings, as declared in sidetone/pieces.h. Each end has a gate of its own.

private final class HostedWriter {
    var end: SampleRing.Writer

    init(_ end: consuming SampleRing.Writer) {
        self.end = end
    }
}

private final class HostedReader {
    var end: SampleRing.Reader

    init(_ end: consuming SampleRing.Reader) {
        self.end = end
    }
}

@c @implementation
public func sidetone_ring_open(
    _ capacity: Int, _ writer: UnsafeMutablePointer<sidetone_ring_writer>?,
    _ reader: UnsafeMutablePointer<sidetone_ring_reader>?
) -> sidetone_status {
    guard let writer = unsafe writer, let reader = unsafe reader else { return Status.nullPointer }
    guard (1...(1 << 28)).contains(capacity) else { return Status.invalidArgument }
    let ring = SampleRing(capacity: capacity, target: capacity, overflow: .refuse)
    let (writeEnd, readEnd) = (HostedWriter(ring.writer), HostedReader(ring.reader))
    guard let first = HandleTable.shared.open(writeEnd, .ringWriter) else {
        return Status.limitReached
    }
    guard let second = HandleTable.shared.open(readEnd, .ringReader) else {
        _ = sidetone_ring_writer_close(first)
        return Status.limitReached
    }
    unsafe writer.pointee = first
    unsafe reader.pointee = second
    return Status.ok
}

@c @implementation
public func sidetone_ring_writer_close(_ writer: sidetone_ring_writer) -> sidetone_status {
    HandleTable.shared.close(writer, .ringWriter) { (_: HostedWriter) in }
}

@c @implementation
public func sidetone_ring_reader_close(_ reader: sidetone_ring_reader) -> sidetone_status {
    HandleTable.shared.close(reader, .ringReader) { (_: HostedReader) in }
}

@c @implementation
public func sidetone_ring_write(
    _ writer: sidetone_ring_writer, _ samples: UnsafePointer<Int16>?, _ count: Int,
    _ taken: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let result = unsafe taken, unsafe samples != nil || count == 0 else {
        return Status.nullPointer
    }
    guard count >= 0 else { return Status.invalidArgument }
    // The host lends `count` samples for the length of the call.
    let source = unsafe UnsafeBufferPointer(start: samples, count: count)
    return HandleTable.shared.enter(writer, .ringWriter) { (hosted: HostedWriter) in
        let written = unsafe hosted.end.write(source.span)
        unsafe result.pointee = written
        return written == count ? Status.ok : Status.full
    }
}

@c @implementation
public func sidetone_ring_read(
    _ reader: sidetone_ring_reader, _ samples: UnsafeMutablePointer<Int16>?, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let samples = unsafe samples, let result = unsafe count else {
        return Status.nullPointer
    }
    guard capacity >= 0 else { return Status.invalidArgument }
    // The host lends room for `capacity` samples for the length of the call.
    let target = unsafe UnsafeMutableBufferPointer(start: samples, count: capacity)
    return HandleTable.shared.enter(reader, .ringReader) { (hosted: HostedReader) in
        var room = unsafe target.mutableSpan
        let read = hosted.end.read(into: &room)
        guard read > 0 else { return Status.none }
        unsafe result.pointee = read
        return Status.ok
    }
}

@c @implementation
public func sidetone_ring_discard(
    _ reader: sidetone_ring_reader, _ count: Int, _ discarded: UnsafeMutablePointer<Int>?
) -> sidetone_status {
    guard let result = unsafe discarded else { return Status.nullPointer }
    guard count >= 0 else { return Status.invalidArgument }
    return HandleTable.shared.enter(reader, .ringReader) { (hosted: HostedReader) in
        unsafe result.pointee = hosted.end.discard(count)
        return Status.ok
    }
}

@c @implementation
public func sidetone_ring_reader_statistics(
    _ reader: sidetone_ring_reader, _ statistics: UnsafeMutablePointer<sidetone_ring_statistics>?
) -> sidetone_status {
    guard let result = unsafe statistics else { return Status.nullPointer }
    do { unsafe try HostStruct.check(result) } catch { return error.status }
    return HandleTable.shared.enter(reader, .ringReader) { (hosted: HostedReader) in
        let seen = hosted.end.statistics
        unsafe HostStruct.write(
            sidetone_ring_statistics(
                struct_size: 0, written: UInt64(seen.written), read: UInt64(seen.read),
                high_water: UInt64(seen.highWater), waiting: UInt64(hosted.end.count)),
            to: result)
        return Status.ok
    }
}
