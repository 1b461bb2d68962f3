// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCTransport

/// What the command line asks for.
struct EchoOptions: Sendable {
    struct Client: Sendable {
        var port: Int
        var scenario: String
    }

    struct Mistake: Error, CustomStringConvertible {
        var description: String
    }

    var client: Client?
    /// Event loops of the server; nil for one to each core.
    var threads: Int?
    private var identity: (certificate: String, key: String)?
    private var clientAuthority: String?
    private var serverAuthority: String?

    init(_ arguments: some Sequence<String>) throws {
        var rest = arguments.makeIterator()
        func value(of name: String) throws -> String {
            guard let value = rest.next() else { throw Mistake(description: "\(name) wants more") }
            return value
        }
        func number(of name: String) throws -> Int {
            guard let number = Int(try value(of: name)) else {
                throw Mistake(description: "\(name) wants a number")
            }
            return number
        }
        while let name = rest.next() {
            switch name {
            case "--client":
                client = Client(port: try number(of: name), scenario: try value(of: name))
            case "--threads": threads = try number(of: name)
            case "--tls": identity = (try text(try value(of: name)), try text(try value(of: name)))
            case "--client-ca": clientAuthority = try text(try value(of: name))
            case "--tls-ca": serverAuthority = try text(try value(of: name))
            default: throw Mistake(description: "unknown argument \(name)")
            }
        }
    }

    func serverTLS() throws -> GRPCServerTLS? {
        guard let identity else { return nil }
        return try GRPCServerTLS(
            certificateChain: identity.certificate, privateKey: identity.key,
            clientAuthorities: clientAuthority)
    }

    func clientTLS() throws -> GRPCClientTLS? {
        guard let serverAuthority else { return nil }
        return try GRPCClientTLS(
            trust: .authorities(serverAuthority), certificateChain: identity?.certificate,
            privateKey: identity?.key)
    }
}

private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
}
