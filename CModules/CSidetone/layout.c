// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "sidetone.h"

#include <stdbool.h>

// The layout that hosts of version 0.1 were compiled with, on machines with 64 bits. What fails
// here would break them: add fields at the end of a struct, and never to the final ones of event.h.
#if UINTPTR_MAX == UINT64_MAX

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
#define PLACE(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "place of " #type "." #field)

SIZE(sidetone_format, 16);
SIZE(sidetone_evidence, 72);
SIZE(sidetone_turn, 40);
SIZE(sidetone_turn_bill, 48);
SIZE(sidetone_account, 72);

SIZE(sidetone_engine_config, 40);
PLACE(sidetone_engine_config, playout_memory_size, 32);
SIZE(sidetone_call_config, 128);
PLACE(sidetone_call_config, to_platform, 24);
PLACE(sidetone_call_config, channel, 40);
PLACE(sidetone_call_config, barge_in_evidence, 72);
PLACE(sidetone_call_config, pacing, 92);
PLACE(sidetone_call_config, pacing_separates_responses, 124);
SIZE(sidetone_packet, 32);
SIZE(sidetone_ledger, 152);
SIZE(sidetone_event, 328);
PLACE(sidetone_event, mark, 40);
PLACE(sidetone_event, turn_end, 96);
PLACE(sidetone_event, bill, 136);
PLACE(sidetone_event, account, 184);
PLACE(sidetone_event, evidence, 256);
SIZE(sidetone_detector_config, 32);
SIZE(sidetone_decision, 128);
PLACE(sidetone_decision, evidence, 56);
SIZE(sidetone_ring_statistics, 40);

#endif
