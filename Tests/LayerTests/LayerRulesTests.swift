// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

/// The rules catch what they are there for, shown on manifests with one thing wrong.
@Suite struct LayerRulesTests {
    /// A small manifest in the forms of ours; `{name}` marks where a test adds a dependency.
    static func manifest(_ additions: [String: String] = [:], sum: String? = nil) -> String {
        var text = #"""
            // swift-tools-version: 6.2
            let nio: [Target.Dependency] = [.product(name: "NIOCore", package: "swift-nio")]
            let cModules: [Target] = [
                .systemLibrary(name: "CTone", path: "CModules/CTone", pkgConfig: "tone"),
            ]
            let core: [Target] = [
                module("Core", ["CTone"{core}]),  // "Server" in a comment is no dependency.
                module("Engine", ["Core"{engine}]),
            ]
            let formats: [Target] = [module("Format")]
            let server: [Target] = [module("Server", ["Engine"{server}] + nio)]
            let transports: [Target] = [module("Socket", [{transport}] + nio)]
            let legs: [Target] = [
                module("LegA", ["Server", "Socket"{legA}] + nio),
                module("LegB", ["Server", "Socket"{legB}], resources: [.copy("Resources")]),
            ]
            let tools: [Target] = [module("Tool", ["LegA"{tool}])]
            let executables: [Target] = [
                .executableTarget(name: "run", dependencies: ["Tool"{executable}], plugins: [])
            ]
            let testTargets: [Target] = [
                tests("Core"), .testTarget(name: "runTests", dependencies: ["run"]),
            ]
            let package = Package(
                name: "tone", products: [.executable(name: "run", targets: ["run"])],
                targets: {sum}, swiftLanguageModes: [.v6])
            """#
        let lists = LayerRules.layers.joined(separator: " + ")
        text = text.replacing("{sum}", with: sum ?? lists)
        for place in [
            "core", "engine", "server", "transport", "legA", "legB", "tool", "executable",
        ] {
            text = text.replacing("{\(place)}", with: additions[place] ?? "")
        }
        return text
    }

    static func breaches(_ text: String) throws -> [String] {
        LayerRules.breaches(in: try PackageManifest(parsing: text))
    }

    @Test func aLayeredManifestHasNoBreach() throws {
        #expect(try Self.breaches(Self.manifest()) == [])
    }

    @Test func readsNamesPathsAndDependencies() throws {
        let targets = try PackageManifest(parsing: Self.manifest()).targets
        #expect(
            targets.map(\.name) == [
                "CTone", "Core", "Engine", "Format", "Server", "Socket", "LegA", "LegB", "Tool",
                "run",
                "CoreTests", "runTests",
            ])
        #expect(
            targets[6]
                == PackageManifest.Target(
                    name: "LegA", list: "legs", path: "Sources/LegA",
                    modules: ["Server", "Socket"], products: ["NIOCore"]))
        #expect(targets[0].path == "CModules/CTone")
        #expect(targets[10].modules == ["Core"] && targets[10].path == "Tests/CoreTests")
    }

    @Test(arguments: [
        ("core", "Engine", "Core depends on Engine, which stands above it"),
        ("engine", "Server", "Engine depends on Server, which stands above it"),
        ("server", "LegA", "Server depends on LegA, which stands above it"),
        ("legA", "run", "LegA depends on run, which stands above it"),
        ("legB", "LegA", "LegB depends on its peer LegA"),
        ("tool", "Missing", "Tool depends on Missing, which is not declared"),
        ("tool", "Tool", "Tool depends on Tool, which stands above it"),
        ("executable", "CoreTests", "run depends on CoreTests, which stands above it"),
    ])
    func catchesAnArrowThatDoesNotPointDown(
        place: String, module: String, sentence: String
    ) throws {
        #expect(try Self.breaches(Self.manifest([place: ", \"\(module)\""])) == [sentence])
    }

    @Test func catchesATransportThatKnowsCalls() throws {
        #expect(
            try Self.breaches(Self.manifest(["transport": "\"Engine\""])) == [
                "Socket in 'transports' knows no module, but Engine"
            ])
    }

    @Test func catchesIOInTheCore() throws {
        let product = ", .product(name: \"NIOPosix\", package: \"swift-nio\")"
        #expect(
            try Self.breaches(Self.manifest(["engine": product])) == [
                "Engine does no I/O and depends on no package, but on NIOPosix"
            ])
    }

    @Test func catchesAnUndeclaredLayer() throws {
        let text =
            "let extras: [Target] = [module(\"Extra\")]\n"
            + Self.manifest(sum: LayerRules.layers.joined(separator: " + ") + " + extras")
        let breaches = try Self.breaches(text)
        #expect(breaches.count == 2)
        #expect(breaches.contains("Extra stands in 'extras', which is no layer"))
    }

    @Test func catchesAFormItCannotRead() {
        #expect(throws: PackageManifest.Unreadable.unknownTargetForm("macro")) {
            try Self.breaches("let core: [Target] = [.macro(name: \"M\")]")
        }
        #expect(throws: PackageManifest.Unreadable.unknownDependencyList("grpc")) {
            try Self.breaches("let core: [Target] = [module(\"M\", [\"N\"] + grpc)]")
        }
        #expect(throws: PackageManifest.Unreadable.noTargets) { try Self.breaches("let x = 1") }
    }

    @Test(arguments: [
        ("import Core", ["Core"]),
        ("public import struct Core.Tone", ["Core"]),
        ("@testable import Core // why", ["Core"]),
        ("@preconcurrency internal import NIOCore\npackage import Core", ["NIOCore", "Core"]),
        ("  import Core\n", ["Core"]),
        ("// import Core\nlet text = \"import Core\"\nimportant()", []),
    ])
    func readsImports(source: String, modules: [String]) {
        #expect(SourceImport.modules(in: source) == modules)
    }

    @Test func catchesAnImportThatTheManifestDoesNotAllow() throws {
        let targets = try PackageManifest(parsing: Self.manifest()).targets
        let engine = try #require(targets.first { $0.name == "Engine" })
        let leg = try #require(targets.first { $0.name == "LegA" })
        let tests = try #require(targets.first { $0.name == "CoreTests" })
        func breaches(_ module: String, _ target: PackageManifest.Target) -> Int {
            LayerRules.breaches(importing: [module], in: "F.swift", of: target).count
        }
        #expect(breaches("Core", engine) == 0)
        #expect(breaches("Synchronization", engine) == 0)
        #expect(breaches("Server", engine) == 1)
        #expect(breaches("Foundation", engine) == 1)
        #expect(breaches("Foundation", leg) == 0)
        #expect(breaches("NIOCore", leg) == 0)
        #expect(breaches("NIOPosix", leg) == 1)
        #expect(breaches("Testing", leg) == 1)
        #expect(breaches("Testing", tests) == 0)
    }
}
