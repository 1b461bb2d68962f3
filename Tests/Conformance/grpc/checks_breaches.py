# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 that must be refused (RFC 9113, RFC 7541)."""

import struct

import http2
from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, PING, PUSH_PROMISE,
                   RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, literal_block, settings_payload)
from registry import check
from rpc import Call, Failed, Skipped, message, require


def rejects(connection, stream=None, expected=None, timeout=None):
    """The server refuses what it was sent; the code it gave, with a remark when another was expected."""
    connection.run(lambda: connection.refusal(stream) or (stream is not None and stream.ended), timeout)
    refusal = connection.refusal(stream)
    if refusal is None and stream is not None and stream.ended:
        status = dict(stream.blocks[-1]).get("grpc-status") if stream.blocks else None
        code = dict(stream.blocks[0]).get(":status") if stream.blocks else None
        if (status not in (None, "0")) or (code is not None and code[0] in "45"):
            return f"HTTP {code}" + (f", grpc-status {status}" if status else "")
    require(refusal, "accepted")
    if expected and expected not in refusal and "GOAWAY" not in refusal and "RST_STREAM" not in refusal:
        return f"{refusal} (the specification asks for {expected})"
    if expected and expected not in refusal:
        return f"{refusal} (the specification says {expected})"
    return refusal


def _breach(name, octets_for, expected, stream_error=False, description=""):
    def run(target):
        connection = target.connect()
        octets, stream = octets_for(target, connection)
        connection.send(octets)
        remark = rejects(connection, stream if stream_error else None, expected)
        connection.violations.clear()  # what follows on a stream in error does not matter
        return remark

    run.__doc__ = description
    check(name)(run)


def _open(target, connection):
    stream = connection.new_stream()
    return frame(HEADERS, END_HEADERS, stream.identifier, literal_block(target.headers(target.any_path()))), stream


def _with_fields(*fields, without=()):
    """A request that would succeed but for the given fields, or without any for a second :path after the others."""
    def build(target, connection):
        method = target.method("unary")
        stream = connection.new_stream()
        extra = fields or (() if without else ((":path", method["method"]),))
        block = literal_block(target.headers(method["method"], *extra, without=without))
        return (frame(HEADERS, END_HEADERS, stream.identifier, block)
                + frame(DATA, END_STREAM, stream.identifier, message(method["request"]))), stream
    return build


def _after_open(*frames):
    def build(target, connection):
        octets, stream = _open(target, connection)
        for kind, flags, payload in frames:
            octets += frame(kind, flags, stream.identifier, payload)
        return octets, stream
    return build


def _on_connection(*frames):
    return lambda target, connection: (b"".join(frame(*parts) for parts in frames), None)


def _interleaved(target, connection):
    stream = connection.new_stream()
    block = literal_block(target.headers(target.any_path()))
    return (frame(HEADERS, 0, stream.identifier, block[:10]) + frame(PING, 0, 0, b"12345678")
            + frame(CONTINUATION, END_HEADERS, stream.identifier, block[10:])), None


def _even_identifier(target, connection):
    connection.streams[2] = http2.Stream(2, 0, 65_535)
    return frame(HEADERS, END_HEADERS, 2, literal_block(target.headers(target.any_path()))), None


def _oversize_frame(target, connection):
    octets, stream = _open(target, connection)
    return octets + frame(DATA, 0, stream.identifier, b"\x00" * (connection.peer[http2.MAX_FRAME_SIZE] + 1)), stream


def _hpack(block):
    def build(target, connection):
        stream = connection.new_stream()
        return frame(HEADERS, END_HEADERS | END_STREAM, stream.identifier, block), None
    return build


_breach("http2.reject-data-on-idle-stream", _on_connection((DATA, 0, 7, b"x")), "PROTOCOL_ERROR",
        description="DATA for a stream that was never opened.")
_breach("http2.reject-even-stream", _even_identifier, "PROTOCOL_ERROR",
        description="A client opens a stream with an even identifier.")
_breach("http2.reject-oversize-frame", _oversize_frame, "FRAME_SIZE_ERROR", stream_error=True,
        description="A frame larger than SETTINGS_MAX_FRAME_SIZE.")
_breach("http2.reject-interleaved-header-block", _interleaved, "PROTOCOL_ERROR",
        description="PING between HEADERS and CONTINUATION.")
_breach("http2.reject-stray-continuation", _on_connection((CONTINUATION, END_HEADERS, 1, b"")), "PROTOCOL_ERROR",
        description="CONTINUATION without HEADERS.")
_breach("http2.reject-settings-length", _on_connection((SETTINGS, 0, 0, b"\x00\x03\x00")), "FRAME_SIZE_ERROR",
        description="A SETTINGS frame whose length is not a multiple of six.")
_breach("http2.reject-settings-ack-payload", _on_connection((SETTINGS, ACK, 0, b"\x00" * 6)), "FRAME_SIZE_ERROR",
        description="An acknowledgement that carries settings.")
_breach("http2.reject-settings-on-stream", _on_connection((SETTINGS, 0, 1, b"")), "PROTOCOL_ERROR",
        description="SETTINGS on a stream.")
_breach("http2.reject-settings-value", _on_connection((SETTINGS, 0, 0, settings_payload({http2.INITIAL_WINDOW_SIZE: 1 << 31}))),
        "FLOW_CONTROL_ERROR", description="An initial window above 2^31-1.")
_breach("http2.reject-ping-length", _on_connection((PING, 0, 0, b"1234")), "FRAME_SIZE_ERROR",
        description="A PING that is not eight octets.")
_breach("http2.reject-push-promise", _after_open((PUSH_PROMISE, END_HEADERS, b"\x00\x00\x00\x02")), "PROTOCOL_ERROR",
        description="PUSH_PROMISE from a client.")
_breach("http2.reject-rst-idle", _on_connection((RST_STREAM, 0, 9, b"\x00\x00\x00\x08")), "PROTOCOL_ERROR",
        description="RST_STREAM for a stream that was never opened.")
_breach("http2.reject-window-overflow",
        _on_connection(*[(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF))] * 2), "FLOW_CONTROL_ERROR",
        description="A connection window above 2^31-1.")
_breach("http2.reject-stream-window-overflow",
        _after_open(*[(WINDOW_UPDATE, 0, struct.pack(">I", 0x7FFFFFFF))] * 2), "FLOW_CONTROL_ERROR", stream_error=True,
        description="A stream window above 2^31-1.")
_breach("http2.reject-zero-window-update", _after_open((WINDOW_UPDATE, 0, b"\x00" * 4)), "PROTOCOL_ERROR",
        stream_error=True, description="WINDOW_UPDATE of zero on a stream.")
_breach("http2.reject-padding-length", _after_open((DATA, PADDED, b"\x09" + b"x" * 4)), "PROTOCOL_ERROR",
        stream_error=True, description="Padding longer than the frame.")
_breach("http2.reject-hpack-index", _hpack(b"\xff\xff\xff\x7f"), "COMPRESSION_ERROR",
        description="A header field from beyond the tables.")
_breach("http2.reject-hpack-truncated", _hpack(b"\x00\x0aabc"), "COMPRESSION_ERROR",
        description="A header block that ends inside a field.")
_breach("http2.reject-hpack-table-size", _hpack(b"\x3f\xe1\xff\xff\x7f\x84"), "COMPRESSION_ERROR",
        description="A compression table larger than the server allows.")
_breach("http2.reject-uppercase-field", _with_fields(("X-Upper", "1")), "PROTOCOL_ERROR", stream_error=True,
        description="A field name in upper case.")
_breach("http2.reject-connection-field", _with_fields(("connection", "keep-alive")), "PROTOCOL_ERROR", stream_error=True,
        description="A field that belongs to HTTP/1.1 connections.")
_breach("http2.reject-late-pseudo-field", _with_fields(), "PROTOCOL_ERROR", stream_error=True,
        description="A pseudo-header after ordinary fields, and twice.")
_breach("http2.reject-missing-path", _with_fields(without=(":path",)), "PROTOCOL_ERROR", stream_error=True,
        description="A request without :path.")
_breach("http2.reject-field-line-break", _with_fields(("x-split", "a\r\nb: c")), "PROTOCOL_ERROR", stream_error=True,
        description="A line break in a field value.")


@check("http2.reject-falling-stream")
def falling_stream(target):
    """A stream identifier lower than one already used is refused or ignored, not served."""
    connection = target.connect()
    method = target.method("unary")
    block = literal_block(target.headers(method["method"]))
    later, earlier = http2.Stream(5, 0, 65_535), http2.Stream(3, 0, 65_535)
    connection.streams = {5: later, 3: earlier}
    body = message(method["request"])
    for identifier in (5, 3):
        connection.send(frame(HEADERS, END_HEADERS, identifier, block) + frame(DATA, END_STREAM, identifier, body))
    connection.run(lambda: connection.refusal(earlier) or earlier.ended, 1)
    connection.violations.clear()
    call = Call.of(connection, earlier)
    require(call.status != 0, "served")
    return connection.refusal(earlier) or "ignored (the specification says PROTOCOL_ERROR)"


@check("http2.reject-data-beyond-window")
def data_beyond_window(target):
    """More DATA than the server granted."""
    connection = target.connect()
    octets, stream = _open(target, connection)
    # One message within the size limit, which never completes.
    total = max(stream.send_window, connection.send_window) + 65_536
    body = struct.pack(">BI", 0, min(total * 2, target.config["limits"]["message_bytes"] or 1 << 22))
    body += b"\x00" * (total - 5)
    size = connection.peer[http2.MAX_FRAME_SIZE]
    octets += b"".join(frame(DATA, 0, stream.identifier, body[i:i + size]) for i in range(0, len(body), size))
    connection.flood(octets, target.timeout)
    connection.run(lambda: connection.refusal(stream) or stream.ended
                   or min(stream.send_window, connection.send_window) >= total, 2)
    connection.violations.clear()
    if connection.refusal(stream) or stream.ended:
        return rejects(connection, stream, "FLOW_CONTROL_ERROR")
    if min(stream.send_window, connection.send_window) >= total:
        raise Skipped("the server consumes and grants as fast as it reads")
    raise Failed(f"{total} octets accepted, windows {stream.send_window} and {connection.send_window}")


@check("http2.reject-data-after-end")
def data_after_end(target):
    """DATA on a stream the client has ended."""
    connection = target.connect()
    octets, stream = _after_open((DATA, END_STREAM, b""), (DATA, 0, b"late"))(target, connection)
    connection.send(octets)
    connection.ping(1)
    connection.run(lambda: connection.refusal(stream), 1)
    refusal = connection.refusal(stream)
    # The response may have gone out before the late frame was seen; then it is merely ignored.
    require(refusal or stream.ended, "neither refused nor answered")
    connection.violations.clear()
    return refusal or "ignored: the call had ended"
