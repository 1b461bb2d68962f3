# Sidetone
# SPDX-License-Identifier: Apache-2.0

"""Python 2 byte-string behaviour for the ported case definitions.

The published cases were written when a string literal was a byte string. The port keeps their
payloads as `str` whose characters are the octets (Latin-1), so slicing, indexing, joining and
comparing behave exactly as they were written. Octets become `bytes` only at the socket.
"""

import os
from types import SimpleNamespace

from autobahn.websocket.utf8validator import Utf8Validator as _Utf8Validator


def to_bytes(payload):
    """The octets of a payload; `bytes` pass through."""
    return payload.encode("latin-1") if isinstance(payload, str) else payload


def to_text(octets):
    """Octets as the text form the cases compare against."""
    return octets.decode("latin-1")


class Utf8Validator(_Utf8Validator):
    def validate(self, payload):
        return super().validate(to_bytes(payload))


def _hex(payload):
    return to_bytes(payload).hex()


binascii = SimpleNamespace(b2a_hex=_hex, hexlify=_hex)


def _resource_filename(_package, relative):
    return os.path.join(os.environ["WEBSOCKET_CASES"], relative)


pkg_resources = SimpleNamespace(resource_filename=_resource_filename)
