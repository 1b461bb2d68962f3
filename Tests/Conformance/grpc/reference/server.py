# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A grpcio echo server, to try the checks on: server.py PORT."""

import gc
import signal
import sys
import threading
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


def same(octets):
    return octets


def unary(request, _context):
    return request


def bidi(requests, _context):
    yield from requests


def main():
    methods = grpc.method_handlers_generic_handler("conformance.Echo", {
        "Unary": grpc.unary_unary_rpc_method_handler(unary, same, same),
        "Bidi": grpc.stream_stream_rpc_method_handler(bidi, same, same),
    })
    # A bidirectional call holds a thread while it is open.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=400), handlers=(methods,),
                         options=[("grpc.max_concurrent_streams", 100)])
    servicer = health.HealthServicer()
    servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    # A cancelled call counts against the limit until the collector has found it.
    while not over.wait(0.05):
        gc.collect()
    server.stop(10).wait()


if __name__ == "__main__":
    main()
