// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import Logging
import MediaServer
import NIOCore
import NIOPosix
import Operations
import SyntheticCallers
import Testing
import WebSocketTransport

/// Recorded human speech: the prompts of Debian's package, which set-up installs.
enum Voice {
    static func clip(_ name: String) throws -> AudioClip {
        let folder =
            ProcessInfo.processInfo.environment["SIDETONE_VOICES"]
            ?? "/usr/share/asterisk/sounds/en_US_f_Allison"
        let data = try #require(
            FileManager.default.contents(atPath: "\(folder)/\(name).wav"),
            "run scripts/install-dependencies")
        return try WAVFile.parse([UInt8](data)).clip(channel: 0)
    }

    static func caller(_ name: String) throws -> CallerClip {
        try CallerClip(name: name, audio: clip(name))
    }
}

/// A server with the built-in bot on an unused port, for the length of `body`.
func withServer(
    script: String? = nil, bots: (any BotProvider)? = nil, settings: [String] = [],
    _ body: (SidetoneServer) async throws -> Void
) async throws {
    var flags: [ConfigurationSettings.Flag] = [.init("--port", "0")]
    var folder: URL?
    if let script {
        let made = FileManager.default.temporaryDirectory.appending(
            path: "sidetone-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Script.defaultURL.deletingLastPathComponent().appending(path: "prompts"),
            to: made.appending(path: "prompts"))
        let file = made.appending(path: "script.yaml")
        try script.write(to: file, atomically: true, encoding: .utf8)
        flags.append(try .init(set: "bot.script=\(file.path)"))
        folder = made
    }
    flags.append(try .init(set: "webex.port=0"))
    for setting in settings { flags.append(try .init(set: setting)) }
    flags.append(try .init(set: "server.drain_seconds=0"))
    let configuration = try ServerConfiguration(
        ConfigurationSettings(text: nil, name: "", flags: flags))
    let server = try await SidetoneServer.start(
        configuration, bots: bots, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        try await body(server)
    } catch {
        try await server.stop()
        throw error
    }
    try await server.stop()
    if let folder { try FileManager.default.removeItem(at: folder) }
}

/// Places a call and returns what became of it.
func place(
    _ platform: SyntheticCall.Platform, path: String, on server: SidetoneServer,
    script: CallerScript
) async throws -> CallResult {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let url = try WebSocketURL("ws://127.0.0.1:\(server.port)\(path)")
    let result = await CallGenerator(group: group).run(
        SyntheticCall(platform, to: url, script: script))
    try await group.shutdownGracefully()
    return result
}

/// The best normalised correlation of `needle` with `hay` when it begins within `range`.
func bestMatch(
    of needle: ArraySlice<Int16>, in hay: [Int16], starting range: ClosedRange<Int>
) -> (start: Int, correlation: Double) {
    var best = (start: range.lowerBound, correlation: -1.0)
    let template = Array(needle)
    let energy = template.reduce(0.0) { $0 + Double($1) * Double($1) }
    let span = hay.span
    for start in range where start >= 0 && start + template.count <= hay.count {
        var product = 0.0
        var own = 1.0
        for index in template.indices {
            let sample = Double(span[start + index])
            product += sample * Double(template[index])
            own += sample * sample
        }
        let correlation = product / (energy * own).squareRoot()
        if correlation > best.correlation { best = (start, correlation) }
    }
    return best
}
