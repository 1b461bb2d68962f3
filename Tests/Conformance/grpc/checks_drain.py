# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Graceful shutdown. Runs last: afterwards the server is gone."""

import shlex
import subprocess
import time

import http2
from registry import check
from rpc import Failed, Skipped, require


@check("drain.goaway", last=True)
def drain(target):
    """On the drain command: GOAWAY without error, no new calls, the open call ends as the client wishes, then the end."""
    command = target.config["drain"]["command"]
    if not command:
        raise Skipped("no drain.command configured")
    method = target.method("bidi")
    connection, idle = target.connect(), target.connect()
    call = target.bidi(connection)
    call.send(method["requests"][0])
    if method["one_to_one"]:
        call.wait_replies(1)
    else:
        connection.run(timeout=0.5)
    before = len(call.replies)

    subprocess.Popen(shlex.split(command) if isinstance(command, str) else command, stdin=subprocess.DEVNULL)
    began = time.monotonic()
    grace = target.config["drain"]["seconds"]
    connection.run(lambda: connection.goaway or connection.closed or call.stream.done, grace)
    require(not call.stream.done, f"the open call was ended by the drain: {call}")
    require(connection.goaway, f"no GOAWAY ({connection.closed or 'still open'})")
    announced = time.monotonic() - began
    require(connection.goaway[1] == http2.NO_ERROR, f"GOAWAY {http2.error_name(connection.goaway[1])}")

    for request in method["requests"][1:2] or method["requests"][:1]:
        require(call.send(request), f"the open call takes no more messages: {call}")
    if method["one_to_one"]:
        call.wait_replies(before + 1)
        require(len(call.replies) > before, f"the open call gets no more replies: {call}")
    call.half_close()
    call.wait(grace)
    require(call.status is not None, f"the open call did not finish: {call}")

    connection.run(lambda: connection.closed, grace)
    require(connection.closed, "the connection stays after its last call")
    idle.run(lambda: idle.closed, grace)
    require(idle.closed, "an idle connection stays")
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        try:
            http2.Connection(target.host, target.port, timeout=1).close()
        except OSError:
            break
        time.sleep(0.1)
    else:
        raise Failed("new connections are still accepted")
    return f"GOAWAY after {announced * 1000:.0f} ms, open call {call}"
