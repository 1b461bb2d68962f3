// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore

@testable import MediaEngine

/// A call whose every block of the caller is compared with what the engine gives as heard.
final class EchoLine {
    let rig: CallRig
    /// Everything that was sent, laid on the time at which it was heard: by sample of 8 kHz since
    /// the start.
    private var played: [Int16] = []
    private var playhead = 0
    private let start: MediaInstant
    private let returnDelay: Int
    private var packetsPlayed = 0
    /// What the engine gave for each block, in place; nil where nothing was heard.
    private(set) var reference: [Int16?] = []
    /// What came back from the line.
    private(set) var returned: [Int16] = []
    private(set) var flushesSeen = 0
    /// The platform begins to play so much later than audio comes to it.
    private let platformDelay: Int
    /// What the caller says, from the start on.
    var caller: [Int16] = []

    init(
        pacing: PacingProfile = CallRig.pacing, delay milliseconds: Int64,
        platformDelay: Int64 = 0, ingress: AudioFormat = .pcmu8000,
        egress: AudioFormat = .pcmu8000, cleansAudio: Bool = false
    ) {
        rig = CallRig(
            ingress: ingress, pacing: pacing, egress: egress,
            cleansAudio: cleansAudio, delivery: cleansAudio ? .continuous : .turns)
        start = rig.now
        returnDelay = Int(milliseconds) * 8
        self.platformDelay = Int(platformDelay) * 8
    }

    private var elapsed: Int { SampleRate.hz8000.samples(in: rig.now - start) }

    /// The platform takes what was sent, and plays it in order and in real time.
    private func platformPlays() {
        if rig.flushes.count > flushesSeen {
            flushesSeen = rig.flushes.count
            let place = elapsed + platformDelay
            if played.count > place { played.removeSubrange(place...) }
            playhead = min(playhead, place)
        }
        while packetsPlayed < rig.packets.count {
            let packet = rig.packets[packetsPlayed]
            packetsPlayed += 1
            let arrived = SampleRate.hz8000.samples(in: packet.instant - start) + platformDelay
            playhead = max(playhead, arrived)
            let samples = rig.decode(packet.bytes)
            while played.count < playhead { played.append(0) }
            played.append(contentsOf: samples)
            playhead = played.count
        }
    }

    /// The line runs for `duration` with the caller's audio in packets of `packet`; each comes
    /// when its last sample was spoken.
    func run(_ duration: MediaDuration, packet: MediaDuration) {
        let size = SampleRate.hz8000.samples(in: packet)
        let end = returned.count + SampleRate.hz8000.samples(in: duration)
        while returned.count < end {
            rig.wait(packet)
            platformPlays()
            var audio: [Int16] = []
            for index in 0..<size {
                let place = returned.count + index - returnDelay
                let sample = played.indices.contains(place) ? played[place] : 0
                let now = returned.count + index
                let voice = caller.indices.contains(now) ? caller[now] : 0
                audio.append(Int16(clamping: Int(sample) / 3 + Int(voice)))
            }
            returned += audio
            // One block at a time, so that each can be seen; whole packets are compared
            // elsewhere.
            var offset = 0
            while offset < audio.count {
                let next = min(offset + 64 - (reference.count % 64), audio.count)
                let part = Array(audio[offset..<next])
                if reference.count % 64 + part.count == 64 {
                    take(part)
                } else {
                    rig.arrive(part)
                    reference += [Int16?](repeating: nil, count: part.count)
                }
                offset = next
            }
            platformPlays()
        }
    }

    private func take(_ part: [Int16]) {
        let end = reference.count + part.count
        rig.arrive(part)
        let block = rig.call.lastHeard
        reference += [Int16?](repeating: nil, count: part.count)
        for index in 0..<64 where block != nil {
            reference[end - 64 + index] = block?[index]
        }
    }

    /// How well what came back fits what the reference says, `lag` samples before: 1 is all.
    func fit(lag: Int, in range: Range<Int>) -> Double {
        var (cross, near, far) = (0.0, 0.0, 0.0)
        for index in range where index - lag >= 0 {
            let x = Double(reference[index - lag] ?? 0)
            let y = Double(returned[index])
            cross += x * y
            near += y * y
            far += x * x
        }
        return cross / max(1, (near * far).squareRoot())
    }
}

extension Call {
    /// What the detector was given with its latest block.
    var lastHeard: [Int16]? {
        takeWaiting()
        return farBlockIsAudible ? farBlock : nil
    }
}
