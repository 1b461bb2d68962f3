# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Echo cancellers of the Debian libraries, over whole signals: what a packaged stack would run.

The C entry points of webrtc-audio-processing 0.3 have no header: their signatures are written down
here, for that version (soname 1) alone. All work on frames of 10 ms at 8 kHz.
"""

import ctypes
import functools

import numpy as np

FRAME = 80
# A delay between reference and capture that is as good as none: the library finds its own.
REPORTED_DELAY_MS = 100


class AecmConfig(ctypes.Structure):
    _fields_ = [("comfort_noise", ctypes.c_int16), ("echo_mode", ctypes.c_int16)]


class AecConfig(ctypes.Structure):
    _fields_ = [("suppression", ctypes.c_int16), ("skew", ctypes.c_int16),
                ("metrics", ctypes.c_int16), ("delay_logging", ctypes.c_int)]


@functools.cache
def webrtc():
    library = ctypes.CDLL("libwebrtc_audio_processing.so.1")
    for name in ("WebRtcAecm_Create", "WebRtcAec_Create", "WebRtcAec_aec_core",
                 "WebRtcVad_Create"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


@functools.cache
def speex():
    library = ctypes.CDLL("libspeexdsp.so.1")
    library.speex_echo_state_init.restype = ctypes.c_void_p
    library.speex_preprocess_state_init.restype = ctypes.c_void_p
    return library


def handle(value):
    return ctypes.c_void_p(value)


def address(samples):
    return samples.ctypes.data_as(ctypes.c_void_p)


def frames(far, near):
    count = len(near) // FRAME * FRAME
    for start in range(0, count, FRAME):
        yield start, far[start:start + FRAME].copy(), near[start:start + FRAME].copy()


def aecm(far, near):
    """The mobile canceller: an echo channel of magnitudes and a Wiener filter.

    With its comfort noise, which serves the detectors behind it better than holes do.
    """
    library = webrtc()
    state = handle(library.WebRtcAecm_Create())
    library.WebRtcAecm_Init(state, ctypes.c_int32(8000))
    library.WebRtcAecm_set_config(state, AecmConfig(1, 3))
    out = np.zeros_like(near)
    clean = np.zeros(FRAME, np.int16)
    for start, far_frame, near_frame in frames(far, near):
        library.WebRtcAecm_BufferFarend(state, address(far_frame), ctypes.c_size_t(FRAME))
        library.WebRtcAecm_Process(
            state, address(near_frame), None, address(clean), ctypes.c_size_t(FRAME),
            ctypes.c_int16(REPORTED_DELAY_MS))
        out[start:start + FRAME] = clean
    library.WebRtcAecm_Free(state)
    return out


def aec(far, near):
    """The full canceller with its long filter and its own search for the delay."""
    library = webrtc()
    state = handle(library.WebRtcAec_Create())
    library.WebRtcAec_Init(state, ctypes.c_int32(8000), ctypes.c_int32(8000))
    core = handle(library.WebRtcAec_aec_core(state))
    library.WebRtcAec_enable_delay_agnostic(core, 1)
    library.WebRtcAec_enable_extended_filter(core, 1)
    library.WebRtcAec_set_config(state, AecConfig(1, 0, 0, 0))
    out = np.zeros_like(near)
    clean = np.zeros(FRAME, np.float32)
    for start, far_frame, near_frame in frames(far, near):
        far_frame, near_frame = far_frame.astype(np.float32), near_frame.astype(np.float32)
        library.WebRtcAec_BufferFarend(state, address(far_frame), ctypes.c_size_t(FRAME))
        bands_in = (ctypes.c_void_p * 1)(near_frame.ctypes.data)
        bands_out = (ctypes.c_void_p * 1)(clean.ctypes.data)
        library.WebRtcAec_Process(
            state, bands_in, ctypes.c_size_t(1), bands_out, ctypes.c_size_t(FRAME),
            ctypes.c_int16(REPORTED_DELAY_MS), ctypes.c_int32(0))
        out[start:start + FRAME] = np.clip(np.round(clean), -32768, 32767)
    library.WebRtcAec_Free(state)
    return out


def speex_mdf(far, near):
    """The filter of speexdsp with 750 ms of tail, for it looks for no delay, and its suppressor."""
    library = speex()
    state = handle(library.speex_echo_state_init(FRAME, 6000))
    rate = ctypes.c_int(8000)
    library.speex_echo_ctl(state, 24, ctypes.byref(rate))
    after = handle(library.speex_preprocess_state_init(FRAME, 8000))
    library.speex_preprocess_ctl(after, 24, state)
    out = np.zeros_like(near)
    clean = np.zeros(FRAME, np.int16)
    for start, far_frame, near_frame in frames(far, near):
        library.speex_echo_cancellation(
            state, address(near_frame), address(far_frame), address(clean))
        library.speex_preprocess_run(after, address(clean))
        out[start:start + FRAME] = clean
    library.speex_echo_state_destroy(state)
    library.speex_preprocess_state_destroy(after)
    return out


CANCELLERS = {"none": lambda far, near: near, "aecm": aecm, "aec": aec, "speex": speex_mdf}
