// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import StrictYAML

extension ServerConfiguration {
    /// The configuration when nobody says anything.
    public static let `default`: ServerConfiguration = {
        do {
            return try ServerConfiguration(ConfigurationSettings(text: nil, name: ""))
        } catch {
            preconditionFailure("The defaults of the table of keys are no configuration: \(error)")
        }
    }()

    /// Reads and checks every value; a wrong one is an error with its place and what was expected.
    public init(_ settings: ConfigurationSettings) throws(YAMLProblem) {
        let reader = SettingsReader(settings: settings)
        server = Server(
            host: try reader.text(.host), port: try reader.integer(.port),
            tls: try reader.tls(), shards: try reader.shards(),
            maximumCalls: try reader.integer(.maximumCalls),
            memoryLimit: try reader.memoryLimit(),
            logLevel: try reader.named(.logLevel),
            drainDeadline: try reader.seconds(.drainSeconds))
        operations = try reader.operations()
        genesys = Genesys(
            isEnabled: try reader.boolean(.genesysEnabled),
            connectorPath: try reader.requestPath(.genesysConnectorPath),
            monitorPath: try reader.requestPath(.genesysMonitorPath),
            apiKeys: try reader.apiKeys(.genesysAPIKeys))
        cxone = CXone(
            isEnabled: try reader.boolean(.cxoneEnabled),
            path: try reader.requestPath(.cxonePath), token: try reader.secret(.cxoneToken),
            gracePeriod: try reader.seconds(.cxoneGraceSeconds),
            webhookPath: try reader.requestPath(.cxoneWebhookPath),
            webhookAuthorization: try reader.secret(.cxoneWebhookAuthorization))
        webex = try reader.webex()
        bot = Bot(
            kind: try reader.named(.botKind), script: try reader.file(.botScript),
            endpointProfile: try reader.named(.botEndpointProfile),
            allowsBargeIn: try reader.boolean(.botBargeIn),
            bargeInMode: try reader.named(.botBargeInMode),
            bargeInSensitivity: try reader.integer(.botBargeInSensitivity),
            cleansAudio: try reader.boolean(.botCleanAudio),
            filler: try reader.file(.botFiller),
            fillerDelay: .milliseconds(Int64(try reader.integer(.botFillerAfter))))
        remote = try reader.remote(for: bot.kind)
        realtime = try reader.realtime()
        try reader.checkPathsDiffer()
    }
}
