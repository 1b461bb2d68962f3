// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension Script {
    /// A text with places for variables, such as `Asked for order {order_number}`.
    public struct Template: Hashable, Sendable {
        private enum Part: Hashable {
            case text(String)
            case variable(String)
        }

        private let parts: [Part]

        /// - Returns: nil when a brace has no partner or encloses nothing.
        public init?(parsing text: String) {
            var parts: [Part] = []
            var rest = text[...]
            while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
                let inner = rest[rest.index(after: brace)...]
                guard rest[brace] == "{", let end = inner.firstIndex(where: { "{}".contains($0) }),
                    inner[end] == "}", end > inner.startIndex
                else { return nil }
                parts.append(.text(String(rest[..<brace])))
                parts.append(.variable(String(inner[..<end])))
                rest = inner[inner.index(after: end)...]
            }
            parts.append(.text(String(rest)))
            self.parts = parts
        }

        /// Names of the variables in it, in their order.
        public var variables: [String] {
            parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
        }

        /// The text with each variable's value; one without a value leaves nothing.
        public func filled(with values: [String: String]) -> String {
            parts.map { part in
                switch part {
                case .text(let text): text
                case .variable(let name): values[name] ?? ""
                }
            }.joined()
        }
    }
}
