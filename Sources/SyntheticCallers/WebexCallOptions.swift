// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A Webex Contact Center call to place with a voice virtual agent (BYOVA over gRPC): who calls,
/// and how Webex behaves where its published description leaves a choice.
public struct WebexCallOptions: Hashable, Sendable {
    /// `conversation_id`, the same in every RPC of the call.
    public var conversation: String
    /// `customer_org_id`.
    public var organization: String
    /// `virtual_agent_id`; empty leaves the choice to the server.
    public var virtualAgent = ""
    public var language = "en-US"
    /// Sent as `authorization` of every RPC, exactly as it stands here; nil leaves it out.
    public var token: String?
    /// `vendor_specific_config`, opaque text.
    public var vendorConfiguration = ""
    public var allowsPartialResponses = false
    /// The first key is told on the audio RPC when one is open; on an RPC of its own otherwise.
    public var startsDigitsOnAudioRPC = true
    /// The terminating key is among the digits handed over.
    public var includesTerminator = true
    /// A packet of that many bytes, too short to be speech, opens each audio RPC. 3 was seen.
    public var firstPacketBytes = 3
    public var limits = WebexLimits()
    /// Where in the noise the call begins.
    public var seed: UInt64

    /// A call with identifiers drawn from `seed`: equal seeds make equal calls.
    public init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        self.seed = seed
        conversation = generator.uuid()
        organization = generator.uuid()
    }
}

/// How long the synthetic Webex waits, and to what it holds the server. 100 to 65,536 bytes, 20 ms
/// and the 500 ms are published; the other values are not, and chosen here.
public struct WebexLimits: Hashable, Sendable {
    public var frameDuration = MediaDuration.milliseconds(20)
    /// Audio of one CHUNK.
    public var chunkBytes = 100...65_536
    /// From the end of input to the first prompt; later ones are reported.
    public var responseDue = MediaDuration.milliseconds(500)
    /// An answer that makes no progress for so long is given up, and its RPC cancelled.
    public var answerTimeout = MediaDuration.seconds(10)
    /// For an RPC to be completed after its last response, or after it has lost its purpose.
    public var completionTimeout = MediaDuration.seconds(2)
    /// What crosses a message of ours on the way is no fault for so long.
    public var inFlight = MediaDuration.milliseconds(250)
    /// Silence that ends digits where the server names none.
    public var interDigit = MediaDuration.seconds(5)
    /// Between two keys of the caller.
    public var keyInterval = MediaDuration.milliseconds(250)

    public init() {}
}
