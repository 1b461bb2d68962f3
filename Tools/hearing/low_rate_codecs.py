# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Low-rate speech codecs of mobile and packet networks, through the Debian libraries.

`through(samples, "gsm")` is what GSM full rate at 13 kbit/s leaves of a signal; "amr-4.75" to
"amr-12.2" and "amr-5.9-dtx" are AMR narrowband, "opus-6" to "opus-24" Opus in voice mode. The
codec's own delay is taken out, so that the result lines up with its input.
"""

import ctypes
import ctypes.util
import functools

import numpy as np

FRAME = 160
AMR_MODES = {"4.75": 0, "5.15": 1, "5.9": 2, "6.7": 3, "7.4": 4, "7.95": 5, "10.2": 6, "12.2": 7}
# Samples at 8 kHz by which each codec's output comes late.
AMR_DELAY = 40
OPUS_SET_BITRATE, OPUS_SET_BANDWIDTH, OPUS_SET_SIGNAL, OPUS_GET_LOOKAHEAD = 4002, 4008, 4024, 4027
OPUS_VOIP, OPUS_NARROWBAND, OPUS_VOICE = 2048, 1101, 3001


@functools.cache
def library(name, soname):
    try:
        return ctypes.CDLL(soname)
    except OSError as error:
        raise RuntimeError(
            f"{name} is missing: run scripts/install-dependencies --hearing") from error


def pointer(value):
    return ctypes.c_void_p(value)


def framed(samples, delay):
    """Int16 frames that hold the signal and what the codec's delay pushes out of it."""
    samples = np.clip(np.round(samples), -32768, 32767).astype(np.int16)
    count = -(-(len(samples) + delay) // FRAME) * FRAME
    return np.pad(samples, (0, count - len(samples)))


def through_gsm(samples):
    gsm = library("libgsm", "libgsm.so.1")
    gsm.gsm_create.restype = ctypes.c_void_p
    coder, decoder = gsm.gsm_create(), gsm.gsm_create()
    frames = framed(samples, 0)
    packet = ctypes.create_string_buffer(33)
    out = np.zeros(len(frames), np.int16)
    for start in range(0, len(frames), FRAME):
        frame = frames[start:start + FRAME].copy()
        heard = np.zeros(FRAME, np.int16)
        gsm.gsm_encode(pointer(coder), frame.ctypes.data_as(ctypes.c_void_p), packet)
        gsm.gsm_decode(pointer(decoder), packet, heard.ctypes.data_as(ctypes.c_void_p))
        out[start:start + FRAME] = heard
    gsm.gsm_destroy(pointer(coder))
    gsm.gsm_destroy(pointer(decoder))
    return out[: len(samples)].astype(np.float64)


def through_amr(samples, mode, silence_suppression):
    amr = library("opencore-amr", "libopencore-amrnb.so.0")
    amr.Encoder_Interface_init.restype = ctypes.c_void_p
    amr.Decoder_Interface_init.restype = ctypes.c_void_p
    coder = amr.Encoder_Interface_init(int(silence_suppression))
    decoder = amr.Decoder_Interface_init()
    frames = framed(samples, AMR_DELAY)
    packet = ctypes.create_string_buffer(64)
    out = np.zeros(len(frames), np.int16)
    for start in range(0, len(frames), FRAME):
        frame = frames[start:start + FRAME].copy()
        heard = np.zeros(FRAME, np.int16)
        amr.Encoder_Interface_Encode(
            pointer(coder), mode, frame.ctypes.data_as(ctypes.c_void_p), packet, 0)
        amr.Decoder_Interface_Decode(
            pointer(decoder), packet, heard.ctypes.data_as(ctypes.c_void_p), 0)
        out[start:start + FRAME] = heard
    amr.Encoder_Interface_exit(pointer(coder))
    amr.Decoder_Interface_exit(pointer(decoder))
    return out[AMR_DELAY: AMR_DELAY + len(samples)].astype(np.float64)


def through_opus(samples, kilobits):
    opus = library("libopus", "libopus.so.0")
    opus.opus_encoder_create.restype = ctypes.c_void_p
    opus.opus_decoder_create.restype = ctypes.c_void_p
    status = ctypes.c_int(0)
    coder = opus.opus_encoder_create(8000, 1, OPUS_VOIP, ctypes.byref(status))
    decoder = opus.opus_decoder_create(8000, 1, ctypes.byref(status))
    for request, value in ((OPUS_SET_BITRATE, int(kilobits * 1000)),
                           (OPUS_SET_BANDWIDTH, OPUS_NARROWBAND), (OPUS_SET_SIGNAL, OPUS_VOICE)):
        opus.opus_encoder_ctl(pointer(coder), request, ctypes.c_int32(value))
    delay = ctypes.c_int32(0)
    opus.opus_encoder_ctl(pointer(coder), OPUS_GET_LOOKAHEAD, ctypes.byref(delay))
    frames = framed(samples, delay.value)
    packet = ctypes.create_string_buffer(1500)
    out = np.zeros(len(frames), np.int16)
    for start in range(0, len(frames), FRAME):
        frame = frames[start:start + FRAME].copy()
        heard = np.zeros(FRAME, np.int16)
        size = opus.opus_encode(
            pointer(coder), frame.ctypes.data_as(ctypes.c_void_p), FRAME, packet, 1500)
        opus.opus_decode(pointer(decoder), packet, size, heard.ctypes.data_as(ctypes.c_void_p),
                         FRAME, 0)
        out[start:start + FRAME] = heard
    opus.opus_encoder_destroy(pointer(coder))
    opus.opus_decoder_destroy(pointer(decoder))
    return out[delay.value: delay.value + len(samples)].astype(np.float64)


def through(samples, codec):
    """The signal after this codec and back, of the same length and at the same place in time."""
    name, _, option = codec.partition("-")
    if name == "gsm":
        return through_gsm(samples)
    if name == "amr":
        rate, _, silence = option.partition("-")
        return through_amr(samples, AMR_MODES[rate], silence == "dtx")
    if name == "opus":
        return through_opus(samples, float(option))
    raise ValueError(f"no codec is called '{codec}'")
