// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CWebRTCShim.h"

// The library exports its detector's C functions but packages no header for them. The C++
// interface that has headers takes a lock in every call and holds 45 KB for the same detector,
// so these declarations are kept here instead; the library's soname (1) pins them.
extern "C" {
typedef struct WebRtcVadInst VadInst;
VadInst *WebRtcVad_Create(void);
void WebRtcVad_Free(VadInst *handle);
int WebRtcVad_Init(VadInst *handle);
int WebRtcVad_set_mode(VadInst *handle, int mode);
int WebRtcVad_Process(
    VadInst *handle, int fs, const int16_t *audio_frame, size_t frame_length);
int WebRtcVad_ValidRateAndFrameLength(int rate, size_t frame_length);
}

static VadInst *instance(webrtc_vad *detector) {
    return reinterpret_cast<VadInst *>(detector);
}

webrtc_vad *webrtc_vad_create(int aggressiveness) {
    VadInst *created = WebRtcVad_Create();
    if (created == nullptr) {
        return nullptr;
    }
    if (WebRtcVad_Init(created) != 0 || WebRtcVad_set_mode(created, aggressiveness) != 0) {
        WebRtcVad_Free(created);
        return nullptr;
    }
    return reinterpret_cast<webrtc_vad *>(created);
}

void webrtc_vad_destroy(webrtc_vad *detector) {
    if (detector != nullptr) {
        WebRtcVad_Free(instance(detector));
    }
}

bool webrtc_vad_accepts(int rate_hz, size_t count) {
    return WebRtcVad_ValidRateAndFrameLength(rate_hz, count) == 0;
}

int webrtc_vad_process(
    webrtc_vad *detector, int rate_hz, const int16_t *samples, size_t count) {
    return WebRtcVad_Process(instance(detector), rate_hz, samples, count);
}
