// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What the `scripted` bot says and does: prompts, and steps that speak, wait, transfer or end.
///
/// A value without behaviour; ``ScriptRunner`` runs it and `Script(contentsOf:)` reads it from a
/// file. Steps and prompts are named by their index, and every index in a script is valid.
public struct Script: Hashable, Sendable {
    /// Audio files, each once, in the order of first use.
    public internal(set) var prompts: [Prompt]
    /// The steps, in the order of the file.
    public internal(set) var steps: [Step]
    /// Index of the step that a call begins with.
    public internal(set) var start: Int
    /// What to do when the caller is silent; there whenever a step waits.
    public internal(set) var noInput: NoInput?

    /// An audio file that a script plays.
    public struct Prompt: Hashable, Sendable {
        /// The file as the script names it.
        public var name: String
        /// Where it is: `name` taken relative to the script's folder.
        public var path: String
    }

    /// One prompt said at one place of the script.
    public struct Utterance: Hashable, Sendable {
        /// Index into ``Script/prompts``.
        public var prompt: Int
        /// Whether the caller may cut it short by speaking or by pressing a key.
        public var allowsBargeIn: Bool
    }

    /// A place in the conversation: says its utterances in turn, then does one thing.
    public struct Step: Hashable, Sendable {
        public var name: String
        /// Event that the platform's flow is told when the step is entered.
        public var event: String?
        public var say: [Utterance]
        public var action: StepAction
        /// The caller's input is secret; the step waits.
        public var isSensitive: Bool
    }

    /// What a step does after it has spoken.
    public enum StepAction: Hashable, Sendable {
        /// Goes to a step at once.
        case proceed(to: Int)
        /// Waits for the caller's turn or key; the first rule that fits decides. The last fits always.
        case listen([Rule])
        /// Waits for keys and keeps them.
        case collect(Collection)
        /// Hands the caller over; the call is over for the bot.
        case transfer(destination: String, variables: [String: String], summary: Template?)
        /// Ends the bot's part of the call.
        case end(variables: [String: String], summary: Template?)
    }

    /// A condition on what the caller did, and the step to go to when it holds.
    public struct Rule: Hashable, Sendable {
        public var condition: Condition
        /// Index into ``Script/steps``.
        public var step: Int
    }

    /// What a rule asks of the caller's turn or key.
    public enum Condition: Hashable, Sendable {
        /// Fits every turn and every key.
        case always
        /// The caller pressed this key.
        case digit(Character)
        /// This is the caller's `n`-th answered turn of the call, from 1.
        case turn(Int)
        /// The turn was shorter: "no" rather than a sentence.
        case shorterThan(MediaDuration)
        /// The turn was longer.
        case longerThan(MediaDuration)
        /// The platform's flow sent the event of this name.
        case event(String)
    }

    /// How keys are gathered into an output variable.
    public struct Collection: Hashable, Sendable {
        /// Name of the variable that holds the keys.
        public var variable: String
        /// The collection is complete with so many keys.
        public var maximumDigits: Int
        /// The key that completes the collection early; it is not part of it.
        public var terminator: Character?
        /// Silence after a key that completes the collection.
        public var betweenDigits: MediaDuration
        /// Index of the step that follows.
        public var step: Int
    }

    /// What happens when a waiting step hears nothing.
    public struct NoInput: Hashable, Sendable {
        /// Silence, counted from the end of the last prompt.
        public var after: MediaDuration
        /// What is said before waiting again.
        public var say: [Utterance]
        /// How often it is said before the script gives up.
        public var attempts: Int
        /// Index of the step to go to then.
        public var step: Int
    }

    /// The keys of a telephone (RFC 4733, section 3.2, events 0 to 15).
    public static let keys: Set<Character> = Set("0123456789*#ABCD")
}
