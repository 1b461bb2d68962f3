// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Certificates for `localhost` and `127.0.0.1` with their keys: published with the source, worth
/// nothing, for tests on loopback only.
enum ServerFiles {
    struct Identity {
        let certificate: String
        let privateKey: String

        /// Writes `cert.pem` and `key.pem`.
        func write(to folder: URL) throws {
            try Data(certificate.utf8).write(to: folder.appending(path: "cert.pem"))
            try Data(privateKey.utf8).write(to: folder.appending(path: "key.pem"))
        }
    }

    /// Calls `body` with a new folder that is gone afterwards.
    static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "sidetone-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    static let first = Identity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBWzCCAQCgAwIBAgIBATAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJzaWRldG9u
            ZSB0ZXN0IG9ubHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMB0x
            GzAZBgNVBAMMEnNpZGV0b25lIHRlc3Qgb25seTBZMBMGByqGSM49AgEGCCqGSM49
            AwEHA0IABCJkAQq1eY3cYr9Dsc39p03DNljC85LxAvi3TFk66Chq8AH5O7XjTmt7
            QjSzBPo5c+oPtznuKl0DbDiOb91xSsOjLzAtMBoGA1UdEQQTMBGCCWxvY2FsaG9z
            dIcEfwAAATAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCs1Ici
            cs9sIsVnpfdm8W/1C4cRHmGmJjuO157YNSdUcQIhALGl+nDipu+8tf3rDBnMg3SS
            QokObJsv4I77Hkl2DmFv
            -----END CERTIFICATE-----
            """,
        privateKey: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgv47gD6Z9zvR4JkcM
            lIcXlBzzPoHUcisveBbF3a2AeCuhRANCAAQiZAEKtXmN3GK/Q7HN/adNwzZYwvOS
            8QL4t0xZOugoavAB+Tu1405re0I0swT6OXPqD7c57ipdA2w4jm/dcUrD
            -----END PRIVATE KEY-----
            """)

    static let renewed = Identity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBszCCAVmgAwIBAgIUGeolOCzeusnsy/X9TIJRatvW2X8wCgYIKoZIzj0EAwIw
            IDEeMBwGA1UEAwwVc2lkZXRvbmUgdGVzdCByZW5ld2VkMCAXDTI2MTEyMTA3MDAy
            MloYDzIxMjYxMDI4MDcwMDIyWjAgMR4wHAYDVQQDDBVzaWRldG9uZSB0ZXN0IHJl
            bmV3ZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS47hL791XKeMDodxwfWyve
            dOWURFGgTGXY9WP5o09yj5TYovg7s7P0I2FvBWSTZR9AO1OnxzgZIG2imYRU6gfP
            o28wbTAdBgNVHQ4EFgQU7lQHVHvIMSKmkTKItwjFU8N2W3cwHwYDVR0jBBgwFoAU
            7lQHVHvIMSKmkTKItwjFU8N2W3cwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzAR
            gglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAK2plwt+/l+taNsw
            fJy3ZRDfjiY5Er1K1dp2hP437vRlAiBGdSky+5bjWdh99AeZ1oUndAloFwu0WCLs
            SJvtGgc/iw==
            -----END CERTIFICATE-----
            """,
        privateKey: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSk4lcOGOcJAJL2+t
            a+O5B0JB4eUlbup/duviMhGYnG6hRANCAAS47hL791XKeMDodxwfWyvedOWURFGg
            TGXY9WP5o09yj5TYovg7s7P0I2FvBWSTZR9AO1OnxzgZIG2imYRU6gfP
            -----END PRIVATE KEY-----
            """)
}
