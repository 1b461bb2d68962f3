# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 client connection that says exactly what it is told to, right or wrong.

Cleartext with prior knowledge. Nothing here enforces the protocol on what is sent; what arrives is
checked, and every breach by the server is kept in `violations`.
"""

import select
import socket
import struct
import time
from collections import deque

import hpack

from frames import *  # noqa: F403 (one vocabulary: the checks take it from here)

# In place of the code of a RST_STREAM received. Frames that cross ours on the wire are no breach.
CANCELLED_BY_US = -1

DEFAULT_WINDOW = 65_535
OUR_MAX_FRAME_SIZE = 16_384


class Stream:
    def __init__(self, identifier, send_window, receive_window):
        self.identifier = identifier
        self.send_window = send_window
        self.receive_window = receive_window
        self.blocks = []          # header lists in order of arrival
        self.data = bytearray()
        self.data_frames = []     # their lengths
        self.ended = False
        self.reset = None
        self.first_seen = None    # when the first frame for this stream arrived

    @property
    def done(self):
        return self.ended or self.reset is not None


class Stalled(Exception):
    """The server took no more octets within the time allowed."""


class Connection:
    def __init__(self, host, port, settings=None, preface=True, replenish=True, acknowledge=True, timeout=5.0,
                 receive_buffer=None):
        self.timeout = timeout
        self.replenish = replenish        # return credit for DATA at once
        self.acknowledge = acknowledge    # answer SETTINGS and PING
        self.streams = {}
        self.next_stream = 1
        self.peer = {HEADER_TABLE_SIZE: 4096, INITIAL_WINDOW_SIZE: DEFAULT_WINDOW, MAX_FRAME_SIZE: 16_384}
        self.peer_settings_seen = False
        self.settings_acknowledged = 0
        self.pongs = deque(maxlen=64)
        self.pong_count = 0
        self.goaway = None                # (last stream, code, debug data)
        self.closed = None                # how the connection ended
        self.violations = []
        self.send_window = DEFAULT_WINDOW
        self.receive_window = DEFAULT_WINDOW
        self.initial_receive_window = DEFAULT_WINDOW
        self.octets_sent = 0
        self.octets_received = 0
        self._in = bytearray()
        self._out = bytearray()
        self._fragments = None            # (stream, flags, bytearray) of an open header block
        self.careless = False             # answers need not belong to streams opened by `new_stream`
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder(max_header_list_size=1 << 24)

        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.settings = dict(settings or {})
        self.settings.setdefault(ENABLE_PUSH, 0)
        self._apply_own(self.settings)
        if preface:
            self.send(PREFACE + frame(SETTINGS, payload=settings_payload(self.settings)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()
        self.closed = self.closed or "closed by us"

    def _apply_own(self, values):
        if INITIAL_WINDOW_SIZE in values:
            self.initial_receive_window = values[INITIAL_WINDOW_SIZE]
        if HEADER_TABLE_SIZE in values:
            self.decoder.max_allowed_table_size = values[HEADER_TABLE_SIZE]

    # Input and output.

    def run(self, until=None, timeout=None, read=True):
        """Moves octets both ways until `until()` holds, the time is over or the connection ends."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            if until is not None and until():
                return True
            if self.closed:
                return False
            left = end - time.monotonic()
            if left <= 0:
                return False
            try:
                readable, writable, _ = select.select([self.socket] if read else [], [self.socket] if self._out else [],
                                                      [], left)
                if writable:
                    count = self.socket.send(memoryview(self._out)[:262_144])
                    del self._out[:count]
                    self.octets_sent += count
                if readable:
                    octets = self.socket.recv(262_144)
                    if not octets:
                        self.closed = "connection closed"
                    self.octets_received += len(octets)
                    self._feed(octets)
            except BlockingIOError:
                continue
            except (ConnectionError, OSError) as error:
                self.closed = "connection reset" if isinstance(error, ConnectionError) else str(error)

    def send(self, octets, read=True, timeout=None):
        """Sends, reading meanwhile so that neither side waits for the other."""
        if self.closed:
            return
        self._out += octets
        if not self.run(lambda: not self._out, timeout, read) and not self.closed:
            raise Stalled(f"the server stopped reading with {len(self._out)} octets left")

    def flood(self, octets, seconds, read=True):
        """Sends until all is gone, the server ends the connection or the time is over; the octets it took."""
        before = self.octets_sent
        self._out += octets
        self.run(lambda: not self._out or self.goaway is not None, seconds, read)
        self._out.clear()
        return self.octets_sent - before

    # Frames that arrive.

    def _feed(self, octets):
        self._in += octets
        position = 0
        while len(self._in) - position >= 9:
            length = int.from_bytes(self._in[position:position + 3], "big")
            if len(self._in) - position < 9 + length:
                break
            kind, flags, stream = struct.unpack_from(">BBI", self._in, position + 3)
            payload = bytes(self._in[position + 9:position + 9 + length])
            position += 9 + length
            self._receive(kind, flags, stream & 0x7FFFFFFF, payload)
        del self._in[:position]

    def _breach(self, text):
        if len(self.violations) < 8:
            self.violations.append(text)

    def _receive(self, kind, flags, stream, payload):
        if len(payload) > OUR_MAX_FRAME_SIZE:
            self._breach(f"frame of {len(payload)} octets exceeds our SETTINGS_MAX_FRAME_SIZE")
        if self._fragments and (kind != CONTINUATION or stream != self._fragments[0].identifier):
            self._breach("frame inside a header block")
        if not self.peer_settings_seen and kind != SETTINGS:
            self._breach("the first frame is not SETTINGS")
            self.peer_settings_seen = True
        handler = {DATA: self._data, HEADERS: self._headers, CONTINUATION: self._continuation, SETTINGS: self._settings,
                   PING: self._ping, GOAWAY: self._goaway, WINDOW_UPDATE: self._window_update,
                   RST_STREAM: self._rst_stream}.get(kind)
        if handler:
            handler(flags, stream, payload)
        elif kind == PUSH_PROMISE:
            self._breach("PUSH_PROMISE although push is off")

    def _stream(self, identifier, frame_name):
        stream = self.streams.get(identifier)
        if self.careless and stream is None:
            return Stream(identifier, 0, 1 << 31)
        if stream is None:
            self._breach(f"{frame_name} on stream {identifier}, which was never opened")
            stream = self.streams[identifier] = Stream(identifier, 0, 0)
        elif stream.done and stream.reset != CANCELLED_BY_US:
            self._breach(f"{frame_name} on stream {identifier} after its end")
        if stream.first_seen is None:
            stream.first_seen = time.monotonic()
        return stream

    def _data(self, flags, identifier, payload):
        stream = self._stream(identifier, "DATA")
        if not stream.blocks and not self.careless:
            self._breach("DATA before HEADERS")
        size = len(payload)
        self.receive_window -= size
        stream.receive_window -= size
        if size and self.receive_window < 0:
            self._breach("DATA beyond the connection window")
        if size and stream.receive_window < 0:
            self._breach("DATA beyond the stream window")
        if flags & PADDED:
            payload = payload[1:len(payload) - payload[0]]
        stream.data += payload
        stream.data_frames.append(len(payload))
        stream.ended |= bool(flags & END_STREAM)
        if self.replenish and size:
            self.grant(0, size)
            if not stream.ended and identifier in self.streams:
                self.grant(identifier, size)

    def _headers(self, flags, identifier, payload):
        if flags & PADDED:
            payload = payload[1:len(payload) - payload[0]]
        if flags & PRIORITY_FLAG:
            payload = payload[5:]
        self._fragments = (self._stream(identifier, "HEADERS"), flags, bytearray(payload))
        if flags & END_HEADERS:
            self._end_headers()

    def _continuation(self, flags, identifier, payload):
        if not self._fragments:
            self._breach("CONTINUATION without HEADERS")
            return
        self._fragments[2].extend(payload)
        if flags & END_HEADERS:
            self._end_headers()

    def _end_headers(self):
        stream, flags, block = self._fragments
        self._fragments = None
        try:
            fields = [(name.lower(), value) for name, value in self.decoder.decode(bytes(block))]
        except (hpack.HPACKError, UnicodeDecodeError) as error:
            self._breach(f"undecodable header block: {type(error).__name__}: {error}")
            fields = []
        stream.blocks.append(fields)
        stream.ended |= bool(flags & END_STREAM)

    def _settings(self, flags, _stream, payload):
        if flags & ACK:
            self.settings_acknowledged += 1
            return
        self.peer_settings_seen = True
        for name, value in struct.iter_unpack(">HI", payload[:len(payload) // 6 * 6]):
            if name == INITIAL_WINDOW_SIZE:
                change = value - self.peer[INITIAL_WINDOW_SIZE]
                for stream in self.streams.values():
                    stream.send_window += change
            self.peer[name] = value
            if name == HEADER_TABLE_SIZE:
                self.encoder.header_table_size = min(value, 4096)
        if self.acknowledge:
            self._out += frame(SETTINGS, ACK)

    def _ping(self, flags, _stream, payload):
        if flags & ACK:
            self.pongs.append(payload)
            self.pong_count += 1
        elif self.acknowledge:
            self._out += frame(PING, ACK, 0, payload)

    def _goaway(self, _flags, _stream, payload):
        last, code = struct.unpack_from(">II", payload)
        self.goaway = (last & 0x7FFFFFFF, code, payload[8:])

    def _window_update(self, _flags, identifier, payload):
        amount = int.from_bytes(payload, "big") & 0x7FFFFFFF
        if amount == 0:
            self._breach("WINDOW_UPDATE of zero")
        if identifier == 0:
            self.send_window += amount
        elif identifier in self.streams:
            self.streams[identifier].send_window += amount

    def _rst_stream(self, _flags, identifier, payload):
        stream = self.streams.get(identifier)
        if stream is None and self.careless:
            return
        if stream is None:
            self._breach(f"RST_STREAM on stream {identifier}, which was never opened")
        elif stream.reset is None:
            stream.reset = int.from_bytes(payload, "big")
            if stream.first_seen is None:
                stream.first_seen = time.monotonic()

    # Frames to send.

    def grant(self, identifier, amount):
        """Queues a WINDOW_UPDATE; it leaves with the next octets that move."""
        if identifier == 0:
            self.receive_window += amount
        else:
            self.streams[identifier].receive_window += amount
        self._out += frame(WINDOW_UPDATE, 0, identifier, struct.pack(">I", amount))

    def change_settings(self, values):
        if INITIAL_WINDOW_SIZE in values:
            change = values[INITIAL_WINDOW_SIZE] - self.initial_receive_window
            for stream in self.streams.values():
                stream.receive_window += change
        self._apply_own(values)
        self.send(frame(SETTINGS, payload=settings_payload(values)))

    def new_stream(self):
        identifier = self.next_stream
        self.next_stream += 2
        stream = Stream(identifier, self.peer[INITIAL_WINDOW_SIZE], self.initial_receive_window)
        self.streams[identifier] = stream
        return stream

    def open(self, headers, end_stream=False, block=None):
        stream = self.new_stream()
        if block is None:
            block = self.encoder.encode(headers)
        flags = END_STREAM if end_stream else 0
        size = self.peer[MAX_FRAME_SIZE]
        pieces = [block[i:i + size] for i in range(0, len(block), size)] or [b""]
        octets = b""
        for index, piece in enumerate(pieces):
            last = END_HEADERS if index == len(pieces) - 1 else 0
            octets += frame(HEADERS if index == 0 else CONTINUATION, (flags if index == 0 else 0) | last,
                            stream.identifier, piece)
        self.send(octets)
        return stream

    def send_data(self, stream, payload, end_stream=False, piece=None, timeout=None):
        """Sends within the server's windows; False when it stops granting credit or ends the stream."""
        position = 0
        while True:
            left = len(payload) - position
            limit = min(piece or self.peer[MAX_FRAME_SIZE], self.peer[MAX_FRAME_SIZE])
            if left and not self.run(lambda: stream.done or self.goaway_refuses(stream)
                                     or min(self.send_window, stream.send_window) > 0, timeout):
                return False
            if stream.done or self.goaway_refuses(stream) or self.closed:
                return False
            size = min(left, limit, self.send_window, stream.send_window) if left else 0
            last = position + size == len(payload)
            self.send_window -= size
            stream.send_window -= size
            self.send(frame(DATA, END_STREAM if last and end_stream else 0, stream.identifier,
                            bytes(payload[position:position + size])))
            position += size
            if last:
                return True

    def goaway_refuses(self, stream):
        return self.goaway is not None and (self.goaway[0] < stream.identifier or self.goaway[1] != NO_ERROR)

    def rst(self, stream, code=CANCEL):
        stream.reset = stream.reset if stream.reset is not None else CANCELLED_BY_US
        self.send(frame(RST_STREAM, 0, stream.identifier, struct.pack(">I", code)))

    # Questions.

    def started(self, timeout=None):
        return self.run(lambda: self.peer_settings_seen, timeout)

    def ended(self):
        """How the server ended the connection, or None. GOAWAY without error is a drain, not an end."""
        if self.goaway is not None and self.goaway[1] != NO_ERROR:
            return "GOAWAY " + error_name(self.goaway[1])
        return self.closed

    def refusal(self, stream=None):
        """How the server rejected what it was sent, or None."""
        if stream is not None and stream.reset is not None and stream.reset >= 0:
            return "RST_STREAM " + error_name(stream.reset)
        return self.ended()

    def ping(self, timeout=None):
        """Round trip that proves the server has handled everything before it."""
        payload = struct.pack(">Q", time.monotonic_ns() & (2**63 - 1))
        self.send(frame(PING, 0, 0, payload))
        return self.run(lambda: payload in self.pongs, timeout)
