// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Yams

extension YAMLValue {
    /// Reads the one document of a YAML file.
    ///
    /// Keys that are not texts and keys given twice are refused: neither has a use in a file that
    /// people read, and each can hide a mistake. An alias reads as a copy of what it names.
    ///
    /// - Parameters:
    ///   - text: The file's content.
    ///   - file: Its name, for messages.
    public init(parsing text: String, file: String) throws(YAMLProblem) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Self.problem(error, in: file)
        }
        guard let root else {
            throw YAMLProblem(file: file, line: nil, message: "the file is empty")
        }
        try self.init(root, file: file, path: "", line: 1)
    }

    private init(_ node: Node, file: String, path: String, line: Int) throws(YAMLProblem) {
        let line = node.mark?.line ?? line
        self.file = file
        self.path = path
        self.line = line
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && (scalar.string == "null" || scalar.string == "~")
            content = .scalar(isNull ? "" : scalar.string)
        case .sequence(let sequence):
            var values: [YAMLValue] = []
            for (index, element) in sequence.enumerated() {
                values.append(
                    try YAMLValue(element, file: file, path: "\(path)[\(index)]", line: line))
            }
            content = .list(values)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (keyNode, valueNode) in mapping {
                let keyLine = keyNode.mark?.line ?? line
                guard case .scalar(let key) = keyNode else {
                    throw YAMLProblem(
                        file: file, line: keyLine, path: path, message: "a key must be a text")
                }
                let keyPath = path.isEmpty ? key.string : "\(path).\(key.string)"
                let value = try YAMLValue(valueNode, file: file, path: keyPath, line: keyLine)
                entries.append(Entry(key: key.string, line: keyLine, value: value))
            }
            content = .mapping(entries)
        case .alias:
            throw YAMLProblem(
                file: file, line: line, path: path, message: "this alias names nothing")
        }
    }

    private static func problem(_ error: any Error, in file: String) -> YAMLProblem {
        guard let error = error as? YamlError else {
            return YAMLProblem(file: file, line: nil, message: "\(error)")
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return YAMLProblem(file: file, line: mark.line, message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            return YAMLProblem(
                file: file, line: context.mark.line, message: "\(names) is given more than once")
        default:
            return YAMLProblem(file: file, line: nil, message: "not YAML: \(error)")
        }
    }
}
