// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What a synthetic caller does, step by step. A step waits for its trigger once the one before
/// it is over.
public struct CallerScript: Hashable, Sendable {
    /// When a step begins.
    public enum Trigger: Hashable, Sendable {
        /// That long after the media began.
        case at(MediaDuration)
        /// That long after the previous step was over.
        case after(MediaDuration)
        /// When the bot has said something since the previous step and was quiet for that long.
        /// Where a platform has no bot audio it counts from the previous step.
        case afterBot(quiet: MediaDuration)
        /// That long after the bot began to be heard: an interruption.
        case intoBot(MediaDuration)
    }

    public enum Action: Hashable, Sendable {
        case speak(CallerClip)
        /// One digit after the other, a quarter of a second apart: 0-9, *, #, A-D.
        case dial(String)
        /// Genesys: a secure pause by the client. CXone: hold, in the style of the call's options.
        case hold
        /// The end of `hold`.
        case resume
        /// Genesys: the caller's language changed.
        case changeLanguage(String)
        /// Webex: a custom event of the flow with its name and parameters.
        case event(String, [String: String])
        case hangUp
    }

    public struct Step: Hashable, Sendable {
        public var trigger: Trigger
        public var action: Action

        public init(_ trigger: Trigger, _ action: Action) {
            self.trigger = trigger
            self.action = action
        }
    }

    public var steps: [Step]
    /// The background of the line while nobody speaks.
    public var noise: ComfortNoise
    /// How the line returns what the caller hears; nil on a line without echo.
    public var echo: EchoPath?
    /// How long `afterBot` and `intoBot` wait for a bot that says nothing.
    public var patience: MediaDuration
    /// The caller hangs up after that, whatever happens.
    public var longest: MediaDuration
    /// After the last step comes the first again, until the call is over otherwise.
    public var repeats = false

    public init(
        steps: [Step], noise: ComfortNoise = .silence, echo: EchoPath? = nil,
        patience: MediaDuration = .seconds(10), longest: MediaDuration = .seconds(120)
    ) {
        self.steps = steps
        self.noise = noise
        self.echo = echo
        self.patience = patience
        self.longest = longest
    }

    /// A polite caller: lets the bot greet and finish, says one clip after the other, hears the last
    /// answer, hangs up.
    public static func conversation(
        _ clips: [CallerClip], quiet: MediaDuration = .milliseconds(1000),
        noise: ComfortNoise = .silence
    ) -> CallerScript {
        CallerScript(
            steps: clips.map { Step(.afterBot(quiet: quiet), .speak($0)) }
                + [Step(.afterBot(quiet: quiet), .hangUp)],
            noise: noise)
    }
}
