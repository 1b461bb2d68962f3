# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""gRPC messages: framing, flags, limits, statuses."""

import struct
import time

from conversation import octets_of, plain
from http2 import DATA, frame
from registry import check
from rpc import INTERNAL, OK, RESOURCE_EXHAUSTED, UNIMPLEMENTED, Skipped, message, require


@check("grpc.unary")
def unary(target):
    """The configured unary call succeeds with one message and proper headers and trailers."""
    call = target.unary(target.connect())
    call.require_status(OK)
    require(len(call.replies) == 1, f"{len(call.replies)} messages")
    require(len(call.stream.blocks) == 2, f"{len(call.stream.blocks)} header blocks")
    trailers = dict(call.stream.blocks[-1])
    require(not any(name.startswith(":") for name in trailers), "pseudo-header in the trailers")
    wanted = target.config["unary"].get("response")
    require(wanted is None or call.replies[0] == wanted, f"unexpected message {call.replies[0][:40].hex()}")
    return f"{len(call.replies[0])} octets"


@check("grpc.unary-many")
def unary_many(target):
    """A thousand calls on one connection."""
    connection = target.connect()
    began = time.monotonic()
    for _ in range(1000):
        target.unary(connection).require_status(OK)
    return f"{(time.monotonic() - began) * 1000:.0f} us per call, this client included"


@check("grpc.bidi")
def bidi(target):
    """The configured conversation succeeds; with `one_to_one`, each reply comes before the next request."""
    connection = target.connect()
    call = target.bidi(connection)
    requests = target.method("bidi")["requests"]
    early = 0
    for index, request in enumerate(requests):
        call.send(request)
        if target.config["bidi"]["one_to_one"]:
            call.wait_replies(index + 1)
            early = len(call.replies)
            require(early == index + 1, f"{early} replies after {index + 1} requests: {call}")
    require(not call.stream.done or call.status != OK, "the server ended the call before the client did")
    call.half_close()
    call.wait().require_status(OK)
    require(call.replies, "no replies")
    return f"{early} replies before half-close, {len(call.replies)} in all"


@check("grpc.message-in-single-octets")
def singleoctets_of(target):
    """Every octet of every message, prefix included, in its own DATA frame."""
    yardstick = plain(target)
    call = target.bidi(target.connect())
    call.send_octets(octets_of(target), end=False, piece=1)
    call.half_close()
    return yardstick.require_same(call.wait(), target)


@check("grpc.messages-in-one-frame")
def one_frame(target):
    """All messages in one DATA frame that also ends the stream."""
    yardstick = plain(target)
    call = target.bidi(target.connect())
    call.send_octets(octets_of(target), end=True)
    return yardstick.require_same(call.wait(), target)


@check("grpc.messages-across-frames")
def across_frames(target):
    """Frame borders inside prefixes and payloads, with empty DATA frames between."""
    yardstick = plain(target)
    octets = octets_of(target)
    for size in (3, 6, 7):
        connection = target.connect()
        call = target.bidi(connection)
        for index in range(0, len(octets), size):
            call.send_octets(octets[index:index + size])
            connection.send(frame(DATA, 0, call.stream.identifier))
        call.half_close()
        yardstick.require_same(call.wait(), target)
    return "borders every 3, 6 and 7 octets"


@check("grpc.large-message")
def large_message(target):
    """A message near the limit, through flow control in both directions."""
    limit = target.config["limits"]["message_bytes"] or 1 << 22
    size = min(limit - 1024, 3 << 20)
    call = target.unary(target.connect(), size=size)
    call.require_status(OK)
    return f"{size} octets, {len(call.stream.data)} back"


@check("grpc.zero-length-message")
def zero_length(target):
    """A message of no octets is a message: the server answers it."""
    connection = target.connect()
    call = target.call(connection, target.method("unary")["method"])
    call.send(b"", end=True)
    call.wait()
    require(call.status is not None, f"{call}")
    return str(call)


@check("grpc.compressed-without-encoding")
def compressed_without_encoding(target):
    """The compressed flag without grpc-encoding is INTERNAL."""
    return _flagged(target, 1).require_status(INTERNAL)


@check("grpc.unknown-encoding")
def unknown_encoding(target):
    """A message in an encoding nobody has is UNIMPLEMENTED, and the answer says which are accepted."""
    call = _flagged(target, 1, ("grpc-encoding", "conformance"))
    call.require_status(UNIMPLEMENTED)
    return f"grpc-accept-encoding: {call.field('grpc-accept-encoding')}"


@check("grpc.identity-encoding")
def identity_encoding(target):
    """grpc-encoding: identity with uncompressed messages is plain gRPC."""
    return target.unary(target.connect(), ("grpc-encoding", "identity"),
                        ("grpc-accept-encoding", "identity")).require_status(OK)


@check("grpc.reserved-flag")
def reserved_flag(target):
    """A prefix whose first octet is neither 0 nor 1 fails the call."""
    call = _flagged(target, 2)
    require(call.stream.done and call.status != OK, f"{call}")
    return str(call)


def _flagged(target, flag, *fields):
    method = target.method("unary")
    call = target.call(target.connect(), method["method"], *fields)
    call.send(method["request"], end=True, flag=flag)
    return call.wait()


@check("grpc.truncated-message")
def truncated(target):
    """Half-close inside a message, and inside its prefix, fails the call."""
    seen = []
    for octets in (message(target.method("unary")["request"] + b"\x00" * 8)[:-3], b"\x00\x00\x00"):
        call = target.call(target.connect(), target.method("unary")["method"])
        call.send_octets(octets, end=True)
        call.wait()
        require(call.stream.done and call.status != OK, f"{call}")
        seen.append(str(call))
    return ", ".join(seen)


@check("grpc.unary-without-message")
def without_message(target):
    """A unary call that half-closes without a message fails."""
    call = target.call(target.connect(), target.method("unary")["method"], end_stream=True).wait()
    require(call.stream.done and call.status != OK, f"{call}")
    return str(call)


@check("grpc.unary-two-messages")
def two_messages(target):
    """A unary call with two messages fails; it is not answered twice."""
    method = target.method("unary")
    call = target.call(target.connect(), method["method"])
    call.send_octets(message(method["request"]) * 2, end=True)
    call.wait()
    require(call.stream.done, f"{call}")
    require(len(call.replies) <= 1, f"{len(call.replies)} replies")
    require(call.status != OK, "accepted")
    return str(call)


@check("grpc.oversize-message")
def oversize(target):
    """A prefix that announces more than the limit is RESOURCE_EXHAUSTED at once, without the message."""
    limit = target.config["limits"]["message_bytes"]
    if not limit:
        raise Skipped("limits.message_bytes is null")
    seen = []
    for length in (limit + 1, 0xFFFFFFFF):
        call = target.call(target.connect(), target.method("unary")["method"])
        call.send_octets(struct.pack(">BI", 0, length) + b"\x00" * 1000)
        call.wait()
        require(call.status == RESOURCE_EXHAUSTED, f"{length} octets announced: {call}")
        seen.append(str(length))
    return "announced " + " and ".join(seen)


@check("grpc.oversize-message-on-stream")
def oversize_on_stream(target):
    """The same inside a running conversation: that call fails, its neighbour does not."""
    limit = target.config["limits"]["message_bytes"]
    if not limit:
        raise Skipped("limits.message_bytes is null")
    connection = target.connect()
    neighbour, call = target.bidi(connection), target.bidi(connection)
    request = target.method("bidi")["requests"][0]
    neighbour.send(request)
    call.send(request)
    call.send_octets(struct.pack(">BI", 0, limit + 1))
    call.wait().require_status(RESOURCE_EXHAUSTED)
    neighbour.half_close()
    neighbour.wait()
    require(neighbour.status is not None, f"the neighbour: {neighbour}")
    return f"neighbour: {neighbour}"


@check("grpc.status-message")
def status_message(target):
    """grpc-message is printable ASCII, percent-encoded."""
    call = target.call(target.connect(), "/conformance.NoSuchService/M%C3%A9thode%0A", end_stream=True).wait()
    text = call.field("grpc-message") or ""
    require(call.stream.done and call.status != OK, f"{call}")
    require(all(" " <= c <= "~" for c in text), f"{text!r}")
    return repr(text[:60])
