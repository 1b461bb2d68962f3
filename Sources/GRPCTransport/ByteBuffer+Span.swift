// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

extension ByteBuffer {
    /// Appends octets. A copy and no more.
    package mutating func append(_ octets: Span<UInt8>) {
        // An octet has no padding that reading could disclose.
        unsafe writeBytes(octets.bytes)
    }
}
