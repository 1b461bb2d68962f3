# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The methods both ends of the interoperation know, and a grpcio server of them.

Requests and replies are plain octets. `conformance.Echo` has

    Unary      says the request back; metadata that begins with x-echo- returns in the trailers
    Converse   says each request back
    Count      'COUNT SIZE' in ASCII: so many messages of that size, each begun by its number
    Wait       says nothing and stays
    Fail       one octet of status code, then the status message in UTF-8
    Open       how many other calls are open, in ASCII
"""

import struct
import threading
from concurrent import futures

import grpc

SERVICE = "conformance.Echo"
LIMIT = 4 << 20


def path(method):
    return f"/{SERVICE}/{method}"


def numbered(number, size):
    return struct.pack(">I", number) + b"n" * (size - 4)


class EchoServer:
    """grpcio serving the methods; `open_calls` falls when a call ends in whatever way."""

    def __init__(self, credentials=None, compression=None):
        self.open_calls = 0
        self.changed = threading.Condition()
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        methods = grpc.method_handlers_generic_handler(SERVICE, {
            "Unary": unary(self._unary), "Converse": stream(self._converse),
            "Count": grpc.unary_stream_rpc_method_handler(self._count),
            "Wait": unary(self._wait), "Fail": unary(self._fail), "Open": unary(self._open),
        })
        self.server = grpc.server(futures.ThreadPoolExecutor(max_workers=256), handlers=(methods,),
                                  compression=compression, options=[("grpc.so_reuseport", 0)])
        address = "127.0.0.1:0"
        self.port = (self.server.add_secure_port(address, credentials) if credentials
                     else self.server.add_insecure_port(address))
        self.server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(0).wait()

    def _opened(self, context):
        def ended():
            with self.changed:
                self.open_calls -= 1
                self.changed.notify_all()

        with self.changed:
            self.open_calls += 1
            self.changed.notify_all()
        if not context.add_callback(ended):
            ended()

    def waits_for(self, count, seconds=3):
        """Whether the number of open calls comes to `count` in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.open_calls == count, seconds)

    def _unary(self, request, context):
        echoed = [(key, value) for key, value in context.invocation_metadata()
                  if key.startswith("x-echo-")]
        context.send_initial_metadata(echoed)
        context.set_trailing_metadata(echoed)
        return request

    def _converse(self, requests, context):
        self._opened(context)
        yield from requests

    def _count(self, request, context):
        self._opened(context)
        count, size = map(int, request.split())
        for number in range(count):
            yield numbered(number, size)

    def _wait(self, _request, context):
        self._opened(context)
        over = threading.Event()
        if context.add_callback(over.set):
            over.wait(30)

    def _open(self, _request, _context):
        return str(self.open_calls).encode()

    def _fail(self, request, context):
        code = next(code for code in grpc.StatusCode if code.value[0] == request[0])
        context.set_trailing_metadata((("x-reason-bin", b"\x00\xff"),))
        context.abort(code, request[1:].decode())
