// Sidetone
// SPDX-License-Identifier: Apache-2.0

// What the library's pkg-config file asks for; the package manager does not pass it on.
#define WEBRTC_AUDIO_PROCESSING_ONLY_BUILD
#define WEBRTC_POSIX

#include "CWebRTCShim.h"

#include <cstring>
#include <memory>
#include <new>

#include <webrtc/common.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

using webrtc::AudioFrame;
using webrtc::AudioProcessing;

static const int rate = 8000;

struct webrtc_canceller {
    std::unique_ptr<AudioProcessing> processing;
    // 7 KB each: not for the stack of a frame.
    AudioFrame far_frame;
    AudioFrame near_frame;
};

static void prepare(AudioFrame &frame) {
    frame.sample_rate_hz_ = rate;
    frame.num_channels_ = 1;
    frame.samples_per_channel_ = webrtc_canceller_frame_count;
    std::memset(frame.data_, 0, sizeof(int16_t) * webrtc_canceller_frame_count);
}

// A new object is set to 16 kHz: without Initialize the first frames fail and later ones allocate.
static bool configure(AudioProcessing &processing) {
    return processing.Initialize(
               rate, rate, rate, AudioProcessing::kMono, AudioProcessing::kMono,
               AudioProcessing::kMono) == AudioProcessing::kNoError
        && processing.echo_cancellation()->enable_drift_compensation(false) == 0
        && processing.echo_cancellation()->set_suppression_level(
               webrtc::EchoCancellation::kLowSuppression) == 0
        && processing.echo_cancellation()->Enable(true) == 0;
}

webrtc_canceller *webrtc_canceller_create(void) {
    webrtc::Config config;
    // Nobody tells the delay of the echo, and it may be long.
    config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
    auto created = std::unique_ptr<webrtc_canceller>(new (std::nothrow) webrtc_canceller);
    if (!created) {
        return nullptr;
    }
    created->processing.reset(AudioProcessing::Create(config));
    if (!created->processing || !configure(*created->processing)) {
        return nullptr;
    }
    prepare(created->far_frame);
    prepare(created->near_frame);
    // The first frames through set up what is left: here instead of in a call.
    int16_t silence[webrtc_canceller_frame_count] = {0};
    webrtc_canceller_process(created.get(), silence, silence);
    return created.release();
}

void webrtc_canceller_destroy(webrtc_canceller *canceller) {
    delete canceller;
}

bool webrtc_canceller_process(
    webrtc_canceller *canceller, const int16_t *far, int16_t *near) {
    const size_t size = sizeof(int16_t) * webrtc_canceller_frame_count;
    std::memcpy(canceller->far_frame.data_, far, size);
    std::memcpy(canceller->near_frame.data_, near, size);
    AudioProcessing &processing = *canceller->processing;
    if (processing.AnalyzeReverseStream(&canceller->far_frame) != AudioProcessing::kNoError) {
        return false;
    }
    // Needed before every frame, though the canceller finds the delay itself.
    processing.set_stream_delay_ms(0);
    if (processing.ProcessStream(&canceller->near_frame) != AudioProcessing::kNoError) {
        return false;
    }
    std::memcpy(near, canceller->near_frame.data_, size);
    return true;
}
