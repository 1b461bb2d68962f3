// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import NIOCore

/// A message compressed with gzip (RFC 1952), as gRPC's `gzip` encoding has it.
///
/// This file is the boundary to zlib: its pointers are valid during a call only.
enum GzipMessage {
    private static let pieceLength = 16_384

    /// Inflates a message.
    /// - Parameter limit: the most octets it may become: a small message can hold gigabytes.
    /// - Throws: `notGzip`, or `tooLong` as soon as the limit is passed.
    static func inflate(
        _ message: Span<UInt8>, limit: Int
    ) throws(MessageFramingError) -> ByteBuffer {
        var stream = unsafe z_stream()
        guard unsafe sidetone_gzip_inflate_init(&stream) == Z_OK else { throw .notGzip }
        defer { unsafe inflateEnd(&stream) }
        var output = ByteBuffer()
        var code = Z_OK
        unsafe message.withUnsafeBufferPointer { octets in
            // The library never writes through its input.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: octets.baseAddress)
            unsafe stream.avail_in = UInt32(octets.count)
            while code == Z_OK, output.readableBytes <= limit {
                unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: pieceLength) {
                    room in
                    unsafe stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    unsafe stream.avail_out = UInt32(room.count)
                    code = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                    return unsafe room.count - Int(stream.avail_out)
                }
            }
        }
        guard output.readableBytes <= limit else { throw .tooLong(output.readableBytes) }
        guard code == Z_STREAM_END, unsafe stream.avail_in == 0 else { throw .notGzip }
        return output
    }
}
