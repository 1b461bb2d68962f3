// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command line of Sidetone.
@main
struct Sidetone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sidetone",
        abstract: "A low-latency media engine between contact-centre platforms and voice bots.",
        subcommands: [
            ServeCommand.self, CallCommand.self, LoadCommand.self, HearCommand.self,
            ExplainCommand.self,
        ])
}
