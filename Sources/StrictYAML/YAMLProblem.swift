// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a YAML file, and where: written for the person who edits the file.
public struct YAMLProblem: Error, Hashable, CustomStringConvertible {
    /// The file's name, as the person gave it.
    public var file: String
    /// Line in the file, from 1; `nil` when the problem has no place, such as a file that is missing.
    public var line: Int?
    /// Path of the key, such as `genesys.api_keys[0].secret`; empty at the top of the file.
    public var path: String
    /// One sentence without a full stop.
    public var message: String

    public init(file: String, line: Int?, path: String = "", message: String) {
        self.file = file
        self.line = line
        self.path = path
        self.message = message
    }

    /// `file:line: path: message`, the form that editors turn into a link.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
    }
}
