# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""gRPC calls: half-close, cancellation, deadlines, concurrency."""

import time

import http2
from conversation import octets_of, plain
from registry import check
from rpc import DEADLINE_EXCEEDED, OK, require


# Half-close and cancellation.

@check("grpc.half-close-with-headers")
def half_close_with_headers(target):
    """A conversation that ends on the client's side with its HEADERS is ended by the server too."""
    call = target.call(target.connect(), target.method("bidi")["method"], end_stream=True).wait()
    require(call.status is not None, f"{call}")
    return str(call)


@check("grpc.half-close-keeps-replies")
def half_close_keeps_replies(target):
    """What the client sent before half-close is answered although it arrived together with it."""
    yardstick = plain(target)
    connection = target.connect(settings={http2.INITIAL_WINDOW_SIZE: 0}, replenish=False)
    call = target.bidi(connection)
    call.send_octets(octets_of(target), end=True)
    connection.run(timeout=0.5)
    connection.grant(0, 1 << 24)
    connection.grant(call.stream.identifier, 1 << 24)
    return yardstick.require_same(call.wait(), target)


@check("grpc.open-call-stays-open")
def open_call(target):
    """Without half-close the server keeps the conversation open."""
    call = target.bidi(target.connect())
    call.send(target.method("bidi")["requests"][0])
    call.wait(2)
    require(not call.stream.done, f"{call}")
    return "2 s"


@check("grpc.cancel-frees-streams")
def cancel_frees_streams(target):
    """Far more calls than the concurrency limit, each cancelled in the middle; then calls succeed."""
    connection = target.connect()
    limit = connection.peer.get(http2.MAX_CONCURRENT_STREAMS, 100)
    batch = min(limit, 50)
    request = target.method("bidi")["requests"][0]
    wanted = max(400, 3 * min(limit, 2000))
    cancelled = refused = 0
    end = time.monotonic() + 20
    while cancelled < wanted:
        require(time.monotonic() < end, f"{cancelled} of {wanted} calls accepted in 20 s, {refused} refused")
        calls = [target.bidi(connection) for _ in range(batch)]
        for call in calls:
            call.send(request)
        require(connection.ping(), f"the connection ended after {cancelled} cancelled calls: {connection.ended()}")
        turned_away = sum(call.stream.reset == http2.REFUSED_STREAM for call in calls)
        for call in calls:
            if not call.stream.done:
                connection.rst(call.stream)
        cancelled += batch - turned_away
        refused += turned_away
        if turned_away:
            time.sleep(0.05)
    time.sleep(0.2)
    calls = [target.bidi(connection) for _ in range(batch)]
    for call in calls:
        call.send(request)
        call.half_close()
    for call in calls:
        call.wait()
        require(call.status is not None, f"after {cancelled} cancelled calls: {call}")
    return f"{cancelled} cancelled, limit {limit}" + (f", {refused} refused on the way" if refused else "")


# Deadlines.

def _waiting(target, *fields):
    method = target.config.get("waiting") or target.method("bidi")
    call = target.call(target.connect(), method["method"], *fields)
    for request in method["requests"][:1]:
        call.send(request)
    return call


def _deadline(target, value, at_least, at_most):
    call = _waiting(target, ("grpc-timeout", value))
    began = time.monotonic()
    call.wait(at_most + 2)
    took = time.monotonic() - began
    cancelled = call.stream.reset == http2.CANCEL and call.status is None
    require(call.status == DEADLINE_EXCEEDED or cancelled, f"after {took:.2f} s: {call}")
    require(at_least <= took <= at_most, f"after {took:.3f} s: {call}")
    return f"{call} after {took * 1000:.0f} ms"


@check("grpc.deadline")
def deadline(target):
    """A call with 300 ms ends then, with DEADLINE_EXCEEDED or a reset."""
    return _deadline(target, "300m", 0.2, 0.3 + target.config["seconds"]["lateness"])


@check("grpc.deadline-tiny")
def deadline_tiny(target):
    """A call with 1 ns ends at once."""
    return _deadline(target, "1n", 0, target.config["seconds"]["lateness"])


@check("grpc.deadline-generous")
def deadline_generous(target):
    """Every unit of grpc-timeout is understood: long deadlines do not end a call."""
    seen = []
    for value in ("10S", "1M", "99999999H", "10000m", "10000000u", "99999999n"):
        call = _waiting(target, ("grpc-timeout", value))
        call.wait(0.05)
        if value != "99999999n":
            require(not call.stream.done, f"{value}: {call}")
        seen.append(value)
    return ", ".join(seen)


@check("grpc.deadline-malformed")
def deadline_malformed(target):
    """A grpc-timeout that means nothing is refused or ignored, and the next call succeeds."""
    connection = target.connect()
    seen = []
    for value in ("", "abc", "10", "-5S", "123456789S", "1x", "S"):
        call = target.unary(connection, ("grpc-timeout", value))
        require(call.stream.done, f"{value!r}: {call}")
        seen.append(f"{value!r} {call}")
        if connection.ended():
            connection = target.connect()
    target.unary(connection).require_status(OK)
    return ", ".join(seen)


# Concurrency.

@check("grpc.many-conversations")
def many_conversations(target):
    """A hundred conversations interleaved on one connection, message by message."""
    connection = target.connect()
    count = min(100, connection.peer.get(http2.MAX_CONCURRENT_STREAMS, 100))
    yardstick = plain(target)
    calls = [target.bidi(connection) for _ in range(count)]
    for request in target.method("bidi")["requests"]:
        for call in calls:
            call.send(request)
    for call in calls:
        call.half_close()
    for call in calls:
        yardstick.require_same(call.wait(), target)
    return f"{count} conversations"


@check("grpc.many-connections")
def many_connections(target):
    """Two hundred connections with an open conversation each."""
    request = target.method("bidi")["requests"][0]
    calls = []
    for _ in range(200):
        call = target.bidi(target.connect())
        call.send(request)
        calls.append(call)
    for call in calls:
        call.half_close()
    for call in calls:
        call.wait()
        require(call.status is not None, f"{call}")
    return "200 connections"
