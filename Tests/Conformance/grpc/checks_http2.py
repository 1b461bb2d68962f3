# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 that must be accepted: frames, header blocks, flow control (RFC 9113, RFC 7541)."""

import struct

import http2
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PRIORITY,
                   PRIORITY_FLAG, SETTINGS, SETTING_NAMES, frame, literal_block)
from registry import check
from rpc import Call, Failed, Skipped, message, require


@check("http2.settings-exchange")
def settings_exchange(target):
    """SETTINGS come first, ours are acknowledged, a PING returns its octets."""
    connection = target.connect()
    require(connection.run(lambda: connection.settings_acknowledged == 1), "our SETTINGS were not acknowledged")
    require(connection.ping(), "PING was not answered")
    shown = ", ".join(f"{SETTING_NAMES.get(k, k)}={v}" for k, v in sorted(connection.peer.items()))
    require(16_384 <= connection.peer[http2.MAX_FRAME_SIZE] < 1 << 24, f"invalid: {shown}")
    return shown


@check("http2.bad-preface")
def bad_preface(target):
    """An HTTP/1.1 request on the port is refused, not left hanging."""
    connection = target.connect(preface=False, acknowledge=False)
    connection.peer_settings_seen = True
    connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"\x00" * 64)
    connection.run(lambda: connection.ended(), 10)
    require(connection.ended(), "still open after 10 s")
    connection.violations.clear()
    return connection.ended()


@check("http2.octet-by-octet")
def octet_by_octet(target):
    """Preface, SETTINGS and a request that arrive one octet at a time."""
    connection = target.connect(preface=False, acknowledge=False)
    fields = literal_block(target.headers("/conformance.Unknown/Method"))
    octets = (http2.PREFACE + frame(SETTINGS) + frame(HEADERS, END_HEADERS | END_STREAM, 1, fields))
    stream = connection.new_stream()
    for index in range(len(octets)):
        connection.send(octets[index:index + 1])
    connection.run(lambda: stream.done)
    require(stream.ended and stream.blocks, f"no answer ({connection.ended()})")
    return f"{len(octets)} segments"


@check("http2.unknown-frames-and-settings")
def unknown_frames(target):
    """Frame types and settings nobody defined are ignored."""
    connection = target.connect(settings={0x0B0B: 7, 0xFFFF: 1})
    connection.send(frame(0x42, 0xFF, 0, b"ignored") + frame(0xFA, 0, 1, b""))
    require(target.probe(connection).status is not None, f"no answer ({connection.ended()})")
    return ""


@check("http2.unknown-flags")
def unknown_flags(target):
    """Flags nobody defined are ignored."""
    connection = target.connect()
    connection.send(frame(PING, 0xFE, 0, b"12345678") + frame(SETTINGS, 0xFE, 0, b""))
    require(target.probe(connection).status is not None, f"no answer ({connection.ended()})")
    return ""


def _unary_by_hand(target, flags, before=b"", after=b""):
    method = target.method("unary")
    connection = target.connect()
    stream = connection.new_stream()
    block = literal_block(target.headers(method["method"]))
    connection.send(frame(HEADERS, END_HEADERS | flags, stream.identifier, before + block + after)
                    + frame(PRIORITY, 0, stream.identifier, struct.pack(">IB", 0, 200)))
    call = Call.of(connection, stream)
    call.send(method["request"], end=True)
    return call.wait().require_status(0)


@check("http2.priority")
def priority(target):
    """HEADERS with priority fields, and PRIORITY frames, are accepted."""
    return _unary_by_hand(target, PRIORITY_FLAG, struct.pack(">IB", 0, 15))


@check("http2.padded-headers")
def padded_headers(target):
    """HEADERS with padding are unwrapped."""
    return _unary_by_hand(target, PADDED, b"\x07", b"\x00" * 7)


@check("http2.padded-data")
def padded_data(target):
    """DATA with padding is unwrapped."""
    method = target.method("unary")
    connection = target.connect()
    call = target.call(connection, method["method"])
    connection.send(frame(DATA, PADDED, call.stream.identifier, b"\xff" + message(method["request"]) + b"\x00" * 255)
                    + frame(DATA, PADDED | END_STREAM, call.stream.identifier, b"\x00"))
    return call.wait().require_status(0)


@check("http2.padding-returns-credit")
def padding_credit(target):
    """Padding counts against the window and the credit comes back: many padded frames do not starve a stream."""
    connection = target.connect()
    call = target.bidi(connection)
    request = message(target.method("bidi")["requests"][0])
    sent = 0
    for _ in range(3000):
        size = len(request) + 256
        if not connection.run(lambda: call.stream.done or min(connection.send_window, call.stream.send_window) >= size):
            raise Failed(f"credit ran out after {sent} padded octets")
        require(not call.stream.done, f"{call}")
        connection.send_window -= size
        call.stream.send_window -= size
        connection.send(frame(DATA, PADDED, call.stream.identifier, b"\xff" + request + b"\x00" * 255))
        sent += size
        if sent > 400_000:
            break
    connection.rst(call.stream)
    return f"{sent} octets"


@check("http2.continuation")
def continuation(target):
    """A header block in many CONTINUATION frames, some of them empty."""
    connection = target.connect()
    stream = connection.new_stream()
    block = literal_block(target.headers("/conformance.Unknown/Method"))
    octets = frame(HEADERS, END_STREAM, stream.identifier, block[:1])
    octets += b"".join(frame(CONTINUATION, 0, stream.identifier, block[i:i + 40]) for i in range(1, len(block), 40))
    connection.send(octets + frame(CONTINUATION, END_HEADERS, stream.identifier))
    connection.run(lambda: stream.done)
    require(stream.ended and stream.blocks, f"no answer ({connection.refusal(stream)})")
    return f"{(len(block) + 39) // 40 + 1} frames"


@check("http2.dynamic-table")
def dynamic_table(target):
    """Fields the client put into the compression table keep their meaning over several requests."""
    connection = target.connect()
    for index in range(20):
        call = target.call(connection, f"/conformance.Unknown/Method{index % 3}", ("x-repeated", "v" * 300),
                           (f"x-{index}", str(index)))
        call.half_close()
        call.wait()
        require(call.status is not None, f"request {index}: {call}")
    return "20 requests"


@check("http2.header-table-size-zero")
def header_table_zero(target):
    """A client that allows no compression table gets none."""
    connection = target.connect(settings={http2.HEADER_TABLE_SIZE: 0})
    for _ in range(5):
        call = target.call(connection, "/conformance.Unknown/Method", end_stream=True).wait()
        require(call.status is not None, f"{call}; {'; '.join(connection.violations)}")
    return ""


@check("http2.initial-window-zero")
def initial_window_zero(target):
    """A response waits for credit, octet by octet, and arrives whole."""
    connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: 0}, replenish=False)
    method = target.method("unary")
    call = target.call(connection, method["method"])
    call.send(method["request"], end=True)
    call.wait(0.5)
    require(not call.stream.done or call.status not in (None, 0) or not call.replies, f"did not wait for credit: {call}")
    if call.stream.done:
        raise Skipped(f"the response has no message: {call}")
    for _ in range(3):
        connection.grant(call.stream.identifier, 1)
        connection.run(timeout=0.1)
    held = len(call.stream.data)
    connection.grant(call.stream.identifier, 1 << 20)
    connection.grant(0, 1 << 20)
    call.wait()
    return f"{held} of 3 octets, then " + call.require_status(0)


@check("http2.initial-window-changes")
def initial_window_changes(target):
    """A new SETTINGS_INITIAL_WINDOW_SIZE applies to open streams, even below zero."""
    method = target.method("unary")
    connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: 4}, replenish=False)
    call = target.call(connection, method["method"])
    call.send(method["request"], end=True)
    call.wait(0.3)
    if call.stream.done:
        raise Skipped(f"the response fits into 4 octets: {call}")
    connection.change_settings({http2.INITIAL_WINDOW_SIZE: 0})
    connection.change_settings({http2.INITIAL_WINDOW_SIZE: 1 << 20})
    return call.wait().require_status(0)


@check("http2.max-frame-size-respected")
def max_frame_size(target):
    """A large response arrives in frames no larger than the client allows."""
    connection = target.connect()
    call = target.unary(connection, size=60_000)
    call.require_status(0)
    return f"{len(call.stream.data)} octets in {len(call.stream.data_frames)} frames"


@check("http2.concurrency-limit")
def concurrency_limit(target):
    """Streams up to the advertised limit are served, those above it are refused, or their connection is."""
    connection = target.connect()
    limit = connection.peer.get(http2.MAX_CONCURRENT_STREAMS)
    if limit is None or limit > 5000:
        raise Skipped(f"the server advertises {'no limit' if limit is None else limit}")
    calls = [target.bidi(connection) for _ in range(limit)]
    for call in calls:
        require(not call.stream.done, f"a stream within the limit of {limit} was refused: {call}")
    extra = [target.bidi(connection) for _ in range(5)]
    connection.run(lambda: all(call.stream.done for call in extra) or connection.ended())
    refused = sum(call.stream.reset is not None or call.status not in (None, 0) for call in extra)
    if connection.ended():
        return f"limit {limit}; above it the whole connection: {connection.ended()}"
    require(refused == len(extra), f"{len(extra) - refused} of {len(extra)} streams above {limit} were accepted")
    for call in calls:
        call.half_close()
    for call in calls:
        call.wait()
    require(all(call.stream.ended for call in calls), "a stream within the limit did not finish")
    return f"limit {limit}; above it {extra[0]}"


@check("http2.client-goaway")
def client_goaway(target):
    """A client that says GOAWAY still gets the answer to its open call."""
    connection = target.connect()
    method = target.method("unary")
    call = target.call(connection, method["method"])
    connection.send(frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
    call.send(method["request"], end=True)
    return call.wait().require_status(0)
