// swift-tools-version: 6.2
// Sidetone
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that users of Sidetone do not build what only benchmarks need.
let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "sidetone", path: "..")],
    targets: [
        .systemLibrary(
            name: "CSpeexReference", path: "Sources/CSpeexReference", pkgConfig: "speexdsp",
            providers: [.apt(["libspeexdsp-dev"])]),
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
        .executableTarget(
            name: "MediaBenchmarks",
            dependencies: [
                "CMalloc",
                "CSpeexReference",
                .product(name: "AudioCore", package: "sidetone"),
                .product(name: "SpeechDetection", package: "sidetone"),
                .product(name: "MediaEngine", package: "sidetone"),
            ],
            swiftSettings: [
                .strictMemorySafety(),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableExperimentalFeature("Lifetimes"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
