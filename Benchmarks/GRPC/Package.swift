// swift-tools-version: 6.2
// Sidetone
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that only this benchmark builds grpc-swift-2. Sidetone's own server is
// `grpc-echo` of the main package.
let package = Package(
    name: "grpc-benchmark",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CNGHTTP2", path: "Sources/CNGHTTP2", pkgConfig: "libnghttp2",
            providers: [.apt(["libnghttp2-dev"])]),
        .executableTarget(name: "CEchoServer", dependencies: ["CNGHTTP2"]),
        .executableTarget(name: "CLoadGenerator", dependencies: ["CNGHTTP2"]),
        .executableTarget(
            name: "SwiftGRPCEcho",
            dependencies: [
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
