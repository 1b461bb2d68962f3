# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""G.711 both ways, bit-exact with ITU-T G.191 (ones' complement of negative samples)."""

import numpy as np


def ulaw_encode(samples):
    samples = np.asarray(samples).astype(np.int32)
    magnitude = np.where(samples < 0, (~samples) >> 2, samples >> 2) + 33
    magnitude = np.minimum(magnitude, 0x1FFF)
    segment = np.floor(np.log2(np.maximum(magnitude >> 5, 1))).astype(np.int32) + 1
    low = 0xF - ((magnitude >> segment) & 0xF)
    return (((8 - segment) << 4) | low | np.where(samples >= 0, 0x80, 0)).astype(np.uint8)


def ulaw_decode(octets):
    code = (~np.asarray(octets).astype(np.int32)) & 0xFF
    magnitude = (((code & 15) << 3) + 132) << ((code >> 4) & 7)
    return np.where(code & 0x80, 132 - magnitude, magnitude - 132).astype(np.int16)


def alaw_encode(samples):
    samples = np.asarray(samples).astype(np.int32)
    magnitude = np.where(samples < 0, (~samples) >> 4, samples >> 4)
    exponent = np.zeros_like(magnitude)
    code = magnitude.copy()
    big = magnitude > 15
    exponent[big] = np.floor(np.log2(magnitude[big])).astype(np.int32) - 3
    code[big] = ((magnitude[big] >> (exponent[big] - 1)) - 16) + (exponent[big] << 4)
    return ((code | np.where(samples >= 0, 0x80, 0)) ^ 0x55).astype(np.uint8)


def alaw_decode(octets):
    code = np.asarray(octets).astype(np.int32) ^ 0x55
    exponent = (code >> 4) & 7
    magnitude = ((code & 15) << 4) + 8
    magnitude = np.where(
        exponent > 0, (magnitude + 0x100) << np.maximum(exponent - 1, 0), magnitude)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def through_g711(samples, law):
    """What a line with this law delivers; `none` only rounds and clips to 16 bits."""
    samples = np.clip(np.round(samples), -32768, 32767)
    if law == "ulaw":
        return ulaw_decode(ulaw_encode(samples)).astype(np.float64)
    if law == "alaw":
        return alaw_decode(alaw_encode(samples)).astype(np.float64)
    if law == "none":
        return samples.astype(np.float64)
    raise ValueError(f"no law is called '{law}'")
