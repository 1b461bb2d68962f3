// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import NIOPosix
import SwiftProtobuf

// An endpoint for the conformance suite: says every message back until it is stopped.

private final class Echo: GRPCServerHandler {
    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        stream.send(message)
        // Who does not read is not read from.
        if !stream.isWritable { stream.pauseReading() }
    }

    func writable(_ stream: GRPCServerStream) {
        stream.resumeReading()
    }

    func halfClosed(_ stream: GRPCServerStream) {
        stream.finish()
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {}
}

var configuration = GRPCServer.Configuration()
configuration.limits.maximumStreams = 100

var router = GRPCRouter()
let echo: GRPCAccept = { _, eventLoop in eventLoop.makeSucceededFuture(.accept { Echo() }) }
router.add(service: "sidetone.test.Echo", method: "Converse", echo)
router.addUnary(service: "sidetone.test.Echo", method: "Echo") {
    (request: Google_Protobuf_Empty, _, eventLoop: any EventLoop)
        -> EventLoopFuture<Google_Protobuf_Empty> in
    eventLoop.makeSucceededFuture(request)
}
GRPCHealth(services: []).register(in: &router)

let server = try await GRPCServer.start(
    configuration, router: router, group: MultiThreadedEventLoopGroup.singleton)
print(server.port)
fflush(nil)
while true { try await Task.sleep(for: .seconds(3600)) }
