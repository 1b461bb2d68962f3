// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why a client certificate was not taken, each counted under its own name.
public enum WebexClientCertificateRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// The client presented none.
    case missing
    case unreadable
    /// No `CN`, several, or one in a form that is not compared.
    case noSingleCommonName = "no_single_common_name"
    case wrongCommonName = "wrong_common_name"
    case wrongOrganization = "wrong_organization"
}

/// Whose client certificates are taken, out of all that a trusted authority issued.
///
/// Webex's differ from data centre to data centre, as in
/// `CN=insight-orchestrator.intgus1.ciscoccservice.com, O=Cisco Systems Inc.`: the common name may be
/// given with its first labels open.
public struct WebexClientCertificateRule: Hashable, Sendable {
    public enum ConfigurationError: Error, Hashable, Sendable {
        /// Nothing to compare with, or characters that no host name has.
        case badCommonName
        /// A `*` elsewhere than as the whole first label, or with fewer than two labels after it.
        case badWildcard
        case emptyOrganization
        /// Not `CN=…` or `CN=…, O=…`.
        case badForm
    }

    private let commonName: String
    /// What a name has to end with after one label or more; nil: the name itself.
    private let suffix: String?
    private let organization: String?

    /// - Parameters:
    ///   - commonName: an exact name, or `*.` and a domain of two labels or more, which stands for
    ///     every name with one label or more in front of that domain. Letters of either case.
    ///   - organization: compared octet by octet; nil: any or none.
    public init(commonName: String, organization: String? = nil) throws(ConfigurationError) {
        guard organization != "" else { throw .emptyOrganization }
        // Before the case is folded: beyond ASCII other characters would become the same letters.
        guard !commonName.isEmpty, Self.isPrintable(commonName) else { throw .badCommonName }
        let name = commonName.lowercased()
        if name.contains("*") {
            guard name.hasPrefix("*."), !name.dropFirst().contains("*") else { throw .badWildcard }
            let domain = name.dropFirst(2)
            guard let labels = Self.labels(of: domain), labels.count >= 2 else {
                throw .badWildcard
            }
            suffix = String(name.dropFirst())
        } else {
            suffix = nil
        }
        self.commonName = name
        self.organization = organization
    }

    /// Reads `CN=name` or `CN=name, O=organization`; the organisation reaches to the end, commas
    /// included.
    public init(_ text: String) throws(ConfigurationError) {
        guard text.hasPrefix("CN=") else { throw .badForm }
        let rest = text.dropFirst(3)
        let name = rest.prefix { $0 != "," }
        let tail = rest.dropFirst(name.count)
        guard !tail.isEmpty else {
            try self.init(commonName: String(name))
            return
        }
        let organization = tail.dropFirst().drop { $0 == " " }
        guard organization.hasPrefix("O=") else { throw .badForm }
        try self.init(
            commonName: String(name), organization: String(organization.dropFirst(2)))
    }

    /// Checks the certificate that TLS has verified up to a trusted authority.
    /// - Returns: nil when it is taken.
    public func refusal(of der: [UInt8]?) -> WebexClientCertificateRefusal? {
        guard let der else { return .missing }
        guard let certificate = try? WebexClientCertificate(der: der) else { return .unreadable }
        // Which of several names an authority has vouched for, nobody can tell.
        guard certificate.commonNames.count == 1, let name = certificate.commonNames[0] else {
            return .noSingleCommonName
        }
        guard matches(name) else { return .wrongCommonName }
        guard let organization else { return nil }
        guard certificate.organizations.count == 1,
            let claimed = certificate.organizations[0], claimed.hasSameOctets(as: organization)
        else { return .wrongOrganization }
        return nil
    }

    private func matches(_ claimed: String) -> Bool {
        guard Self.isPrintable(claimed) else { return false }
        let name = claimed.lowercased()
        guard let suffix else { return name == commonName }
        guard name.hasSuffix(suffix), Self.labels(of: name.dropLast(suffix.count)) != nil else {
            return false
        }
        return true
    }

    private static func isPrintable(_ name: String) -> Bool {
        name.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// The labels of a host name; nil when it is none.
    private static func labels(of name: Substring) -> [Substring]? {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { octet in
                    switch octet {
                    case 0x30...0x39, 0x61...0x7A: true
                    default: octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
                    }
                }
        }
        return areLabels ? labels : nil
    }
}
