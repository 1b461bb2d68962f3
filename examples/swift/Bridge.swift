// Sidetone
// SPDX-License-Identifier: Apache-2.0
//
// A bridge of one's own: Sidetone on the event loops and in the service group of an application
// that has other things to do as well. `swift run example-bridge --set server.port=8080`.

import Logging
import NIOPosix
import ServiceLifecycle
import Sidetone
import UnixSignals

/// Says back what it was told, a little quieter, and hangs up after a key.
struct Parrot: VoiceBot {
    func run(_ call: VoiceCall) async throws {
        async let watching: Void = watch(call)
        while let turn = await call.nextTurn() {
            // A language model's voice would be written as it comes, part by part.
            let response = await call.beginResponse()
            try await call.write(turn.audio, to: response)
            let account = try await call.finish(response)
            if account.wasCleared { print("interrupted; heard \(account.heard) samples") }
        }
        await watching
    }

    /// What happens meanwhile: how fast each answer was, and keys.
    private func watch(_ call: VoiceCall) async {
        for await event in call.events {
            switch event {
            case .turnAnswered(let bill):
                print("answered after \(Int(bill.total.milliseconds)) ms")
            case .digit:
                await call.end()
            default:
                break
            }
        }
    }
}

/// The bridge, on event loops that its application made.
func startBridge(
    _ settings: [String], on group: MultiThreadedEventLoopGroup, logger: Logger
) async throws -> SidetoneServer {
    let flags = try settings.map { try ConfigurationSettings.Flag(set: $0) }
    let configuration = try ServerConfiguration(ConfigurationSettings(file: nil, flags: flags))
    return try await SidetoneServer.start(
        configuration, bots: VoiceBotProvider { _ in Parrot() }, group: group, logger: logger)
}

@main
struct Bridge {
    static func main() async throws {
        let logger = Logger(label: "bridge")
        let server = try await startBridge(
            CommandLine.arguments.filter { $0.contains("=") }, on: .singleton, logger: logger)
        for endpoint in server.endpoints { logger.info("\(endpoint.name): \(endpoint.url)") }
        try await ServiceGroup(
            services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
