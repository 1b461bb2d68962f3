// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import GRPCTransport
internal import SyntheticCallers

struct WebexCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webex",
        abstract: "Call as Webex Contact Center does: a voice virtual agent over gRPC.")

    @OptionGroup var arguments: CallArguments

    @Option(name: .long, help: "customer_org_id; a random one when left out.")
    var organization: String?

    @Option(name: .long, help: "virtual_agent_id; the server's default when left out.")
    var virtualAgent = ""

    @Option(name: .long, help: "Name of the environment variable that holds the token (a JWS).")
    var tokenVariable: String?

    @Option(name: .long, help: "How many calls share a connection.")
    var callsPerConnection = 100

    func validate() throws {
        guard callsPerConnection > 0 else {
            throw ValidationError("--calls-per-connection takes 1 or more")
        }
    }

    func run() async throws {
        let token = tokenVariable.flatMap { ProcessInfo.processInfo.environment[$0] }
        let endpoint = WebexEndpoint(
            try url(), tls: arguments.insecure ? try GRPCClientTLS(trust: .anyone) : nil,
            callsPerConnection: callsPerConnection)
        try await arguments.place { seed, script, isRecorded in
            var call = WebexCallOptions(seed: seed)
            if let organization { call.organization = organization }
            call.virtualAgent = virtualAgent
            call.token = token
            return SyntheticCall(call, to: endpoint, script: script, isRecorded: isRecorded)
        }
    }

    private func url() throws -> GRPCURL {
        do {
            return try GRPCURL(arguments.url)
        } catch {
            throw CleanFailure("\(arguments.url): \(error) cannot be used")
        }
    }
}
