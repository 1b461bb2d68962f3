// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The package as it stands keeps to the layers.
@Suite struct LayerTests {
    let root: URL
    let manifest: PackageManifest

    init() throws {
        root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        manifest = try PackageManifest(
            parsing: String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
    }

    @Test func everyArrowOfTheManifestPointsDown() {
        #expect(LayerRules.breaches(in: manifest) == [])
    }

    @Test func sourcesImportOnlyWhatTheManifestAllows() throws {
        var filesRead = 0
        for target in manifest.targets where !target.path.hasPrefix("CModules/") {
            let folder = root.appending(path: target.path).path
            guard FileManager.default.fileExists(atPath: folder) else {
                Issue.record("\(target.name) has no folder \(target.path)")
                continue
            }
            for file in try swiftFiles(under: target.path) {
                let source = try String(contentsOf: root.appending(path: file), encoding: .utf8)
                let modules = SourceImport.modules(in: source)
                #expect(LayerRules.breaches(importing: modules, in: file, of: target) == [])
                filesRead += 1
            }
        }
        #expect(filesRead > manifest.targets.count)
    }

    @Test(arguments: ["Sources", "Tests"])
    func everySourceBelongsToATarget(top: String) throws {
        let folders = manifest.targets.map { $0.path + "/" }
        for file in try swiftFiles(under: top) {
            #expect(
                folders.contains(where: file.hasPrefix), "\(file) is in no target of the package")
        }
    }

    @Test func everyCModuleIsATarget() throws {
        let declared = Set(manifest.targets.map(\.path))
        for folder in try FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: "CModules").path)
        {
            #expect(declared.contains("CModules/\(folder)"))
        }
    }

    private func swiftFiles(under path: String) throws -> [String] {
        let folder = root.appending(path: path).path
        return try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
    }
}
