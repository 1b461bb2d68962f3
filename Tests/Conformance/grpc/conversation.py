# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The configured conversation, as it goes when nothing is odd about it."""

from rpc import STATUS, message, require


class Conversation:
    """What a bidirectional call came to: the yardstick for the same octets framed differently."""

    def __init__(self, call):
        self.status, self.replies = call.status, call.replies

    def require_same(self, call, target):
        require(call.status == self.status, f"expected {STATUS[self.status]}, got {call}")
        if target.config["bidi"]["deterministic"]:
            require(call.replies == self.replies, f"{len(call.replies)} replies differ from the {len(self.replies)} expected")
        else:
            require(bool(call.replies) == bool(self.replies), f"{len(call.replies)} replies, usually {len(self.replies)}")
        return f"{len(call.replies)} replies"


def plain(target):
    call = target.bidi(target.connect())
    for request in target.method("bidi")["requests"]:
        call.send(request)
    call.half_close()
    call.wait()
    require(call.status is not None, f"the plain conversation failed: {call}")
    return Conversation(call)


def octets_of(target):
    return b"".join(message(request) for request in target.method("bidi")["requests"])
