// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Foundation
internal import SpeechDetection

/// A stretch of a call as a picture: both sides, the predicted echo, what it leaves unexplained,
/// and the evidence against its threshold. A self-contained SVG document.
public struct HearingPicture {
    private let record: HearingRecord
    private let blocks: Range<Int>
    private let title: String

    private static let width = 1200.0
    private static let left = 70.0
    private static let right = 1180.0
    private static let levels = Panel(top: 60, bottom: 340, low: -90, high: 0)
    private static let voice = Panel(top: 370, bottom: 450, low: 0, high: 1)
    private static let score = Panel(top: 480, bottom: 600, low: 0, high: 1.6)
    private static let height = 650.0
    /// Lines are thinned to this many points: a screen shows no more.
    private static let mostPoints = 1100

    /// A strip of the picture with its scale.
    private struct Panel {
        let top: Double
        let bottom: Double
        let low: Double
        let high: Double

        func y(_ value: Double) -> Double {
            let share = (min(max(value, low), high) - low) / (high - low)
            return bottom - share * (bottom - top)
        }
    }

    /// - Parameter range: the stretch shown; nil shows all.
    public init(
        _ record: HearingRecord, title: String, range: Range<MediaDuration>? = nil
    ) {
        self.record = record
        self.title = title
        let count = record.states.count
        let first = range.map { Self.block($0.lowerBound) } ?? 0
        let last = range.map { Self.block($0.upperBound) } ?? count
        blocks = min(max(first, 0), count)..<min(max(last, first, 0), count)
    }

    private static func block(_ time: MediaDuration) -> Int { Int(time.milliseconds / 8) }

    public var svg: String {
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \
            \(Int(Self.height))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(Int(Self.left))" y="24" font-size="16">\(Self.escaped(title))</text>

            """
        frame(Self.levels, "level, dBov", ticks: [-90, -60, -30, 0], into: &text)
        frame(Self.voice, "voice", ticks: [0, 1], into: &text)
        frame(Self.score, "evidence", ticks: [0, 1], into: &text)
        let states = record.states
        area(Self.levels, "#d5dbe3", into: &text) { Double(states[$0].far) }
        line(Self.levels, "#9aa0a6", dashed: true, into: &text) { Double(states[$0].floor) }
        line(Self.levels, "#1f77b4", into: &text) { Double(states[$0].near) }
        line(Self.levels, "#ff7f0e", into: &text) { Double(states[$0].echo) }
        line(Self.levels, "#2ca02c", into: &text) { Double(states[$0].residual) }
        let decisions = record.decisions
        area(Self.voice, "#c9e4c5", into: &text) { decisions[$0].isVoiced ? 1 : 0 }
        line(Self.voice, "#444444", into: &text) { Double(decisions[$0].probability.value) }
        line(Self.score, "#d62728", into: &text) {
            Double(states[$0].score / max(states[$0].threshold, 0.001))
        }
        rule(Self.score, at: 1, into: &text)
        legend(into: &text)
        axis(into: &text)
        marks(into: &text)
        return text + "</svg>\n"
    }

    // MARK: Parts

    private func x(_ block: Int) -> Double {
        let share = Double(block - blocks.lowerBound) / Double(max(1, blocks.count))
        return Self.left + share * (Self.right - Self.left)
    }

    private func frame(_ panel: Panel, _ name: String, ticks: [Double], into text: inout String) {
        text += """
            <rect x="\(Self.left)" y="\(panel.top)" width="\(Self.right - Self.left)" \
            height="\(panel.bottom - panel.top)" fill="none" stroke="#cccccc"/>
            <text x="\(Self.left)" y="\(panel.top - 6)" fill="#555555">\(name)</text>

            """
        for tick in ticks {
            text += """
                <text x="\(Self.left - 8)" y="\(panel.y(tick) + 4)" text-anchor="end" \
                fill="#555555">\(Int(tick))</text>

                """
        }
    }

    private func points(_ panel: Panel, _ value: (Int) -> Double) -> [String] {
        let step = max(1, blocks.count / Self.mostPoints)
        return stride(from: blocks.lowerBound, to: blocks.upperBound, by: step).map {
            String(format: "%.1f,%.1f", x($0), panel.y(value($0)))
        }
    }

    private func line(
        _ panel: Panel, _ color: String, dashed: Bool = false, into text: inout String,
        _ value: (Int) -> Double
    ) {
        let dash = dashed ? " stroke-dasharray=\"4 3\"" : ""
        text += """
            <polyline fill="none" stroke="\(color)"\(dash) points="\
            \(points(panel, value).joined(separator: " "))"/>

            """
    }

    private func area(
        _ panel: Panel, _ color: String, into text: inout String, _ value: (Int) -> Double
    ) {
        let ends = [
            String(format: "%.1f,%.1f", x(blocks.upperBound), panel.bottom),
            String(format: "%.1f,%.1f", x(blocks.lowerBound), panel.bottom),
        ]
        text += """
            <polygon fill="\(color)" points="\
            \((points(panel, value) + ends).joined(separator: " "))"/>

            """
    }

    private func rule(_ panel: Panel, at value: Double, into text: inout String) {
        text += """
            <line x1="\(Self.left)" x2="\(Self.right)" y1="\(panel.y(value))" \
            y2="\(panel.y(value))" stroke="#d62728" stroke-dasharray="4 3"/>

            """
    }

    private func legend(into text: inout String) {
        let names = [
            ("#b4bcc8", "bot"), ("#1f77b4", "caller's side"), ("#ff7f0e", "predicted echo"),
            ("#2ca02c", "left unexplained"), ("#9aa0a6", "noise"),
        ]
        for (index, (color, name)) in names.enumerated() {
            let x = Self.left + 330 + Double(index) * 150
            text += """
                <rect x="\(x)" y="40" width="14" height="10" fill="\(color)"/>
                <text x="\(x + 20)" y="50">\(name)</text>

                """
        }
    }

    private func axis(into text: inout String) {
        let seconds = Double(blocks.count) * 0.008
        let step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60].first { seconds / $0 <= 16 } ?? 300
        let begin = Double(blocks.lowerBound) * 0.008
        var time = (begin / step).rounded(.up) * step
        while time <= begin + seconds {
            let place = x(Int((time / 0.008).rounded()))
            text += """
                <line x1="\(place)" x2="\(place)" y1="\(Self.score.bottom)" \
                y2="\(Self.score.bottom + 5)" stroke="#888888"/>
                <text x="\(place)" y="\(Self.score.bottom + 20)" text-anchor="middle" \
                fill="#555555">\(String(format: step < 1 ? "%.2f s" : "%.0f s", time))</text>

                """
            time += step
        }
    }

    private func marks(into text: inout String) {
        for moment in record.evidence {
            let fired = moment.kind.verdict == .fired
            mark(moment.at, fired ? "#d62728" : "#9467bd", fired ? "fired" : "held", into: &text)
            if fired {
                mark(record.time(of: moment.kind.onset), "#555555", "onset", into: &text)
            }
        }
        for digit in record.digits { mark(digit.at, "#17becf", "key", into: &text) }
    }

    private func mark(
        _ time: MediaDuration, _ color: String, _ name: String, into text: inout String
    ) {
        let block = Self.block(time)
        guard blocks.contains(block) else { return }
        // An onset and its decision are close to each other: their names stand on either side.
        let isLeft = name == "onset"
        text += """
            <line x1="\(x(block))" x2="\(x(block))" y1="\(Self.levels.top)" \
            y2="\(Self.score.bottom)" stroke="\(color)"/>
            <text x="\(x(block) + (isLeft ? -4 : 4))" y="\(Self.levels.top + 14)" \
            text-anchor="\(isLeft ? "end" : "start")" fill="\(color)">\(name)</text>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
