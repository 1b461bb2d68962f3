// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The rules of layering (design, section 2), as checks that return one sentence for each breach.
enum LayerRules {
    /// The lists of targets from the lowest layer to the highest. A new layer is declared here.
    static let layers = [
        "cModules", "core", "embedding", "formats", "server", "transports", "legs", "tools",
        "executables", "testTargets",
    ]
    /// Knows no module of ours above C: neither a file format nor a transport knows of calls.
    static let withoutModules: Set = ["formats", "transports"]
    /// Members do not know one another: only an adapter knows its platform.
    static let withoutPeers: Set = ["legs"]
    /// Does no I/O, reads no clock, starts no thread: so it depends on no package.
    static let withoutPackages: Set = ["cModules", "core", "embedding"]

    /// Modules of the toolchain that every target may import.
    static let toolchain: Set = ["Swift", "Synchronization", "Glibc", "Musl", "Darwin"]
    /// Modules of the toolchain for targets that may do I/O.
    static let toolchainWithIO: Set = ["Foundation", "FoundationEssentials", "Dispatch"]

    /// Arrows of the manifest that do not point down.
    static func breaches(in manifest: PackageManifest) -> [String] {
        var breaches: [String] = []
        if manifest.layers != layers {
            breaches.append(
                "The package adds up the layers \(manifest.layers), declared are \(layers)")
        }
        var declaredAbove: [String: String] = [:]
        for target in manifest.targets.sorted(by: standsLower) {
            if !layers.contains(target.list) {
                breaches.append("\(target.name) stands in '\(target.list)', which is no layer")
            }
            if target.isTest != (target.list == "testTargets") {
                breaches.append("\(target.name): tests, and only tests, stand in 'testTargets'")
            }
            if withoutPackages.contains(target.list), let product = target.products.first {
                breaches.append(
                    "\(target.name) does no I/O and depends on no package, but on \(product)")
            }
            for module in target.modules {
                guard let list = declaredAbove[module] else {
                    let isDeclared = manifest.targets.contains { $0.name == module }
                    breaches.append(
                        isDeclared
                            ? "\(target.name) depends on \(module), which stands above it"
                            : "\(target.name) depends on \(module), which is not declared")
                    continue
                }
                if withoutPeers.contains(target.list), list == target.list {
                    breaches.append("\(target.name) depends on its peer \(module)")
                }
                if withoutModules.contains(target.list), list != "cModules" {
                    breaches.append(
                        "\(target.name) in '\(target.list)' knows no module, but \(module)")
                }
            }
            if declaredAbove.updateValue(target.list, forKey: target.name) != nil {
                breaches.append("\(target.name) is declared twice")
            }
        }
        return breaches
    }

    /// Imports in one source of `target` that its entry in the manifest does not allow.
    static func breaches(
        importing modules: [String], in file: String, of target: PackageManifest.Target
    ) -> [String] {
        // A dash of a target's name is an underscore in its module's.
        let known = target.modules.map { $0.replacing("-", with: "_") }
        var allowed = toolchain.union(known).union(target.products)
        if !withoutPackages.contains(target.list) { allowed.formUnion(toolchainWithIO) }
        if target.isTest { allowed.insert("Testing") }
        return modules.filter { !allowed.contains($0) }.map {
            "\(file) imports \($0), which the manifest does not allow to \(target.name)"
        }
    }

    /// Orders targets by layer; inside a layer the order of the text stays (sorting is stable).
    private static func standsLower(
        _ left: PackageManifest.Target, _ right: PackageManifest.Target
    ) -> Bool {
        let last = layers.count
        return (layers.firstIndex(of: left.list) ?? last)
            < (layers.firstIndex(of: right.list) ?? last)
    }
}
