# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""What is not a call of a known method, and metadata."""

from registry import check
from rpc import OK, UNIMPLEMENTED, require


def _unimplemented(target, path):
    connection = target.connect()
    call = target.call(connection, path)
    call.send(b"", end=True)
    call.wait()
    require(call.http_status == 200, f"expected HTTP 200, got {call}")
    call.require_status(UNIMPLEMENTED)
    require(call.trailers_only, "the status is not in a single header block")
    content_type = call.field("content-type") or ""
    require(content_type.startswith("application/grpc"), f"content-type {content_type!r}")
    return str(call)


@check("grpc.unknown-service")
def unknown_service(target):
    """UNIMPLEMENTED in a trailers-only response."""
    return _unimplemented(target, "/conformance.NoSuchService/Method")


@check("grpc.unknown-method")
def unknown_method(target):
    """UNIMPLEMENTED for a method that a known service does not have."""
    return _unimplemented(target, target.any_path().rsplit("/", 1)[0] + "/NoSuchMethod")


@check("grpc.malformed-path")
def malformed_path(target):
    """Paths that are not /service/method are refused; the connection lives."""
    connection = target.connect()
    seen = []
    for path in ("/", "/onlyservice", "//", "*", "/a/b/c", "/" + "x" * 3000, "/%00/\u00ff"):
        call = target.call(connection, path, end_stream=True).wait()
        require(call.stream.done or connection.ended(), f"{path[:20]!r}: {call}")
        require(call.status != OK, f"{path[:20]!r} was accepted")
        seen.append(str(call))
        if connection.ended():
            connection = target.connect()
    return ", ".join(sorted(set(seen)))


@check("grpc.content-type")
def content_type(target):
    """A request that is not gRPC gets HTTP 415."""
    connection = target.connect()
    seen = []
    for value in ("application/json", "text/plain", "application/grpcx"):
        call = target.unary(connection, content_type=value)
        require(call.http_status == 415, f"{value}: expected HTTP 415, got {call}")
        seen.append(value)
    return ", ".join(seen)


@check("grpc.content-type-missing")
def content_type_missing(target):
    """A request without content-type gets HTTP 415."""
    call = target.unary(target.connect(), without=("content-type",))
    require(call.http_status == 415, f"expected HTTP 415, got {call}")
    return ""


@check("grpc.content-type-suffix")
def content_type_suffix(target):
    """application/grpc+proto and parameters are gRPC; the answer names application/grpc."""
    connection = target.connect()
    for value in ("application/grpc+proto", "application/grpc;charset=utf-8"):
        call = target.unary(connection, content_type=value)
        require(call.status == OK, f"{value}: {call}")
        require((call.field("content-type") or "").startswith("application/grpc"), call.field("content-type"))
    return ""


@check("grpc.te-missing")
def te_missing(target):
    """Without `te: trailers` the server answers or refuses, and does not hang."""
    call = target.unary(target.connect(), without=("te",)).wait()
    require(call.stream.done, f"{call}")
    return str(call)


@check("grpc.not-post")
def not_post(target):
    """GET and PUT are refused."""
    connection = target.connect()
    seen = []
    for verb in ("GET", "PUT"):
        call = target.unary(connection, method=verb)
        require(call.stream.done, f"{verb}: {call}")
        require(call.status != OK, f"{verb} was accepted")
        seen.append(f"{verb}: {call}")
        if connection.ended():
            connection = target.connect()
    return "; ".join(seen)


@check("grpc.large-metadata")
def large_metadata(target):
    """4 KiB of metadata in many fields is accepted."""
    fields = [(f"x-metadata-{index}", "v" * 100) for index in range(30)]
    return target.unary(target.connect(), *fields).require_status(OK)


@check("grpc.binary-metadata")
def binary_metadata(target):
    """Binary metadata with and without base64 padding, and several values in one field, is accepted."""
    for value in ("AAEC/w", "AAEC/w==", "", "AAEC/w,BAUG"):
        call = target.unary(target.connect(), ("x-trace-bin", value))
        require(call.status == OK, f"{value!r}: {call}")
    return ""
