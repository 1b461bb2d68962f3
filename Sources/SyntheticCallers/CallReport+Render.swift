// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension TimelineEvent {
    /// One line of a timeline: elapsed seconds, who, what, and more.
    public var line: String {
        let head = Column.right(Column.seconds(at), 9) + "  " + Column.left(actor.rawValue, 10)
        guard !detail.isEmpty else { return head + what }
        return head + Column.left(what, 14) + detail
    }
}

extension CallReport {
    /// The call as aligned text: its timeline, every turn with its latencies, and what was counted.
    /// No colours, no trailing spaces.
    public var lines: [String] {
        var lines = timeline.map(\.line)
        lines.append("")
        lines += table(
            ["turn", "said", "ended at", "answer arrived", "answer heard"],
            turns.enumerated().map { index, turn in
                [
                    String(index + 1), turn.clip, Column.seconds(turn.speechEnd) + " s",
                    Column.latency(turn.arrivalLatency), Column.latency(turn.responseLatency),
                ]
            })
        lines += table(
            ["turn", "start of input", "end of input", "then first prompt"],
            turns.enumerated().filter { $1.startOfInput != nil }.map { index, turn in
                [
                    String(index + 1), Column.latency(turn.onsetLatency),
                    Column.latency(turn.endpointLatency), Column.latency(turn.promptLatency),
                ]
            })
        lines += table(
            ["interruption", "onset at", "silenced", "dropped"],
            interruptions.map { interruption in
                [
                    interruption.clip, Column.seconds(interruption.onset) + " s",
                    Column.latency(interruption.latency), Column.time(interruption.dropped),
                ]
            })
        lines += summary
        return lines.map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private var summary: [String] {
        var facts: [(String, String)] = [
            ("call", "\(platform) \(call)"),
            ("ending", "\(ending.kind.rawValue): \(ending.detail)"),
            ("duration", Column.seconds(duration) + " s"),
            ("sent", traffic(counts.textSent, counts.binarySent, counts.bytesSent)),
            ("received", traffic(counts.textReceived, counts.binaryReceived, counts.bytesReceived)),
            ("generator", "late by " + quantiles(generator)),
        ]
        if let pong {
            facts.append(("pong", "after " + quantiles(pong)))
        }
        let levels = [("caller", levels.caller), ("bot", levels.bot)].compactMap { name, level in
            level.map { "\(name) \($0) dBov" }
        }
        if !levels.isEmpty { facts.append(("levels", levels.joined(separator: ", "))) }
        for (name, value) in outputVariables.sorted(by: { $0.key < $1.key }) {
            facts.append(("variable", "\(name) = \(value)"))
        }
        facts.append(("underruns", String(underruns.count)))
        facts.append(("violations", String(counts.violations)))
        return facts.map { Column.left($0.0, 12) + $0.1 }
    }

    private func traffic(_ texts: Int, _ audio: Int, _ bytes: Int) -> String {
        "\(texts) messages, \(audio) audio (\(bytes) bytes)"
    }

    private func quantiles(_ spread: Spread) -> String {
        "p50 \(Column.time(spread.p50)), p99 \(Column.time(spread.p99)),"
            + " max \(Column.time(spread.maximum))"
    }

    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let widths = head.indices.map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([head] + rows).map { row in
            zip(row, widths).map { Column.left($0, $1) }.joined(separator: "  ")
        } + [""]
    }
}

/// Text of a fixed width.
private enum Column {
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func seconds(_ time: Milliseconds) -> String {
        let milliseconds = Int(time.value.rounded())
        let (seconds, rest) = abs(milliseconds).quotientAndRemainder(dividingBy: 1000)
        let digits = String(rest)
        return (milliseconds < 0 ? "-" : "") + "\(seconds)."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }

    static func time(_ time: Milliseconds) -> String {
        "\((time.value * 10).rounded() / 10) ms"
    }

    static func latency(_ latency: Milliseconds?) -> String {
        latency.map(time) ?? "never"
    }
}
