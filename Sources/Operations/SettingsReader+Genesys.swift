// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import StrictYAML

extension SettingsReader {
    func apiKeys(_ key: ConfigurationKey) throws(YAMLProblem) -> [ServerConfiguration.APIKey] {
        var keys: [ServerConfiguration.APIKey] = []
        let value = try required(key)
        // Not read by `list()` and `mapping(of:)` at once: their messages repeat what they find.
        guard case .list(let items) = value.content else {
            throw value.problem("expected a list of mappings with 'key' and 'secret'")
        }
        for item in items {
            guard case .mapping = item.content else {
                throw item.problem("expected a mapping with 'key' and 'secret'")
            }
            let mapping = try item.mapping(of: ["key", "secret"])
            let keyValue = try mapping.required("key")
            let apiKey = try secret(keyValue)
            guard Self.isAPIKey(apiKey.revealed) else {
                throw keyValue.problem("a key has letters, digits and + / _ -, then at most two =")
            }
            if keys.contains(where: { $0.key == apiKey }) {
                throw keyValue.problem("the same key is given twice")
            }
            var signing: Secret?
            if let value = mapping["secret"] {
                let given = try secret(value)
                guard let bytes = Data(base64Encoded: given.revealed), !bytes.isEmpty else {
                    throw value.problem("the secret is not base64")
                }
                signing = given
            }
            keys.append(ServerConfiguration.APIKey(key: apiKey, secret: signing))
        }
        return keys
    }

    /// The grammar of `X-API-KEY` in AudioHook protocol version 2.
    private static func isAPIKey(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-zA-Z0-9+\/_-]+={0,2}/) != nil
    }
}
