// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// Reads one JSON text, strictly as RFC 8259 has it.
    ///
    /// Nesting is bounded because the parser recurses: a hostile text of 60,000 brackets is an
    /// error and not a stack overflow. A lone UTF-16 surrogate in an escape reads as U+FFFD.
    /// Complexity: O(length).
    public init(parsing text: String, maximumDepth: Int = 64) throws(JSONSyntaxError) {
        var parser = JSONParser(text, maximumDepth: maximumDepth)
        self = try parser.parse()
    }
}

/// A recursive descent over the bytes of one text.
struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    var index = 0

    init(_ text: String, maximumDepth: Int) {
        bytes = Array(text.utf8)
        self.maximumDepth = maximumDepth
    }

    mutating func parse() throws(JSONSyntaxError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw failure(.textAfterValue) }
        return value
    }

    func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: index)
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space, without consuming it.
    private mutating func peek() throws(JSONSyntaxError) -> UInt8 {
        skipSpace()
        guard index < bytes.count else { throw failure(.endOfText) }
        return bytes[index]
    }

    private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure(.unexpectedCharacter)
        }
    }

    private mutating func parseWord(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        for expected in "\(word)".utf8 {
            guard index < bytes.count else { throw failure(.endOfText) }
            guard bytes[index] == expected else { throw failure(.unexpectedCharacter) }
            index += 1
        }
        return value
    }

    private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        guard depth <= maximumDepth else { throw failure(.tooDeep) }
        index += 1
        var elements: [JSONValue] = []
        if try peek() == UInt8(ascii: "]") {
            index += 1
            return elements
        }
        while true {
            elements.append(try parseValue(depth: depth))
            if try endsList(with: UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        guard depth <= maximumDepth else { throw failure(.tooDeep) }
        index += 1
        var object = JSONObject()
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return object
        }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedCharacter) }
            let name = try parseString()
            guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedCharacter) }
            index += 1
            object.append(name, try parseValue(depth: depth))
            if try endsList(with: UInt8(ascii: "}")) { return object }
        }
    }

    /// Consumes a comma (false) or the closing bracket (true).
    private mutating func endsList(with closing: UInt8) throws(JSONSyntaxError) -> Bool {
        let next = try peek()
        guard next == closing || next == UInt8(ascii: ",") else {
            throw failure(.unexpectedCharacter)
        }
        index += 1
        return next == closing
    }
}
