# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Voice activity by other programs: Silero through onnxruntime, WebRTC's detector, plain energy.

Each gives, for signals at 8 kHz, a probability or a decision per hop.
"""

import ctypes
import functools
import importlib.util
import pathlib

import numpy as np

import peer_cancellers

SILERO_HOP = 256
SILERO_CONTEXT = 32
WEBRTC_HOP = 160
BATCH = 48


@functools.cache
def silero_session():
    """The network as the package silero-vad brings it; the package itself would want torch."""
    import onnxruntime
    package = importlib.util.find_spec("silero_vad")
    if package is None:
        raise ImportError("silero-vad is not installed")
    path = pathlib.Path(package.submodule_search_locations[0]) / "data" / "silero_vad.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"])


def silero(signals):
    """The probability of speech per 32 ms of each signal; streams run side by side."""
    session = silero_session()
    order = sorted(range(len(signals)), key=lambda index: len(signals[index]))
    result = [None] * len(signals)
    for first in range(0, len(order), BATCH):
        group = order[first:first + BATCH]
        hops = max(len(signals[index]) for index in group) // SILERO_HOP
        block = np.zeros((len(group), hops * SILERO_HOP), np.float32)
        for row, index in enumerate(group):
            samples = np.asarray(signals[index], np.float32)[: hops * SILERO_HOP] / 32768
            block[row, : len(samples)] = samples
        state = np.zeros((2, len(group), 128), np.float32)
        context = np.zeros((len(group), SILERO_CONTEXT), np.float32)
        said = np.zeros((len(group), hops), np.float32)
        for hop in range(hops):
            piece = block[:, hop * SILERO_HOP:(hop + 1) * SILERO_HOP]
            out, state = session.run(None, {
                "input": np.concatenate([context, piece], axis=1), "state": state,
                "sr": np.array(8000, np.int64)})
            said[:, hop] = out[:, 0]
            context = piece[:, -SILERO_CONTEXT:]
        for row, index in enumerate(group):
            result[index] = said[row, : len(signals[index]) // SILERO_HOP]
    return result


def webrtc(signals, mode=3):
    """WebRTC's decision per 20 ms, by the package webrtcvad, or else by the Debian library."""
    try:
        import webrtcvad
    except ImportError:
        return [packaged_webrtc(np.asarray(samples, "<i2"), mode) for samples in signals]
    result = []
    for samples in signals:
        detector = webrtcvad.Vad(mode)
        octets = np.asarray(samples, "<i2").tobytes()
        size = 2 * WEBRTC_HOP
        result.append(np.array([
            detector.is_speech(octets[at:at + size], 8000)
            for at in range(0, len(octets) // size * size, size)], float))
    return result


def packaged_webrtc(samples, mode):
    library = peer_cancellers.webrtc()
    detector = peer_cancellers.handle(library.WebRtcVad_Create())
    library.WebRtcVad_Init(detector)
    library.WebRtcVad_set_mode(detector, mode)
    said = []
    for start in range(0, len(samples) // WEBRTC_HOP * WEBRTC_HOP, WEBRTC_HOP):
        block = samples[start:start + WEBRTC_HOP].copy()
        said.append(library.WebRtcVad_Process(
            detector, 8000, peer_cancellers.address(block), ctypes.c_size_t(WEBRTC_HOP)) == 1)
    library.WebRtcVad_Free(detector)
    return np.array(said, float)


def energy(signals, threshold=256):
    """Whether the mean magnitude of 20 ms passes a fixed threshold, as in common PBX software."""
    result = []
    for samples in signals:
        count = len(samples) // WEBRTC_HOP
        blocks = np.abs(np.asarray(samples[: count * WEBRTC_HOP], float)).reshape(count, -1)
        result.append((blocks.mean(axis=1) > threshold).astype(float))
    return result


def loudness(samples, hop):
    """Level per hop, dB relative to one step of 16 bits, smoothed as bots' frameworks do it."""
    count = len(samples) // hop
    blocks = np.asarray(samples[: count * hop], float).reshape(count, hop)
    levels = 10 * np.log10(np.mean(blocks ** 2, axis=1) + 1e-9)
    smooth, last = np.zeros(count), 0.0
    for index, value in enumerate(np.clip((levels + 20) / 100, 0, 1)):
        last += 0.2 * (value - last)
        smooth[index] = last
    return smooth * 100 - 20
