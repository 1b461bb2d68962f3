# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Sidetone's media engine for voice bots, over the C library libsidetone.

    engine = sidetone.Engine()
    call = engine.open_call(bot_rate_hz=16000)
    call.push_caller_audio(bytes_from_the_platform)
    for event in call.events(): ...

One thread at a time may use an engine and its calls.
"""

from .engine import Call, Engine, Event, Packet
from .library import SidetoneError, version

__all__ = ["Call", "Engine", "Event", "Packet", "SidetoneError", "version"]
