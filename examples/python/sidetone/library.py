# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The functions and structs of libsidetone, as its header declares them."""

import ctypes
import os
from ctypes import (
    CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint32,
    c_uint64, c_void_p)

OK, NONE, FULL = 0, 1, 2
NO_RESPONSE = -9

Clock = CFUNCTYPE(c_int64, c_void_p)


class SidetoneError(Exception):
    """A function of the library failed; `status` is what it returned."""

    def __init__(self, status):
        super().__init__(library.sidetone_status_text(status).decode())
        self.status = status


class Format(Structure):
    _fields_ = [(name, c_int32) for name in ("encoding", "rate_hz", "channels", "reserved")]


class EngineConfig(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("clock", Clock), ("clock_context", c_void_p),
        ("max_calls", c_int32), ("cancellers", c_int32), ("playout_memory_size", c_size_t)]


class CallConfig(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("from_platform", Format), ("to_platform", Format),
        ("channel", c_int32), ("bot_rate_hz", c_int32), ("flags", c_uint32),
        ("endpoints", c_int32), ("eager_ms", c_int32), ("earliest_ms", c_int32),
        ("confirmed_ms", c_int32), ("barge_in", c_int32), ("barge_in_evidence", c_float),
        *((name, c_int32) for name in (
            "veto_window_ms", "stall_threshold_ms", "playout_capacity_ms",
            "playback_offset_limit_ms", "pacing", "pacing_lead_ms", "pacing_packet_ms",
            "pacing_maximum_packet_ms", "pacing_start_threshold_ms", "pacing_start_patience_ms",
            "pacing_packet_interval_ms", "pacing_packet_burst", "pacing_separates_responses"))]


class RawPacket(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("size", c_size_t), ("generation", c_uint32),
        ("response", c_uint32), ("allows_barge_in", c_int32), ("reserved", c_int32)]


class Evidence(Structure):
    _fields_ = [
        ("onset", c_int64), ("decided", c_int64),
        *((name, c_float) for name in (
            "near_level", "far_level", "echo_level", "residual_level", "floor_level", "delay_ms",
            "lock", "return_gain", "score", "threshold", "logit", "voicing")),
        ("fired", c_int32), ("canceller_active", c_int32)]


class Turn(Structure):
    _fields_ = [(name, c_int64) for name in (
        "onset", "last_voiced", "spoken_ns", "arrived_ns", "confirmed_ns")]


class TurnBill(Structure):
    _fields_ = [("turn", c_uint32), ("response", c_uint32), *((name, c_int64) for name in (
        "arrival_ns", "endpoint_ns", "bot_ns", "playout_ns", "total_ns"))]


class Account(Structure):
    _fields_ = [
        ("response", c_uint32), ("generation", c_uint32),
        *((name, c_int64) for name in (
            "accepted", "sent", "heard", "flushed", "returned", "discarded")),
        *((name, c_int32) for name in (
            "underruns", "is_confirmed", "was_cleared", "is_final"))]


class RawEvent(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("kind", c_int32),
        *((name, c_uint32) for name in ("turn", "response", "generation", "interruption")),
        *((name, c_int32) for name in ("fault", "digit", "was_heard")), ("mark", c_uint64),
        *((name, c_int64) for name in (
            "position", "samples", "time_ns", "decided_ns", "deadline_ns", "duration_ns")),
        ("turn_end", Turn), ("bill", TurnBill), ("account", Account), ("evidence", Evidence)]


SIGNATURES = {
    "engine_create": (POINTER(EngineConfig), POINTER(c_uint64)),
    "engine_close": (c_uint64,),
    "call_open": (c_uint64, POINTER(CallConfig), POINTER(c_uint64)),
    "call_close": (c_uint64,),
    "call_tick": (c_uint64,),
    "call_push_caller_audio": (c_uint64, c_char_p, c_size_t),
    "call_pull_caller_audio": (c_uint64, c_void_p, c_size_t, POINTER(c_size_t)),
    "call_begin_response": (c_uint64, c_int32, POINTER(c_uint32)),
    "call_push_bot_audio": (c_uint64, c_uint32, c_char_p, c_size_t, POINTER(c_size_t)),
    "call_mark": (c_uint64, c_uint32, c_uint64),
    "call_end_response": (c_uint64, c_uint32),
    "call_clear": (c_uint64,),
    "call_packet_capacity": (c_uint64, POINTER(c_size_t)),
    "call_take_flush": (c_uint64, POINTER(c_uint32)),
    "call_pull_platform_audio": (c_uint64, c_void_p, c_size_t, POINTER(RawPacket)),
    "call_poll_event": (c_uint64, POINTER(RawEvent)),
    "call_account": (c_uint64, c_uint32, POINTER(Account)),
}


def _load():
    loaded = ctypes.CDLL(os.environ.get("SIDETONE_LIBRARY", "libsidetone.so.0"))
    for name, arguments in SIGNATURES.items():
        function = getattr(loaded, "sidetone_" + name)
        function.argtypes = arguments
        function.restype = c_int32
    loaded.sidetone_status_text.argtypes = (c_int32,)
    loaded.sidetone_status_text.restype = c_char_p
    loaded.sidetone_version.argtypes = ()
    loaded.sidetone_version.restype = c_uint32
    return loaded


library = _load()


def invoke(name, *arguments, accepts=()):
    """Calls sidetone_NAME; SidetoneError unless it succeeds or returns what is accepted."""
    status = getattr(library, "sidetone_" + name)(*arguments)
    if status < 0 and status not in accepts:
        raise SidetoneError(status)
    return status


def version():
    """The library's version, for instance "0.1.0"."""
    number = library.sidetone_version()
    return f"{number >> 16}.{number >> 8 & 0xff}.{number & 0xff}"


def fill(struct, settings):
    """A struct with its size and the given fields set; all others are zero."""
    filled = struct(struct_size=ctypes.sizeof(struct))
    for name, value in settings.items():
        if name not in dict(struct._fields_):
            raise TypeError(f"there is no setting '{name}'")
        setattr(filled, name, value)
    return filled


def out(kind):
    """A variable for a result, and a reference to it."""
    variable = kind()
    return variable, byref(variable)
