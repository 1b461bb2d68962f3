// swift-tools-version: 6.2
// Sidetone
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own: everything in it, dependencies too, is built with the fuzzer's and the
// address sanitizer's instrumentation. `run` builds it and runs the targets.
let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(name: "sidetone", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .target(
            name: "FuzzInput", dependencies: [.product(name: "AudioCore", package: "sidetone")],
            swiftSettings: swiftSettings),
        fuzzer(
            "FuzzGRPC",
            [
                "FuzzInput", .product(name: "GRPCTransport", package: "sidetone"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        fuzzer(
            "FuzzGenesys",
            [
                "FuzzInput", .product(name: "AudioCore", package: "sidetone"),
                .product(name: "GenesysAudioHook", package: "sidetone"),
                .product(name: "JSON", package: "sidetone"),
            ]),
        fuzzer(
            "FuzzCXone",
            [
                "FuzzInput", .product(name: "AudioCore", package: "sidetone"),
                .product(name: "JSON", package: "sidetone"),
                .product(name: "NICECXone", package: "sidetone"),
            ]),
        fuzzer(
            "FuzzWebex",
            [
                "FuzzInput", .product(name: "AudioCore", package: "sidetone"),
                .product(name: "MediaEngine", package: "sidetone"),
                .product(name: "MediaServer", package: "sidetone"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "WebexContactCenter", package: "sidetone"),
                .product(name: "WebexMessages", package: "sidetone"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
