// Sidetone
// SPDX-License-Identifier: Apache-2.0

package main

/*
#cgo pkg-config: sidetone
#include <sidetone.h>

extern int64_t goClock(void *context);

static sidetone_status create_engine(uintptr_t clock, sidetone_engine *engine) {
    sidetone_engine_config config = {0};
    config.struct_size = sizeof config;
    config.max_calls = 1;
    config.clock = goClock;
    config.clock_context = (void *)clock;
    return sidetone_engine_create(&config, engine);
}
*/
import "C"

import (
	"errors"
	"runtime/cgo"
	"time"
	"unsafe"
)

// Engine is what the calls of one goroutine at a time share.
type Engine struct {
	handle C.sidetone_engine
	clock  cgo.Handle
}

// Call is one call between a platform and a bot.
type Call struct {
	handle  C.sidetone_call
	samples [4800]int16
	packet  []byte
}

// Event is something that happened; the fields that matter are listed in sidetone/event.h.
type Event struct {
	Kind     int
	Position int64
	Response uint32
	Heard    int64
}

//export goClock
func goClock(context unsafe.Pointer) C.int64_t {
	clock := cgo.Handle(uintptr(context)).Value().(func() time.Duration)
	return C.int64_t(clock())
}

func check(status C.sidetone_status) error {
	if status >= 0 {
		return nil
	}
	return errors.New(C.GoString(C.sidetone_status_text(status)))
}

// NewEngine makes an engine whose time is what clock says.
func NewEngine(clock func() time.Duration) (*Engine, error) {
	engine := &Engine{clock: cgo.NewHandle(clock)}
	return engine, check(C.create_engine(C.uintptr_t(engine.clock), &engine.handle))
}

// Close ends the engine and its calls.
func (engine *Engine) Close() error {
	defer engine.clock.Delete()
	return check(C.sidetone_engine_close(engine.handle))
}

// OpenCall opens a call of 16-bit samples at 8 kHz, both ways.
func (engine *Engine) OpenCall() (*Call, error) {
	var config C.sidetone_call_config
	config.struct_size = C.size_t(unsafe.Sizeof(config))
	config.from_platform.encoding = C.SIDETONE_L16_LITTLE_ENDIAN
	call := &Call{}
	if err := check(C.sidetone_call_open(engine.handle, &config, &call.handle)); err != nil {
		return nil, err
	}
	var capacity C.size_t
	err := check(C.sidetone_call_packet_capacity(call.handle, &capacity))
	call.packet = make([]byte, capacity)
	return call, err
}

// Tick lets time pass.
func (call *Call) Tick() error { return check(C.sidetone_call_tick(call.handle)) }

// PushCallerAudio takes audio that arrived from the platform.
func (call *Call) PushCallerAudio(audio []byte) error {
	if len(audio) == 0 {
		return nil
	}
	return check(C.sidetone_call_push_caller_audio(
		call.handle, unsafe.Pointer(&audio[0]), C.size_t(len(audio))))
}

// PullCallerAudio gives the samples that are due to the bot; they are valid until the next time.
func (call *Call) PullCallerAudio() []int16 {
	var count C.size_t
	status := C.sidetone_call_pull_caller_audio(
		call.handle, (*C.int16_t)(&call.samples[0]), C.size_t(len(call.samples)), &count)
	if status != C.SIDETONE_OK {
		return nil
	}
	return call.samples[:count]
}

// Say queues a whole answer of the bot.
func (call *Call) Say(samples []int16) (uint32, error) {
	var response C.uint32_t
	if err := check(C.sidetone_call_begin_response(call.handle, 1, &response)); err != nil {
		return 0, err
	}
	status := C.sidetone_call_push_bot_audio(
		call.handle, response, (*C.int16_t)(&samples[0]), C.size_t(len(samples)), nil)
	if err := check(status); err != nil {
		return 0, err
	}
	return uint32(response), check(C.sidetone_call_end_response(call.handle, response))
}

// NextPacket gives the next packet that is due at the platform, or nil.
func (call *Call) NextPacket() []byte {
	var packet C.sidetone_packet
	packet.struct_size = C.size_t(unsafe.Sizeof(packet))
	status := C.sidetone_call_pull_platform_audio(
		call.handle, unsafe.Pointer(&call.packet[0]), C.size_t(len(call.packet)), &packet)
	if status != C.SIDETONE_OK {
		return nil
	}
	return call.packet[:packet.size]
}

// NextEvent gives the oldest event that was not fetched.
func (call *Call) NextEvent() (Event, bool) {
	var event C.sidetone_event
	event.struct_size = C.size_t(unsafe.Sizeof(event))
	if C.sidetone_call_poll_event(call.handle, &event) != C.SIDETONE_OK {
		return Event{}, false
	}
	return Event{
		Kind: int(event.kind), Position: int64(event.position),
		Response: uint32(event.response), Heard: int64(event.account.heard),
	}, true
}
