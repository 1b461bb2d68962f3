// swift-tools-version: 6.2
// Sidetone
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let media: [Target.Dependency] = [
    .product(name: "AudioCore", package: "sidetone"),
    .product(name: "SpeechDetection", package: "sidetone"),
    .product(name: "MediaEngine", package: "sidetone"),
]

// A package of its own, so that users of Sidetone do not build what only benchmarks need.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "sidetone", path: ".."),
        // Without its traits: they bring interposers that count in its stead, and more to build.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CSpeexReference", path: "Sources/CSpeexReference", pkgConfig: "speexdsp",
            providers: [.apt(["libspeexdsp-dev"])]),
        .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
        // The sources of CAllocationCounter, which is no product of the main package.
        .target(name: "CAllocationCount", path: "Sources/CAllocationCount"),
        .target(
            name: "MediaWorkloads",
            dependencies: ["CMalloc", "CSpeexReference", "CAllocationCount"] + media,
            swiftSettings: swiftSettings),
        // In this folder because the plugin takes only targets whose parent has this one's name.
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "MediaWorkloads", .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "MicroBenchmarks",
            swiftSettings: swiftSettings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "MediaBenchmarks", dependencies: ["MediaWorkloads"],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
