// swift-tools-version: 6.2
// Sidetone
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Checked in every target of ours: warnings are errors, each unsafe expression carries the word.
let swiftSettings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Lets our own views of audio (EncodedAudio, LinearAudio) hold a span without a copy.
    .enableExperimentalFeature("Lifetimes"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources,
        swiftSettings: swiftSettings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        resources: resources, swiftSettings: swiftSettings)
}

// The order of the lists below is the order of the layers: a target may depend only on targets
// above it in its own list or in an earlier one. LayerTests reads this file and holds it to that.
let cModules: [Target] = [
    .systemLibrary(
        name: "CSpeexDSP", path: "CModules/CSpeexDSP", pkgConfig: "speexdsp",
        providers: [.apt(["libspeexdsp-dev"])]),
    .systemLibrary(
        name: "COpus", path: "CModules/COpus", pkgConfig: "opus",
        providers: [.apt(["libopus-dev"])]),
    .systemLibrary(
        name: "CWebRTCAudioProcessing", path: "CModules/CWebRTCAudioProcessing",
        pkgConfig: "webrtc-audio-processing",
        providers: [.apt(["libwebrtc-audio-processing-dev"])]),
    .systemLibrary(
        name: "CNGHTTP2", path: "CModules/CNGHTTP2", pkgConfig: "libnghttp2",
        providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(
        name: "CZlib", path: "CModules/CZlib", pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"])]),
    .target(
        name: "CWebRTCShim", dependencies: ["CWebRTCAudioProcessing"],
        path: "CModules/CWebRTCShim"),
    .target(name: "CKernels", path: "CModules/CKernels"),
    .target(name: "CSpectralKernels", path: "CModules/CSpectralKernels"),
    .target(name: "CAllocationCounter", path: "CModules/CAllocationCounter"),
    .target(
        name: "CSidetone", path: "CModules/CSidetone",
        exclude: ["libsidetone.map", "sidetone.pc.in"]),
]

let core: [Target] = [
    module("JSON"),
    module("AudioCore", ["CKernels", "CSpeexDSP", "COpus"]),
    module("SpeechDetection", ["AudioCore", "CSpectralKernels", "CWebRTCShim"]),
    module("MediaEngine", ["AudioCore", "SpeechDetection"]),
]

// The engine for hosts in other languages: libsidetone, which scripts/install-library makes of it.
let embedding: [Target] = [
    module("SidetoneC", ["CSidetone", "MediaEngine", "SpeechDetection", "AudioCore"])
]

// Formats that others fixed: files that people write (Yams is used here and nowhere else), and
// generated messages of platforms.
let formats: [Target] = [
    module("StrictYAML", [.product(name: "Yams", package: "Yams")]),
    .target(
        name: "WebexMessages",
        dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
        exclude: ["Protos"]),
]

let server: [Target] = [
    module(
        "MediaServer",
        [
            "MediaEngine", "AudioCore", "SpeechDetection",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "Histogram", package: "hdrhistogram-swift"),
        ] + nio)
]

let transports: [Target] = [
    module(
        "WebSocketTransport",
        [
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ] + nio),
    module(
        "GRPCTransport",
        [
            "CNGHTTP2", "CZlib",
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio, exclude: ["Health/health.proto"]),
]

let legs: [Target] = [
    module(
        "GenesysAudioHook",
        [
            "MediaServer", "WebSocketTransport", "MediaEngine", "AudioCore", "JSON",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "Logging", package: "swift-log"),
        ] + nio),
    module(
        "NICECXone",
        [
            "MediaServer", "WebSocketTransport", "MediaEngine", "AudioCore", "JSON",
            .product(name: "Logging", package: "swift-log"),
        ] + nio),
    module(
        "WebexContactCenter",
        [
            "MediaServer", "GRPCTransport", "MediaEngine", "AudioCore", "WebexMessages",
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "JWTKit", package: "jwt-kit"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio),
    module(
        "Bots",
        [
            "MediaServer", "MediaEngine", "StrictYAML", "AudioCore",
            .product(name: "Logging", package: "swift-log"),
        ] + nio,
        resources: [.copy("Resources")]),
    module(
        "WebSocketBots",
        [
            "MediaServer", "WebSocketTransport", "MediaEngine", "SpeechDetection", "AudioCore",
            "JSON", .product(name: "Logging", package: "swift-log"),
        ] + nio),
]

let tools: [Target] = [
    module(
        "SyntheticCallers",
        [
            "WebSocketTransport", "GRPCTransport", "WebexMessages", "AudioCore", "JSON",
            .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio),
    module(
        "LoadTesting",
        [
            "SyntheticCallers", "WebSocketTransport", "GRPCTransport", "AudioCore",
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Histogram", package: "hdrhistogram-swift"),
        ] + nio),
    module("HearingTrials", ["SpeechDetection", "AudioCore", "JSON"]),
    module(
        "Operations",
        [
            "GenesysAudioHook", "NICECXone", "WebexContactCenter", "Bots", "WebSocketBots",
            "MediaServer", "MediaEngine", "SpeechDetection", "WebSocketTransport", "GRPCTransport",
            "StrictYAML",
            "AudioCore", "JSON",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "Histogram", package: "hdrhistogram-swift"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ] + nio),
    module(
        "Sidetone",
        [
            "Operations", "Bots", "MediaServer", "MediaEngine", "SpeechDetection", "AudioCore",
        ]),
]

let executables: [Target] = [
    .executableTarget(
        name: "SidetoneCommand",
        dependencies: [
            "Operations", "LoadTesting", "SyntheticCallers", "HearingTrials", "WebSocketTransport",
            "GRPCTransport", "StrictYAML", "SpeechDetection", "AudioCore", "JSON",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ] + nio,
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "example-bridge",
        dependencies: [
            "Sidetone",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        path: "examples/swift", swiftSettings: swiftSettings),
    .executableTarget(
        name: "hearing-features", dependencies: ["SpeechDetection", "AudioCore"],
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "websocket-echo", dependencies: ["WebSocketTransport"] + nio,
        path: "Tests/Conformance/websocket/EchoEndpoint", swiftSettings: swiftSettings),
    .executableTarget(
        name: "grpc-echo",
        dependencies: [
            "GRPCTransport", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio,
        path: "Tests/Conformance/grpc/EchoEndpoint", swiftSettings: swiftSettings),
    .executableTarget(
        name: "call-reference", dependencies: ["MediaEngine", "SpeechDetection", "AudioCore"],
        path: "Tests/CInterface/CallReference", swiftSettings: swiftSettings),
]

let testTargets: [Target] = [
    tests("AudioCore", ["CAllocationCounter"]),
    tests("SpeechDetection", ["AudioCore", "CAllocationCounter"]),
    tests("MediaEngine", ["AudioCore", "SpeechDetection", "CAllocationCounter"]),
    tests(
        "SidetoneC",
        ["CSidetone", "CAllocationCounter", "MediaEngine", "SpeechDetection", "AudioCore"]),
    tests("StrictYAML"),
    tests(
        "MediaServer",
        [
            "MediaEngine", "SpeechDetection", "AudioCore", "CAllocationCounter",
            .product(name: "Histogram", package: "hdrhistogram-swift"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
        ] + nio),
    tests(
        "WebSocketTransport",
        [
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
        ] + nio),
    tests(
        "GRPCTransport",
        [
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio),
    tests("WebexMessages", [.product(name: "SwiftProtobuf", package: "swift-protobuf")]),
    tests("JSON"),
    tests(
        "GenesysAudioHook",
        [
            "MediaServer", "MediaEngine", "WebSocketTransport", "AudioCore", "JSON",
            "CAllocationCounter", .product(name: "Crypto", package: "swift-crypto"),
            .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests(
        "NICECXone",
        [
            "MediaServer", "MediaEngine", "WebSocketTransport", "AudioCore", "JSON",
            "CAllocationCounter", .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests(
        "WebexContactCenter",
        [
            "MediaServer", "MediaEngine", "SpeechDetection", "GRPCTransport", "AudioCore",
            "WebexMessages", "CAllocationCounter",
            .product(name: "JWTKit", package: "jwt-kit"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            .product(name: "X509", package: "swift-certificates"),
        ] + nio),
    tests(
        "Bots",
        [
            "MediaServer", "MediaEngine", "SpeechDetection", "StrictYAML", "AudioCore",
            .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests(
        "WebSocketBots",
        [
            "MediaServer", "MediaEngine", "SpeechDetection", "WebSocketTransport", "AudioCore",
            "JSON", .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests(
        "SyntheticCallers",
        [
            "WebSocketTransport", "GRPCTransport", "WebexMessages", "AudioCore",
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ] + nio),
    tests(
        "LoadTesting",
        [
            "Operations", "SyntheticCallers", "WebSocketTransport", "GRPCTransport", "StrictYAML",
            "AudioCore", .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests("HearingTrials", ["SpeechDetection", "AudioCore", "JSON"]),
    tests(
        "Operations",
        [
            "MediaServer", "WebSocketTransport", "StrictYAML", "JSON", "AudioCore",
            .product(name: "Logging", package: "swift-log"),
        ] + nio),
    tests(
        "Sidetone",
        [
            "example-bridge", "SyntheticCallers", "WebSocketTransport", "AudioCore",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ] + nio),
    .testTarget(
        name: "SidetoneCommandTests",
        dependencies: [
            "SidetoneCommand", "Operations", "SyntheticCallers", "Bots", "GenesysAudioHook",
            "NICECXone",
            "WebexContactCenter", "MediaServer", "MediaEngine", "WebSocketTransport",
            "GRPCTransport", "WebexMessages", "AudioCore",
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            .product(name: "Histogram", package: "hdrhistogram-swift"),
            .product(name: "Logging", package: "swift-log"),
        ] + nio,
        swiftSettings: swiftSettings),
    .testTarget(
        name: "hearing-featuresTests",
        dependencies: ["hearing-features", "SpeechDetection", "AudioCore"],
        swiftSettings: swiftSettings),
    .testTarget(name: "LayerTests", swiftSettings: swiftSettings),
]

let package = Package(
    name: "sidetone",
    products: [
        .executable(name: "sidetone", targets: ["SidetoneCommand"]),
        .library(name: "Sidetone", targets: ["Sidetone"]),
        .library(name: "AudioCore", targets: ["AudioCore"]),
        .library(name: "SpeechDetection", targets: ["SpeechDetection"]),
        .library(name: "MediaEngine", targets: ["MediaEngine"]),
        .library(name: "SidetoneC", type: .static, targets: ["SidetoneC"]),
        .library(name: "MediaServer", targets: ["MediaServer"]),
        .library(name: "Bots", targets: ["Bots"]),
        .library(name: "Operations", targets: ["Operations"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: cModules + core + embedding + formats + server + transports + legs + tools
        + executables
        + testTargets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
