// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Sends `request` as it is and returns all that comes until the server closes.
func rawHTTP(_ request: String, port: Int) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request))
        var answer = ""
        for try await part in inbound { answer += String(buffer: part) }
        return answer
    }
}

/// `GET path`, answered and closed.
func get(_ path: String, port: Int) async throws -> String {
    try await rawHTTP("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: port)
}
