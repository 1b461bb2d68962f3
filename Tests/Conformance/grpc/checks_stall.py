# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Peers that bloat or stall: the server survives, bounds its memory and keeps serving others."""

import struct
import time

import http2
from attack import Bystander, request_block
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, Connection, frame, integer,
                   literal, literal_block)
from registry import check
from rpc import inflate, message, messages, require


@check("bloat.header-list")
def huge_header_list(target):
    """A megabyte of header fields is refused."""
    connection = target.connect()
    with Bystander(target) as bystander:
        stream = connection.new_stream()
        block = literal_block(target.headers(target.any_path())) + b"".join(
            literal(f"x-{index}", "v" * 1000) for index in range(1000))
        pieces = [block[i:i + 16_384] for i in range(0, len(block), 16_384)]
        octets = frame(HEADERS, END_STREAM, stream.identifier, pieces[0])
        octets += b"".join(frame(CONTINUATION, END_HEADERS if i == len(pieces) - 2 else 0, stream.identifier, piece)
                           for i, piece in enumerate(pieces[1:]))
        connection.flood(octets, target.timeout)
        connection.run(lambda: stream.done or connection.ended())
    return _refused(connection, stream) + f"; {bystander}"


@check("bloat.hpack-bomb")
def hpack_bomb(target):
    """Sixteen kilobytes that decode to sixty megabytes of header fields are refused."""
    connection = target.connect()
    with Bystander(target) as bystander:
        stream = connection.new_stream()
        block = literal_block(target.headers(target.any_path())) + literal("x-bomb", "b" * 3900, index=True)
        block += integer(62, 7, 0x80) * (16_384 - len(block))
        connection.send(frame(HEADERS, END_HEADERS | END_STREAM, stream.identifier, block))
        connection.run(lambda: stream.done or connection.ended())
    return _refused(connection, stream) + f"; {bystander}"


@check("bloat.many-fields")
def many_fields(target):
    """Tens of thousands of the smallest possible fields are refused."""
    connection = target.connect()
    with Bystander(target) as bystander:
        stream = connection.new_stream()
        block = literal_block(target.headers(target.any_path())) + literal("a", "", index=True)
        block += integer(62, 7, 0x80) * 60_000
        pieces = [block[i:i + 16_384] for i in range(0, len(block), 16_384)]
        octets = frame(HEADERS, END_STREAM, stream.identifier, pieces[0])
        octets += b"".join(frame(CONTINUATION, END_HEADERS if i == len(pieces) - 2 else 0, stream.identifier, piece)
                           for i, piece in enumerate(pieces[1:]))
        connection.flood(octets, target.timeout)
        connection.run(lambda: stream.done or connection.ended())
    return _refused(connection, stream) + f"; {bystander}"


def _refused(connection, stream):
    if stream.reset is not None or connection.ended():
        name = http2.error_name(stream.reset) if stream.reset is not None else ""
        connection.violations.clear()
        return f"RST_STREAM {name}" if name else connection.ended()
    require(stream.ended, "no answer")
    fields = {name: value for block in stream.blocks for name, value in block}
    refused = fields.get(":status") == "431" or fields.get("grpc-status") == "8"
    require(refused, f"answered with HTTP {fields.get(':status')}, grpc-status {fields.get('grpc-status')}")
    return f"HTTP {fields.get(':status')}, grpc-status {fields.get('grpc-status')}"


@check("stall.no-credit")
def no_credit(target):
    """A client that asks much and grants no window: its call waits, others do not, and nothing is lost."""
    connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: 16}, replenish=False)
    method = target.method("bidi")
    request = message(inflate(method["requests"][0], 2000))
    with Bystander(target) as bystander:
        call = target.bidi(connection)
        sent, pause = 0, time.monotonic() + 2
        while time.monotonic() < pause and sent < 20_000 and not call.stream.done:
            if not connection.send_data(call.stream, request, timeout=1):
                break
            sent += 1
        time.sleep(0.5)
        connection.run(timeout=0.1)
        held = len(call.stream.data)
    require(held <= 16, f"{held} octets arrived through a window of 16")
    remark = f"{sent} messages of 2 kB taken{', then no more' if sent < 20_000 else ''}; {bystander}"
    if call.stream.done:
        return f"ended: {call}; {remark}"
    # From here a good client.
    connection.replenish = True
    connection.grant(0, 1 << 24)
    connection.grant(call.stream.identifier, 1 << 24)
    expected = sent if method["one_to_one"] else 1
    end, found = time.monotonic() + 10, 0
    while found < expected and time.monotonic() < end and not call.stream.done:
        connection.run(timeout=0.2)
        found = len(messages(call.stream.data)[0])
    require(found >= expected or call.stream.done, f"{found} replies to {sent} requests after credit was granted")
    connection.rst(call.stream)
    return remark + f"; then {found} replies"


@check("stall.neighbour-stream")
def neighbour_stream(target):
    """On one connection a call without credit does not hold up another."""
    connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: 0}, replenish=False)
    connection.grant(0, 1 << 24)
    requests = target.method("bidi")["requests"]
    stuck, free = target.bidi(connection), target.bidi(connection)
    connection.grant(free.stream.identifier, 1 << 20)
    for call in (stuck, free):
        for request in requests:
            call.send(request)
        call.half_close()
    free.wait()
    require(free.status is not None, f"{free}")
    require(not stuck.stream.data, "DATA without credit")
    connection.grant(stuck.stream.identifier, 1 << 20)
    stuck.wait()
    require(stuck.status == free.status, f"after credit: {stuck}")
    return str(free)


@check("stall.unread-socket")
def unread_socket(target):
    """Clients that grant large windows but never read the socket."""
    method = target.method("bidi")
    request = message(inflate(method["requests"][0], 8000))
    with Bystander(target) as bystander:
        total = 0
        for _ in range(4):
            connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: (1 << 31) - 1}, replenish=False,
                                        receive_buffer=4096)
            connection.grant(0, (1 << 31) - 1 - 65_535)
            connection.send(b"")
            calls = [target.bidi(connection) for _ in range(4)]
            connection.run(timeout=0.05)
            for call in calls:
                window = min(call.stream.send_window, connection.send_window)
                octets = (request * (window // len(request)))[:window]
                size = connection.peer[http2.MAX_FRAME_SIZE]
                frames = b"".join(frame(DATA, 0, call.stream.identifier, octets[i:i + size])
                                  for i in range(0, len(octets), size))
                connection.send_window -= len(octets)
                total += connection.flood(frames, 0.5, read=False)
        time.sleep(1.5)
    for connection in target.connections:
        connection.violations.clear()
    return f"{total // 1024} KiB sent on 16 calls; {bystander}"


@check("stall.half-open")
def half_open(target):
    """Five hundred connections that say nothing, or half a preface."""
    connections = []
    with Bystander(target) as bystander:
        for index in range(500):
            connection = Connection(target.host, target.port, preface=False, timeout=target.timeout)
            connections.append(connection)
            if index % 2:
                connection.send(http2.PREFACE[:10])
        time.sleep(1)
    for connection in connections:
        connection.close()
    return str(bystander)


@check("stall.slow-header-block")
def slow_header_block(target):
    """Header blocks begun on fifty connections and never finished."""
    with Bystander(target) as bystander:
        for _ in range(50):
            connection = target.connect()
            connection.send(frame(HEADERS, 0, 1, request_block(target)[:20]))
            connection.new_stream()
        time.sleep(1)
    for connection in target.connections:
        connection.violations.clear()
    return str(bystander)


@check("stall.abrupt-disconnects")
def abrupt_disconnects(target):
    """Three hundred connections cut with calls open, messages half sent and answers unread."""
    method = target.method("bidi")
    octets = message(method["requests"][0])
    with Bystander(target) as bystander:
        for _ in range(300):
            connection = Connection(target.host, target.port, timeout=target.timeout)
            connection.started()
            call = target.bidi(connection)
            connection.send(frame(DATA, 0, call.stream.identifier, octets + octets[:3]))
            connection.socket.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: RST
            connection.close()
    return str(bystander)
