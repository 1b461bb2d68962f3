// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension ByteBuffer {
    /// Appends octets. A copy and no more.
    mutating func append(_ octets: Span<UInt8>) {
        // An octet has no padding that reading could disclose.
        unsafe writeBytes(octets.bytes)
    }
}
