# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A stock client (grpcio) and the standard health service."""

import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from registry import check
from rpc import Failed, Skipped, inflate, require


def _channel(target):
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
    if target.config["authority"]:
        options.append(("grpc.default_authority", target.config["authority"]))
    return grpc.insecure_channel(f"{target.host}:{target.port}", options=options)


def _metadata(target):
    return list(target.config["metadata"].items()) or None


def _code(error):
    return error.code().name if isinstance(error, grpc.Call) else str(error)


@check("client.unary")
def unary(target):
    """The configured unary call through grpcio."""
    method = target.method("unary")
    with _channel(target) as channel:
        try:
            reply = channel.unary_unary(method["method"])(method["request"], timeout=target.timeout,
                                                          metadata=_metadata(target))
        except grpc.RpcError as error:
            raise Failed(f"{_code(error)}: {error.details()}")
    return f"{len(reply)} octets"


@check("client.bidi")
def bidi(target):
    """The configured conversation through grpcio."""
    method = target.method("bidi")
    with _channel(target) as channel:
        try:
            replies = list(channel.stream_stream(method["method"])(iter(method["requests"]), timeout=target.timeout,
                                                                   metadata=_metadata(target)))
        except grpc.RpcError as error:
            raise Failed(f"{_code(error)}: {error.details()}")
    return f"{len(replies)} replies"


@check("client.cancel")
def cancel(target):
    """A conversation cancelled by the client, then another on the same channel."""
    method = target.method("bidi")
    with _channel(target) as channel:
        def endless():
            yield method["requests"][0]
            time.sleep(1)

        call = channel.stream_stream(method["method"])(endless(), metadata=_metadata(target))
        time.sleep(0.2)
        call.cancel()
        try:
            list(channel.stream_stream(method["method"])(iter(method["requests"]), timeout=target.timeout,
                                                         metadata=_metadata(target)))
        except grpc.RpcError as error:
            raise Failed(f"{_code(error)}: {error.details()}")
    return ""


@check("client.gzip")
def gzip(target):
    """Requests compressed with gzip: understood, or refused with UNIMPLEMENTED."""
    method = target.method("unary")
    with _channel(target) as channel:
        try:
            channel.unary_unary(method["method"])(inflate(method["request"], 4000), timeout=target.timeout,
                                                  metadata=_metadata(target), compression=grpc.Compression.Gzip)
        except grpc.RpcError as error:
            require(error.code() == grpc.StatusCode.UNIMPLEMENTED, f"{_code(error)}: {error.details()}")
            return "refused with UNIMPLEMENTED"
    return "understood"


def _health(target):
    channel = _channel(target)
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        stub.Check(health_pb2.HealthCheckRequest(), timeout=target.timeout)
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.UNIMPLEMENTED and not target.config["health"]["required"]:
            channel.close()
            raise Skipped("the server has no health service")
        if error.code() != grpc.StatusCode.NOT_FOUND:
            channel.close()
            raise Failed(f"Check of the whole server: {_code(error)}")
    return channel, stub


@check("health.check")
def health_check(target):
    """Check: SERVING for the server and each configured service, NOT_FOUND for an unknown one."""
    channel, stub = _health(target)
    with channel:
        for service in target.config["health"]["services"]:
            try:
                reply = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=target.timeout)
            except grpc.RpcError as error:
                raise Failed(f"{service!r}: {_code(error)}")
            require(reply.status == health_pb2.HealthCheckResponse.SERVING, f"{service!r}: status {reply.status}")
        try:
            stub.Check(health_pb2.HealthCheckRequest(service="conformance.NoSuchService"), timeout=target.timeout)
            raise Failed("an unknown service was reported as known")
        except grpc.RpcError as error:
            require(error.code() == grpc.StatusCode.NOT_FOUND, f"unknown service: {_code(error)}")
    return ", ".join(repr(service) for service in target.config["health"]["services"])


@check("health.watch")
def health_watch(target):
    """Watch: the present state at once, SERVICE_UNKNOWN for an unknown service, and the call stays open."""
    channel, stub = _health(target)
    with channel:
        for service, wanted in ((target.config["health"]["services"][0], "SERVING"),
                                ("conformance.NoSuchService", "SERVICE_UNKNOWN")):
            call = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=target.timeout)
            try:
                status = health_pb2.HealthCheckResponse.ServingStatus.Name(next(call).status)
            except StopIteration:
                raise Failed(f"{service!r}: ended without a message")
            except grpc.RpcError as error:
                raise Failed(f"{service!r}: {_code(error)}")
            require(status == wanted, f"{service!r}: expected {wanted}, got {status}")
            time.sleep(0.3)
            require(call.is_active(), f"{service!r}: the call ended")
            call.cancel()
    return ""
