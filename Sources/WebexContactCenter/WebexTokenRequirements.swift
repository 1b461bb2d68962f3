// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What a token must say to be for us.
public struct WebexTokenRequirements: Hashable, Sendable {
    /// The address that the data source was registered with; compared octet by octet, so that a
    /// trailing `:443` matters.
    public var dataSourceURL: String
    /// The schema of the service, a UUID; letters of either case.
    public var schemaUUID: String
    /// As registered; nil: any audience will do, but there must be one.
    public var audience: String?
    /// As registered; nil: any subject will do, but there must be one.
    public var subject: String?
    /// Issuers whose keys may be fetched at all, compared octet by octet.
    public var issuers: [String]

    public init(
        dataSourceURL: String, schemaUUID: String = WebexTokenPolicy.voiceVirtualAgentSchema,
        audience: String? = nil, subject: String? = nil,
        issuers: [String] = WebexTokenPolicy.issuers
    ) {
        self.dataSourceURL = dataSourceURL
        self.schemaUUID = schemaUUID
        self.audience = audience
        self.subject = subject
        self.issuers = issuers
    }

    /// What can be checked without a key, and has to be before one is fetched.
    ///
    /// The algorithm stands here as well, so that nobody makes us fetch keys for a token that no
    /// key could help.
    /// - Returns: the issuer, in our own spelling.
    func checkOrigin(of token: WebexToken) throws(WebexTokenRefusal) -> String {
        if token.claims.tokenType?.lowercased() == "bearer" { throw .oauthToken }
        guard let claimed = token.claims.issuer,
            let issuer = issuers.first(where: { $0.hasSameOctets(as: claimed) })
        else { throw .issuerNotAllowed }
        guard let algorithm = token.algorithm,
            algorithm.hasSameOctets(as: WebexTokenPolicy.algorithm)
        else { throw .algorithmNotAllowed }
        return issuer
    }

    /// Whether a verified token is for us, now. Seconds are since 1970.
    /// - Returns: the second up to which it is good, the skew included.
    func check(
        _ claims: WebexTokenClaims, unixSeconds: Int64
    ) throws(WebexTokenRefusal) -> Int64 {
        guard let expiry = claims.expiry else { throw .missingClaim }
        let dates = 0...WebexTokenPolicy.latestDate
        guard dates.contains(expiry), dates.contains(claims.notBefore ?? 0) else {
            throw .malformed
        }
        let goodUntil = Int64(expiry) + WebexTokenPolicy.clockSkew
        guard unixSeconds < goodUntil else { throw .expired }
        if let notBefore = claims.notBefore,
            Double(unixSeconds + WebexTokenPolicy.clockSkew) < notBefore
        {
            throw .notYetValid
        }
        guard let audiences = claims.audience?.values, !audiences.isEmpty,
            let subject = claims.subject, claims.identifier != nil
        else { throw .missingClaim }
        if let audience, !audiences.contains(where: { $0.hasSameOctets(as: audience) }) {
            throw .wrongAudience
        }
        if let required = self.subject, !required.hasSameOctets(as: subject) {
            throw .wrongSubject
        }
        guard let url = claims.url, let schema = claims.schema else { throw .missingClaim }
        guard url.hasSameOctets(as: dataSourceURL) else { throw .wrongURL }
        guard schema.lowercased().hasSameOctets(as: schemaUUID.lowercased()) else {
            throw .wrongSchema
        }
        return goodUntil
    }
}

extension String {
    /// Equality of octets. `==` also takes other spellings of the same characters for equal (the
    /// Kelvin sign for the letter K), which an address must not.
    func hasSameOctets(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
