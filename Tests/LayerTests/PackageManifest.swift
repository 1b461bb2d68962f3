// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What `Package.swift` says about targets, read from its text.
///
/// The text is read because asking SwiftPM from inside `swift test` would wait for the build lock
/// that the test itself holds. Only the forms our manifest uses are understood; anything else
/// throws, so that a new form cannot hide an arrow.
struct PackageManifest {
    struct Target: Equatable {
        var name: String
        /// The `let` list the target stands in: its layer.
        var list: String
        var isTest = false
        /// Folder relative to the package.
        var path: String
        /// Targets of this package, in the order written.
        var modules: [String] = []
        /// Products of other packages.
        var products: [String] = []
    }

    enum Unreadable: Error, Equatable {
        case unclosed(String)
        case unknownTargetForm(String)
        case unknownDependencyForm(String)
        case unknownDependencyList(String)
        case noTargets
    }

    /// All targets in the order of the text.
    private(set) var targets: [Target] = []
    /// The lists in the order in which `Package(targets:)` adds them up.
    private(set) var layers: [String] = []

    private var dependencyLists: [String: Dependencies] = [:]

    private struct Dependencies {
        var modules: [String] = []
        var products: [String] = []
    }

    init(parsing text: String) throws(Unreadable) {
        let tokens = ManifestToken.read(text)
        var index = 0
        while index < tokens.count {
            if tokens[index] == .word("let"), case .word(let name) = tokens[safe: index + 1],
                let equals = tokens[index...].firstIndex(of: .mark("=")),
                tokens[safe: equals + 1] == .mark("[")
            {
                let type = tokens[(index + 2)..<equals].filter { $0 != .mark(":") }
                let body = try Self.bracketed(tokens, from: equals + 1, in: name)
                if type == [.mark("["), .word("Target"), .mark("]")] {
                    for element in Self.elements(body) {
                        targets.append(try target(element, list: name))
                    }
                } else if type.contains(.word("Dependency")) {
                    dependencyLists[name] = try dependencies([.mark("[")] + body + [.mark("]")])
                }
                index = equals + body.count + 3
            } else if tokens[index] == .word("targets"), tokens[safe: index + 1] == .mark(":"),
                case .word = tokens[safe: index + 2]
            {
                let sum = tokens[(index + 2)...].prefix { $0 != .mark(",") }
                layers = sum.compactMap { if case .word(let name) = $0 { name } else { nil } }
                index += 2 + sum.count
            } else {
                index += 1
            }
        }
        if targets.isEmpty || layers.isEmpty { throw .noTargets }
    }

    /// One element of a target list: a call of ours (`module`, `tests`) or of SwiftPM.
    private func target(_ tokens: [ManifestToken], list: String) throws(Unreadable) -> Target {
        guard let open = tokens.firstIndex(of: .mark("(")), case .word(let form) = tokens[open - 1]
        else { throw .unknownTargetForm("\(tokens)") }
        var texts: [String: String] = [:]
        var declared = Dependencies()
        let arguments = Self.elements(try Self.bracketed(tokens, from: open, in: form))
        for (position, argument) in arguments.enumerated() {
            var label = ["name", "dependencies"][safe: position] ?? ""
            var value = argument
            if case .word(let word) = argument[safe: 0], argument[safe: 1] == .mark(":") {
                label = word
                value = Array(argument[2...])
            }
            if label == "dependencies" {
                declared = try dependencies(value)
            } else if case .text(let text) = value[safe: 0] {
                texts[label] = text
            }
        }
        guard let name = texts["name"] else { throw .unknownTargetForm(form) }
        var target = Target(
            name: name, list: list, path: texts["path"] ?? "Sources/\(name)",
            modules: declared.modules, products: declared.products)
        switch form {
        case "module", "target", "executableTarget", "systemLibrary":
            break
        case "tests":
            target.name = name + "Tests"
            target.modules.insert(name, at: 0)
            fallthrough
        case "testTarget":
            target.isTest = true
            target.path = texts["path"] ?? "Tests/\(target.name)"
        default:
            throw .unknownTargetForm(form)
        }
        return target
    }

    /// A sum of array literals and named lists.
    private func dependencies(_ tokens: [ManifestToken]) throws(Unreadable) -> Dependencies {
        var sum = Dependencies()
        var index = 0
        while index < tokens.count {
            switch tokens[index] {
            case .mark("+"):
                index += 1
            case .word(let list):
                guard let named = dependencyLists[list] else { throw .unknownDependencyList(list) }
                sum.modules += named.modules
                sum.products += named.products
                index += 1
            case .mark("["):
                let body = try Self.bracketed(tokens, from: index, in: "dependencies")
                for element in Self.elements(body) {
                    switch (element[safe: 0], element[safe: 1], element[safe: 5]) {
                    case (.text(let module), nil, _):
                        sum.modules.append(module)
                    case (.mark("."), .word("product"), .text(let product)):
                        sum.products.append(product)
                    case (.mark("."), .word("byName"), .text(let module)),
                        (.mark("."), .word("target"), .text(let module)):
                        sum.modules.append(module)
                    default:
                        throw .unknownDependencyForm("\(element)")
                    }
                }
                index += body.count + 2
            default:
                throw .unknownDependencyForm("\(tokens[index])")
            }
        }
        return sum
    }

    /// The tokens between the bracket at `start` and the one that closes it.
    private static func bracketed(
        _ tokens: [ManifestToken], from start: Int, in name: String
    ) throws(Unreadable) -> [ManifestToken] {
        var depth = 0
        for index in start..<tokens.count {
            depth += tokens[index].nesting
            if depth == 0 { return Array(tokens[(start + 1)..<index]) }
        }
        throw .unclosed(name)
    }

    /// Splits at the commas that stand in no inner bracket.
    private static func elements(_ tokens: [ManifestToken]) -> [[ManifestToken]] {
        var depth = 0
        var parts: [[ManifestToken]] = [[]]
        for token in tokens {
            depth += token.nesting
            if token == .mark(","), depth == 0 {
                parts.append([])
            } else {
                parts[parts.count - 1].append(token)
            }
        }
        return parts.filter { !$0.isEmpty }
    }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
