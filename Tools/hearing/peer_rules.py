# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The rules by which other programs turn voice activity into interruptions and ends."""

END_MS = 600


def fired(active, hop, voice_ms, silence_ms):
    """When voice has lasted long enough; again only after a long enough silence."""
    times, voice, silence, armed = [], 0, 0, True
    for index, on in enumerate(active):
        voice, silence = (voice + hop, 0) if on else (0, silence + hop)
        if armed and voice >= voice_ms:
            times.append((index + 1) * hop)
            armed = False
        if silence >= silence_ms:
            armed = True
    return times


def ended(active, hop):
    """When silence after voice has lasted as long as a plain rule asks for."""
    times, silence, speaking = [], 0, False
    for index, on in enumerate(active):
        silence = 0 if on else silence + hop
        speaking = speaking or bool(on)
        if speaking and silence >= END_MS:
            times.append((index + 1) * hop)
            speaking = False
    return times
