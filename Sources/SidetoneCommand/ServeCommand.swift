// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Operations
internal import StrictYAML

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve calls with the configured bot until SIGTERM or SIGINT.",
        discussion: """
            A flag goes before the environment (SIDETONE_SERVER_PORT), the environment before the \
            file, the file before the default. docs/configuration.md lists every key.
            """)

    @Option(name: .long, help: "The configuration file (YAML).")
    var config: String?

    @Option(name: .long, help: "Address to listen on.")
    var host: String?

    @Option(name: .long, help: "Port to listen on; 0 takes an unused one.")
    var port: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Any key of the configuration.", valueName: "KEY=VALUE"))
    var settings: [String] = []

    @Flag(name: .long, help: "Print the configuration in effect, secrets left out, and end.")
    var check = false

    func run() async throws {
        let (configuration, text) = try readConfiguration()
        if check {
            print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
            return
        }
        StandardErrorLog.start(level: configuration.server.logLevel)
        let logger = Logger(label: "sidetone")
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let server: SidetoneServer
        do {
            server = try await SidetoneServer.start(configuration, logger: logger)
        } catch {
            throw CleanFailure("cannot serve: \(error)")
        }
        logger.info("listening", metadata: ["url": "\(server.url)"])
        for endpoint in server.endpoints {
            logger.info(
                "serving", metadata: ["service": "\(endpoint.name)", "url": "\(endpoint.url)"])
        }
        try await server.runUntilSignal()
        StandardErrorLog.flush()
    }

    private func readConfiguration() throws -> (ServerConfiguration, String) {
        do {
            var flags: [ConfigurationSettings.Flag] = []
            if let host { flags.append(.init("--host", host)) }
            if let port { flags.append(.init("--port", port)) }
            for setting in settings { flags.append(try .init(set: setting)) }
            let all = try ConfigurationSettings(
                file: config, environment: ProcessInfo.processInfo.environment, flags: flags)
            return (try ServerConfiguration(all), all.effectiveText())
        } catch {
            throw CleanFailure("\(error)")
        }
    }
}

/// An error that is one line for the operator, without a type's name around it.
struct CleanFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
