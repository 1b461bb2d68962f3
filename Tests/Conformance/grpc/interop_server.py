# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The grpcio client against our server."""

import asyncio
import queue
import signal
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from interop_service import LIMIT, numbered, path

CHECKS = []
CODE = grpc.StatusCode
OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 16 << 20),
           ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]


def check(name):
    def register(function):
        CHECKS.append((name, function))
        return function
    return register


def channel(bench):
    return grpc.insecure_channel(f"127.0.0.1:{bench.plain.port}", options=OPTIONS)


def code_of(call):
    """The status code a call fails with."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code()
    return CODE.OK


def expect(found, wanted, what=""):
    assert found == wanted, f"{what + ': ' if what else ''}expected {wanted}, got {found}"


def open_calls(ours):
    return int(ours.unary_unary(path("Open"))(b"", timeout=5))


def all_freed(ours, seconds=2):
    end = time.monotonic() + seconds
    while (count := open_calls(ours)) and time.monotonic() < end:
        time.sleep(0.02)
    expect(count, 0, "calls still open in the server")


class Requests:
    """What a conversation sends, put in while it runs."""

    def __init__(self):
        self.queue = queue.Queue()

    def __iter__(self):
        return iter(self.queue.get, None)

    def say(self, octets):
        self.queue.put(octets)

    def end(self):
        self.queue.put(None)


@check("server.unary")
def unary(bench):
    with channel(bench) as ours:
        for size in (0, 1, 100, 65_536):
            expect(ours.unary_unary(path("Unary"))(b"u" * size, timeout=5), b"u" * size)


@check("server.ping-pong")
def ping_pong(bench):
    with channel(bench) as ours:
        requests = Requests()
        replies = ours.stream_stream(path("Converse"))(iter(requests), timeout=15)
        began = time.monotonic()
        for number in range(300):
            requests.say(numbered(number, 190))
            expect(next(replies), numbered(number, 190))
        took = time.monotonic() - began
        requests.end()
        expect(list(replies), [])
        expect(replies.code(), CODE.OK)
        return f"300 rounds, {took / 300 * 1e6:.0f} us each, grpcio included"


@check("server.streaming")
def streaming(bench):
    with channel(bench) as ours:
        replies = ours.unary_stream(path("Count"))(b"2000 1000", timeout=15)
        for number, reply in enumerate(replies):
            expect(reply, numbered(number, 1000))
        expect(number + 1, 2000)
        expect(replies.code(), CODE.OK)


@check("server.slow-reader")
def slow_reader(bench):
    """Eight megabytes to a client that reads on after a while; meanwhile a neighbour is served."""
    with channel(bench) as ours:
        replies = ours.unary_stream(path("Count"))(b"80 100000", timeout=15)
        expect(next(replies), numbered(0, 100_000))
        time.sleep(0.3)
        expect(ours.unary_unary(path("Unary"))(b"neighbour", timeout=2), b"neighbour")
        expect(sum(1 for _ in replies), 79)
        expect(replies.code(), CODE.OK)


@check("server.metadata")
def metadata(bench):
    sent = [("x-echo-text", "plain text"), ("x-echo-twice", "one"), ("x-echo-twice", "two"),
            ("x-echo-octets-bin", bytes(range(256))), ("x-echo-empty-bin", b""),
            ("x-echo-long", "l" * 2000)]
    with channel(bench) as ours:
        _, call = ours.unary_unary(path("Unary")).with_call(b"m", timeout=5, metadata=sent)
        found = [tuple(pair) for pair in call.trailing_metadata() if pair[0].startswith("x-echo-")]
        expect(sorted(found, key=repr), sorted(sent, key=repr))


@check("server.status")
def status(bench):
    text = "100 % schiefgelaufen: äöü €\t\u65e5"
    with channel(bench) as ours:
        for code in CODE:
            if code is CODE.OK:
                continue
            try:
                ours.unary_unary(path("Fail"))(bytes([code.value[0]]) + text.encode(), timeout=5)
            except grpc.RpcError as error:
                expect(error.code(), code)
                expect(error.details(), text)
                expect(dict(error.trailing_metadata()).get("x-reason-bin"), b"\x00\xff")
            else:
                raise AssertionError(f"{code} did not fail")
    return "16 codes"


@check("server.unimplemented")
def unimplemented(bench):
    with channel(bench) as ours:
        for name in (path("NoSuchMethod"), "/no.such.Service/Method"):
            expect(code_of(lambda: ours.unary_unary(name)(b"", timeout=5)), CODE.UNIMPLEMENTED)


@check("server.deadline")
def deadline(bench):
    with channel(bench) as ours:
        began = time.monotonic()
        expect(code_of(lambda: ours.unary_unary(path("Wait"))(b"w", timeout=0.3)),
               CODE.DEADLINE_EXCEEDED)
        took = time.monotonic() - began
        assert 0.25 < took < 1, f"after {took:.3f} s"
        all_freed(ours)
        return f"after {took * 1000:.0f} ms, stream freed"


@check("server.deadline-in-conversation")
def deadline_in_conversation(bench):
    with channel(bench) as ours:
        requests = Requests()
        replies = ours.stream_stream(path("Converse"))(iter(requests), timeout=0.4)
        requests.say(b"first")
        expect(next(replies), b"first")
        expect(code_of(lambda: next(replies)), CODE.DEADLINE_EXCEEDED)
        requests.end()
        all_freed(ours)


@check("server.cancel")
def cancel(bench):
    with channel(bench) as ours:
        calls, endless = [], []
        for _ in range(50):
            requests = Requests()
            requests.say(b"hello")
            calls.append(ours.stream_stream(path("Converse"))(iter(requests)))
            endless.append(requests)
        for call in calls:
            expect(next(call), b"hello")
        expect(open_calls(ours), 50)
        for call in calls:
            call.cancel()
        all_freed(ours)
        for requests in endless:
            requests.end()
        return "50 calls, all freed"


@check("server.large")
def large(bench):
    octets = bytes(range(256)) * (3_000_000 // 256)
    with channel(bench) as ours:
        expect(ours.unary_unary(path("Unary"))(octets, timeout=10) == octets, True)
        replies = ours.stream_stream(path("Converse"))(iter([octets, b"small", octets]), timeout=15)
        expect([len(reply) for reply in replies], [len(octets), 5, len(octets)])
    return f"{len(octets)} octets each way"


@check("server.too-large")
def too_large(bench):
    with channel(bench) as ours:
        for size in (LIMIT + 1, 12 << 20):
            expect(code_of(lambda: ours.unary_unary(path("Unary"))(b"x" * size, timeout=10)),
                   CODE.RESOURCE_EXHAUSTED, f"{size} octets")
        expect(len(ours.unary_unary(path("Unary"))(b"x" * LIMIT, timeout=10)), LIMIT)


@check("server.gzip")
def gzip(bench):
    with channel(bench) as ours:
        octets = b"compress me " * 2000
        try:
            reply = ours.unary_unary(path("Unary"))(octets, timeout=5,
                                                    compression=grpc.Compression.Gzip)
        except grpc.RpcError as error:
            expect(error.code(), CODE.UNIMPLEMENTED)
            # The next call must work: the client has learned what is accepted.
            expect(ours.unary_unary(path("Unary"))(octets, timeout=5), octets)
            return "refused with UNIMPLEMENTED"
        expect(reply, octets)
        return "understood"


@check("server.concurrent")
def concurrent(bench):
    async def converse(ours, number):
        call = ours.stream_stream(path("Converse"))(timeout=15)
        for turn in range(5):
            await call.write(numbered(number * 5 + turn, 200))
            expect(await call.read(), numbered(number * 5 + turn, 200))
        await call.done_writing()
        expect(await call.read(), grpc.aio.EOF)
        expect(await call.code(), CODE.OK)

    async def all_of_them():
        address = f"127.0.0.1:{bench.plain.port}"
        async with grpc.aio.insecure_channel(address, options=OPTIONS) as ours:
            await asyncio.gather(*(converse(ours, number) for number in range(200)))

    asyncio.run(all_of_them())
    return "200 conversations on one channel"


@check("server.health")
def health(bench):
    with channel(bench) as ours:
        stub = health_pb2_grpc.HealthStub(ours)
        serving = health_pb2.HealthCheckResponse.SERVING
        for service in ("", "conformance.Echo"):
            request = health_pb2.HealthCheckRequest(service=service)
            expect(stub.Check(request, timeout=5).status, serving)
            watch = stub.Watch(request, timeout=5)
            expect(next(watch).status, serving)
            watch.cancel()
        expect(code_of(lambda: stub.Check(health_pb2.HealthCheckRequest(service="x"), timeout=5)),
               CODE.NOT_FOUND)


# TLS.

def secure(endpoint, **credentials):
    return grpc.secure_channel(f"localhost:{endpoint.port}",
                               grpc.ssl_channel_credentials(**credentials), options=OPTIONS)


def served(ours):
    replies = ours.stream_stream(path("Converse"))(iter([b"over", b"t" * 200_000]), timeout=5)
    expect([len(reply) for reply in replies], [4, 200_000])


@check("server.tls")
def tls(bench):
    files = bench.certificates
    with bench.endpoint("--tls", files.path("server"), files.key_path("server")) as endpoint:
        with secure(endpoint, root_certificates=files.pem("authority")) as ours:
            served(ours)
        with secure(endpoint, root_certificates=files.pem("stranger-authority")) as wary:
            expect(code_of(lambda: wary.unary_unary(path("Unary"))(b"", timeout=3)),
                   CODE.UNAVAILABLE, "a client that trusts another authority")
        with grpc.insecure_channel(f"localhost:{endpoint.port}", options=OPTIONS) as plain:
            expect(code_of(lambda: plain.unary_unary(path("Unary"))(b"", timeout=3)),
                   CODE.UNAVAILABLE, "cleartext")


@check("server.mtls")
def mtls(bench):
    files = bench.certificates
    with bench.endpoint("--tls", files.path("server"), files.key_path("server"),
                        "--client-ca", files.path("authority")) as endpoint:
        trust = {"root_certificates": files.pem("authority")}
        with secure(endpoint, private_key=files.key_pem("client"),
                    certificate_chain=files.pem("client"), **trust) as ours:
            served(ours)
        for name, credentials in (("no certificate", {}),
                                  ("a stranger's", {"private_key": files.key_pem("stranger"),
                                                    "certificate_chain": files.pem("stranger")})):
            with secure(endpoint, **trust, **credentials) as refused:
                expect(code_of(lambda: refused.unary_unary(path("Unary"))(b"", timeout=3)),
                       CODE.UNAVAILABLE, name)


@check("server.drain")
def drain(bench):
    """SIGTERM: the open call goes on to its end, a new one is not taken, then the process ends."""
    with bench.endpoint() as endpoint:
        with grpc.insecure_channel(f"127.0.0.1:{endpoint.port}", options=OPTIONS) as ours:
            requests = Requests()
            replies = ours.stream_stream(path("Converse"))(iter(requests), timeout=10)
            requests.say(b"before")
            expect(next(replies), b"before")
            endpoint.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            expect(code_of(lambda: ours.unary_unary(path("Unary"))(b"", timeout=2)),
                   CODE.UNAVAILABLE, "a new call")
            requests.say(b"after")
            expect(next(replies), b"after")
            requests.end()
            expect(list(replies), [])
            expect(replies.code(), CODE.OK)
        endpoint.process.wait(5)
        expect(endpoint.process.returncode, 0, "exit status")
