# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Engines, calls and what happens on them."""

import ctypes
from collections import namedtuple

from .library import (
    FULL, NO_RESPONSE, OK, Account, CallConfig, Clock, EngineConfig, Format, RawEvent, RawPacket,
    fill, invoke, out)

KINDS = (
    "", "speech_started", "speech_paused", "speech_resumed", "turn_ended", "turn_answered",
    "barge_in", "interruption", "interruption_vetoed", "barge_in_held", "digit", "stream_fault",
    "response_started", "response_sent", "response_ended", "mark", "underrun", "media_stalled",
    "media_resumed", "timeline_jumped", "playout_writable")

Event = namedtuple("Event", "kind detail")
Event.__doc__ = "Something that happened: its name, and the library's struct with the details."
Packet = namedtuple("Packet", "audio generation response allows_barge_in")
Packet.__doc__ = "Audio for the platform, in the call's format."


class Engine:
    """What the calls of one thread share."""

    def __init__(self, clock=None, **settings):
        """`clock`: a function that returns nanoseconds; the system's monotonic clock when None."""
        if clock is not None:
            # Kept as long as the library may call it.
            self._clock = Clock(lambda _: clock())
            settings["clock"] = self._clock
        handle, reference = out(ctypes.c_uint64)
        invoke("engine_create", fill(EngineConfig, settings), reference)
        self._handle = handle.value

    def open_call(self, from_platform=(0, 8000, 1), to_platform=(0, 0, 0), **settings):
        """Opens a call. Formats are (encoding, rate, channels); settings as in the header."""
        return Call(self._handle, fill(CallConfig, dict(
            settings, from_platform=Format(*from_platform), to_platform=Format(*to_platform))))

    def close(self):
        """Closes the engine and its calls."""
        invoke("engine_close", self._handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Call:
    """One call. Samples are bytes of 16 bits each, in this machine's order."""

    def __init__(self, engine, config):
        handle, reference = out(ctypes.c_uint64)
        invoke("call_open", engine, config, reference)
        self._handle = handle.value
        capacity, reference = out(ctypes.c_size_t)
        invoke("call_packet_capacity", self._handle, reference, accepts=(-10,))
        self._packet = ctypes.create_string_buffer(max(1, capacity.value))
        self._samples = ctypes.create_string_buffer(2 * 4800)

    def close(self):
        invoke("call_close", self._handle)

    def tick(self):
        """Lets time pass; every 10 ms."""
        invoke("call_tick", self._handle)

    def push_caller_audio(self, audio):
        invoke("call_push_caller_audio", self._handle, audio, len(audio))

    def pull_caller_audio(self):
        """Samples that are due to the bot, empty when there are none."""
        parts = []
        count, reference = out(ctypes.c_size_t)
        while invoke("call_pull_caller_audio", self._handle, self._samples, 4800, reference) == OK:
            parts.append(ctypes.string_at(self._samples, 2 * count.value))
        return b"".join(parts)

    def begin_response(self, allows_barge_in=True):
        response, reference = out(ctypes.c_uint32)
        invoke("call_begin_response", self._handle, int(allows_barge_in), reference)
        return response.value

    def push_bot_audio(self, response, samples):
        """Queues samples. Returns how many were taken, or None when nobody hears it any more."""
        taken, reference = out(ctypes.c_size_t)
        status = invoke("call_push_bot_audio", self._handle, response, samples,
                        len(samples) // 2, reference, accepts=(NO_RESPONSE,))
        return taken.value if status in (OK, FULL) else None

    def mark(self, response, number):
        invoke("call_mark", self._handle, response, number)

    def end_response(self, response):
        """The bot has said all of it. Nothing happens when it was cleared."""
        invoke("call_end_response", self._handle, response, accepts=(NO_RESPONSE,))

    def clear(self):
        """Stops the bot at once."""
        invoke("call_clear", self._handle)

    def take_flush(self):
        """The generation of a clear that the platform has to be told, or None."""
        generation, reference = out(ctypes.c_uint32)
        status = invoke("call_take_flush", self._handle, reference)
        return generation.value if status == OK else None

    def packets(self):
        """Packets that are due at the platform. Call take_flush before."""
        packet = fill(RawPacket, {})
        while invoke("call_pull_platform_audio", self._handle, self._packet, len(self._packet),
                     ctypes.byref(packet)) == OK:
            yield Packet(ctypes.string_at(self._packet, packet.size), packet.generation,
                         packet.response, bool(packet.allows_barge_in))

    def events(self):
        """What happened since the last time."""
        while True:
            event = fill(RawEvent, {})
            if invoke("call_poll_event", self._handle, ctypes.byref(event)) != OK:
                return
            if event.kind < len(KINDS):
                yield Event(KINDS[event.kind], event)

    def heard(self, response):
        """The account of a response: how much of it the caller heard."""
        account, reference = out(Account)
        invoke("call_account", self._handle, response, reference)
        return account


