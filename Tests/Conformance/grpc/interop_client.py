# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Our client against a grpcio server. Each scenario of `grpc-echo --client` judges what it got;
the checks here judge what the server saw."""

import time

import grpc

from interop_service import EchoServer

CHECKS = []


def check(name):
    def register(function):
        CHECKS.append((name, function))
        return function
    return register


def succeed(bench, port, scenario, *arguments):
    code, line = bench.client(port, scenario, *arguments)
    assert code == 0, line or f"exit status {code}"
    return line


def simple(scenario):
    def run(bench):
        with EchoServer() as theirs:
            remark = succeed(bench, theirs.port, scenario)
            assert theirs.waits_for(0), f"{theirs.open_calls} calls still open in the server"
            return remark
    check("client." + scenario)(run)


for _scenario in ("unary", "ping-pong", "streaming", "slow-reader", "metadata", "status",
                  "unimplemented", "large", "too-large-request", "too-large-reply", "concurrent"):
    simple(_scenario)


@check("client.deadline")
def deadline(bench):
    with EchoServer() as theirs:
        remark = succeed(bench, theirs.port, "deadline")
        assert theirs.waits_for(0), "the server still holds the call"
        return remark


@check("client.cancel")
def cancel(bench):
    """The client cancels fifty calls and says so; then it stays connected and calls again."""
    with EchoServer() as theirs:
        process = bench.start_client(theirs.port, "cancel")
        try:
            assert process.stdout.readline() == "cancelled\n", "the client did not cancel"
            assert theirs.waits_for(0), f"{theirs.open_calls} calls still open in the server"
            remark = process.stdout.read().strip()
            assert process.wait(5) == 0, remark
            return remark
        finally:
            process.kill()
            process.wait()


@check("client.gzip")
def gzip(bench):
    """grpcio compresses when it is told to, whatever the client accepts."""
    with EchoServer(compression=grpc.Compression.Gzip) as theirs:
        return succeed(bench, theirs.port, "gzip")


@check("client.refused")
def refused(bench):
    """Nobody listens: the connection fails, in time."""
    with EchoServer() as theirs:
        port = theirs.port
    return succeed(bench, port, "refused")


@check("client.drain")
def drain(bench):
    """The server says GOAWAY: the open call goes on to its end."""
    with EchoServer() as theirs:
        process = bench.start_client(theirs.port, "drain")
        try:
            assert process.stdout.readline() == "open\n", "the client opened no call"
            stopping = theirs.server.stop(5)
            remark = process.stdout.read().strip()
            assert process.wait(5) == 0, remark
            assert stopping.wait(5), "the server did not come to its end"
            return remark
        finally:
            process.kill()
            process.wait()


@check("client.connection-lost")
def connection_lost(bench):
    """The server vanishes under an open call: it ends with UNAVAILABLE or CANCELLED, at once."""
    with EchoServer() as theirs:
        process = bench.start_client(theirs.port, "lost")
        try:
            assert process.stdout.readline() == "open\n", "the client opened no call"
            began = time.monotonic()
            theirs.server.stop(0).wait()
            remark = process.stdout.read().strip()
            assert process.wait(5) == 0, remark
            assert time.monotonic() - began < 3, "it took too long"
            return remark
        finally:
            process.kill()
            process.wait()


# TLS.

def credentials(files, client_authority=None):
    return grpc.ssl_server_credentials(
        [(files.key_pem("server"), files.pem("server"))],
        root_certificates=files.pem(client_authority) if client_authority else None,
        require_client_auth=client_authority is not None)


@check("client.tls")
def tls(bench):
    files = bench.certificates
    with EchoServer(credentials(files)) as theirs:
        succeed(bench, theirs.port, "refused", "--tls-ca", files.path("stranger-authority"))
        return succeed(bench, theirs.port, "ping-pong", "--tls-ca", files.path("authority"))


@check("client.mtls")
def mtls(bench):
    files = bench.certificates
    with EchoServer(credentials(files, "authority")) as theirs:
        trust = ("--tls-ca", files.path("authority"))
        succeed(bench, theirs.port, "refused", *trust)
        succeed(bench, theirs.port, "refused", *trust, "--tls", files.path("stranger"),
                files.key_path("stranger"))
        return succeed(bench, theirs.port, "ping-pong", *trust, "--tls", files.path("client"),
                       files.key_path("client"))
