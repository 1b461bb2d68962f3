// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Listen tells what happens on a recorded call: listen CALLER.raw [BOT.raw], both 16-bit samples at
// 8 kHz, least significant byte first. It runs on a clock of its own, as fast as it can.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"
)

const packet = 320

var kinds = []string{
	"", "speech_started", "speech_paused", "speech_resumed", "turn_ended", "turn_answered",
	"barge_in", "interruption", "interruption_vetoed", "barge_in_held", "digit", "stream_fault",
	"response_started", "response_sent", "response_ended", "mark", "underrun", "media_stalled",
	"media_resumed", "timeline_jumped", "playout_writable",
}

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: listen CALLER.raw [BOT.raw]"))
	}
	now := time.Second
	engine, err := NewEngine(func() time.Duration { return now })
	fail(err)
	call, err := engine.OpenCall()
	fail(err)
	caller, err := os.ReadFile(os.Args[1])
	fail(err)
	if len(os.Args) > 2 {
		bot, err := os.ReadFile(os.Args[2])
		fail(err)
		samples := make([]int16, len(bot)/2)
		for index := range samples {
			samples[index] = int16(binary.LittleEndian.Uint16(bot[2*index:]))
		}
		_, err = call.Say(samples)
		fail(err)
	}
	for offset := 0; offset < len(caller); offset += packet {
		for half := 0; half < 2; half++ {
			now += 10 * time.Millisecond
			fail(call.Tick())
			for call.NextPacket() != nil {
			}
			tell(call)
		}
		end := offset + packet
		if end > len(caller) {
			end = len(caller)
		}
		fail(call.PushCallerAudio(caller[offset:end]))
		for call.PullCallerAudio() != nil {
		}
		tell(call)
	}
	fail(engine.Close())
}

func tell(call *Call) {
	for {
		event, ok := call.NextEvent()
		if !ok {
			return
		}
		if event.Kind < len(kinds) {
			fmt.Printf("%s %.3f\n", kinds[event.Kind], float64(event.Position)/8000)
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
