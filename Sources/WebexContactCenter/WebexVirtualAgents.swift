// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A bot as the platform's flow designer shows it.
public struct WebexVirtualAgent: Hashable, Sendable {
    /// What the platform asks for; the bot's name on this server.
    public var id: String
    public var name: String
    /// Whether it answers when the platform names none.
    public var isDefault: Bool

    public init(id: String, name: String, isDefault: Bool = false) {
        self.id = id
        self.name = name
        self.isDefault = isDefault
    }
}

/// The bots that may be asked for. Without any, every name is passed on to the bot provider.
public struct WebexVirtualAgents: Hashable, Sendable {
    public let agents: [WebexVirtualAgent]

    public init(_ agents: [WebexVirtualAgent] = []) {
        self.agents = agents
    }

    /// The agent that a conversation asks for with `id`, which may be empty.
    func resolve(_ id: String) throws(WebexViolation) -> String? {
        if agents.isEmpty { return id.isEmpty ? nil : id }
        if id.isEmpty {
            guard let agent = agents.first(where: { $0.isDefault }) else {
                throw .missingVirtualAgent
            }
            return agent.id
        }
        guard agents.contains(where: { $0.id == id }) else { throw .unknownVirtualAgent }
        return id
    }
}
