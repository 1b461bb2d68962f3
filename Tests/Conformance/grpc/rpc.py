# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""gRPC framing over `http2.Connection`, and the vocabulary the checks are written in."""

import struct
import time

from http2 import Connection, Stalled, error_name

STATUS = ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
          "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
          "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"]
(OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED,
 RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS,
 UNAUTHENTICATED) = range(17)


class Failed(Exception):
    """The server did not behave as the check requires."""


class Skipped(Exception):
    """The check does not apply to this configuration."""


def require(condition, text):
    if not condition:
        raise Failed(text)


def message(payload, flag=0):
    return struct.pack(">BI", flag, len(payload)) + payload


def messages(data):
    """The complete messages in `data`, and how many octets are left over."""
    found, position = [], 0
    while len(data) - position >= 5:
        _flag, length = struct.unpack_from(">BI", data, position)
        if len(data) - position - 5 < length:
            break
        found.append(bytes(data[position + 5:position + 5 + length]))
        position += 5 + length
    return found, len(data) - position


def inflate(request, size):
    """A request of exactly `size` octets that means the same: padded by a field no schema defines."""
    field = 0x1FFFFFFF << 3 | 2  # the highest field number, length-delimited
    tag = bytearray()
    while field >= 128:
        tag.append(field & 0x7F | 0x80)
        field >>= 7
    tag.append(field)
    padding = size - len(request) - len(tag) - 5
    if padding < 0:
        return request
    length = bytes(padding >> shift & 0x7F | (0x80 if shift < 28 else 0) for shift in range(0, 35, 7))
    return request + bytes(tag) + length + b"\x00" * padding


class Call:
    """One request stream and what came back on it."""

    def __init__(self, connection, headers, end_stream=False, block=None):
        self.connection = connection
        self.stream = connection.open(headers, end_stream, block)

    @classmethod
    def of(cls, connection, stream):
        """A call whose HEADERS were sent by hand."""
        call = cls.__new__(cls)
        call.connection, call.stream = connection, stream
        return call

    def send(self, payload, end=False, flag=0, piece=None):
        return self.connection.send_data(self.stream, message(payload, flag), end, piece)

    def send_octets(self, octets, end=False, piece=None):
        return self.connection.send_data(self.stream, octets, end, piece)

    def half_close(self):
        return self.connection.send_data(self.stream, b"", True)

    def wait(self, timeout=None):
        """Until the server ends the call one way or another."""
        self.connection.run(lambda: self.stream.done or self.connection.goaway_refuses(self.stream), timeout)
        return self

    def wait_replies(self, count, timeout=None):
        self.connection.run(lambda: self.stream.done or len(self.replies) >= count, timeout)
        return self

    def wait_headers(self, timeout=None):
        self.connection.run(lambda: self.stream.done or self.stream.blocks, timeout)
        return self

    @property
    def replies(self):
        return messages(self.stream.data)[0]

    @property
    def http_status(self):
        for block in self.stream.blocks:
            for name, value in block:
                if name == ":status" and not value.startswith("1"):
                    return int(value)
        return None

    def field(self, name):
        for block in reversed(self.stream.blocks):
            for key, value in block:
                if key == name:
                    return value
        return None

    @property
    def status(self):
        value = self.field("grpc-status") if self.stream.ended else None
        return int(value) if value is not None and value.isdigit() else None

    @property
    def trailers_only(self):
        return self.stream.ended and len(self.stream.blocks) == 1 and not self.stream.data

    def __str__(self):
        stream, parts = self.stream, []
        if self.http_status is not None and self.http_status != 200:
            parts.append(f"HTTP {self.http_status}")
        if self.status is not None:
            name = STATUS[self.status] if self.status < len(STATUS) else str(self.status)
            parts.append(name + (" (trailers only)" if self.trailers_only else ""))
        elif stream.ended:
            parts.append("ended without grpc-status")
        if stream.reset is not None and stream.reset >= 0:
            parts.append("RST_STREAM " + error_name(stream.reset))
        if self.connection.ended():
            parts.append(self.connection.ended())
        if not parts:
            parts.append(f"open, {len(self.replies)} replies" if stream.blocks else "no answer")
        return ", ".join(parts)

    def require_status(self, *accepted):
        names = " or ".join(STATUS[code] for code in accepted)
        require(self.status in accepted, f"expected {names}, got {self}")
        return f"{self}"


class Target:
    """The server under test and what is known about it."""

    def __init__(self, host, port, config):
        self.host, self.port, self.config = host, port, config
        self.timeout = config["seconds"]["answer"]
        self.connections = []

    def connect(self, **options):
        options.setdefault("timeout", self.timeout)
        connection = Connection(self.host, self.port, **options)
        self.connections.append(connection)
        if options.get("preface", True):
            require(connection.started(), "no SETTINGS from the server")
        return connection

    def disconnect(self):
        """Closes all; the breaches of protocol seen on the way."""
        violations = []
        for connection in self.connections:
            violations += connection.violations
            connection.close()
        self.connections.clear()
        return violations

    def headers(self, path, *extra, without=(), **replaced):
        fields = [(":method", "POST"), (":scheme", "http"), (":path", path),
                  (":authority", self.config["authority"] or f"{self.host}:{self.port}"),
                  ("te", "trailers"), ("content-type", "application/grpc")]
        fields = [(name, replaced.get(name.strip(":").replace("-", "_"), value)) for name, value in fields
                  if name not in without]
        return fields + list(self.config["metadata"].items()) + list(extra)

    def call(self, connection, path, *extra, end_stream=False, without=(), block=None, **replaced):
        return Call(connection, self.headers(path, *extra, without=without, **replaced), end_stream, block)

    # The configured methods.

    def method(self, kind):
        value = self.config.get(kind)
        if not value:
            raise Skipped(f"no {kind} method configured")
        return value

    def unary(self, connection, *extra, size=None, piece=None, **options):
        """The configured unary call, complete."""
        method = self.method("unary")
        request = method["request"]
        call = self.call(connection, method["method"], *extra, **options)
        call.send(inflate(request, size) if size else request, end=True, piece=piece)
        return call.wait()

    def bidi(self, connection, *extra, **options):
        return self.call(connection, self.method("bidi")["method"], *extra, **options)

    def any_path(self):
        """A path that some handler owns."""
        for kind in ("unary", "bidi"):
            if self.config.get(kind):
                return self.config[kind]["method"]
        return "/grpc.health.v1.Health/Check"

    def answers(self):
        """One small call on a fresh connection: how long the server took, or None."""
        began = time.monotonic()
        try:
            with Connection(self.host, self.port, timeout=self.timeout) as connection:
                call = self.probe(connection)
                return time.monotonic() - began if call.status is not None else None
        except (OSError, Stalled):
            return None

    def recovers(self, seconds=10):
        """Whether the server answers, now or after a while."""
        end = time.monotonic() + seconds
        while self.answers() is None:
            if time.monotonic() > end:
                return False
            time.sleep(0.5)
        return True

    def probe(self, connection):
        if self.config.get("unary"):
            return self.unary(connection)
        call = self.call(connection, "/conformance.Probe/Probe")
        call.half_close()
        return call.wait()
