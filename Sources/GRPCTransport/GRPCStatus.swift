// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How a call ended, as numbered by gRPC ("Status codes and their use in gRPC").
public enum GRPCStatusCode: Int, Hashable, Sendable, CaseIterable {
    case ok = 0
    case cancelled
    case unknown
    case invalidArgument
    case deadlineExceeded
    case notFound
    case alreadyExists
    case permissionDenied
    case resourceExhausted
    case failedPrecondition
    case aborted
    case outOfRange
    case unimplemented
    case internalError
    case unavailable
    case dataLoss
    case unauthenticated
}

/// A status code with a message for the developer at the other end.
public struct GRPCStatus: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: GRPCStatusCode
    /// Any text; it is percent-encoded on the wire. Say nothing here that the peer must not know.
    public var message: String

    public init(_ code: GRPCStatusCode, _ message: String = "") {
        self.code = code
        self.message = message
    }

    public static let ok = GRPCStatus(.ok)

    public var description: String { message.isEmpty ? "\(code)" : "\(code): \(message)" }
}

extension GRPCStatus {
    /// The status that trailers carry.
    init(trailers: GRPCMetadata) {
        let number = trailers["grpc-status"].flatMap { Int($0) }
        code = number.flatMap(GRPCStatusCode.init(rawValue:)) ?? .unknown
        message =
            number == nil
            ? "the peer sent no grpc-status"
            : trailers["grpc-message"].map(PercentEncoding.decode) ?? ""
    }

    /// The status of a response that is not gRPC ("HTTP to gRPC Status Code Mapping").
    init(httpStatus: String) {
        let code: GRPCStatusCode =
            switch httpStatus {
            case "400": .internalError
            case "401": .unauthenticated
            case "403": .permissionDenied
            case "404": .unimplemented
            case "429", "502", "503", "504": .unavailable
            default: .unknown
            }
        self.init(code, "HTTP status \(httpStatus)")
    }

    var fields: [HTTP2Field] {
        var fields = [HTTP2Field("grpc-status", String(code.rawValue))]
        if !message.isEmpty {
            fields.append(HTTP2Field("grpc-message", PercentEncoding.encode(message)))
        }
        return fields
    }
}

/// How `grpc-message` is written: printable ASCII, the rest percent-encoded UTF-8.
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func encode(_ text: String) -> String {
        var octets: [UInt8] = []
        for octet in text.utf8 {
            if octet >= 0x20, octet <= 0x7E, octet != UInt8(ascii: "%") {
                octets.append(octet)
            } else {
                octets += [
                    UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)],
                ]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// What is not well encoded stays as it is.
    static func decode(_ text: String) -> String {
        let given = Array(text.utf8)
        var octets: [UInt8] = []
        var index = 0
        while index < given.count {
            if given[index] == UInt8(ascii: "%"), index + 2 < given.count,
                let high = value(given[index + 1]), let low = value(given[index + 2])
            {
                octets.append(high << 4 | low)
                index += 3
            } else {
                octets.append(given[index])
                index += 1
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
