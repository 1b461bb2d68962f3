/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sidetone's media engine for programs in any language that can call C.
 *
 * It is an object like a codec: it opens no socket, starts no thread and, with a clock of the
 * host's, reads no clock. The host puts the caller's audio, the bot's audio and time in, and
 * takes events, audio for the bot and audio for the platform out. The same inputs give the same
 * outputs, bit for bit.
 *
 *   sidetone_engine_create     once for each thread that serves calls
 *   sidetone_call_open         once for each call
 *     sidetone_call_push_caller_audio, sidetone_call_push_bot_audio     as audio arrives
 *     sidetone_call_tick                                                every 10 ms
 *     sidetone_call_poll_event, sidetone_call_pull_caller_audio,
 *     sidetone_call_take_flush, sidetone_call_pull_platform_audio      after each of these, until
 *                                                                       SIDETONE_NONE
 *   sidetone_call_close
 *   sidetone_engine_close
 *
 * Rules that hold everywhere
 *
 * Results. Every function returns a sidetone_status, but for the two that return text or a
 * version. Results come through pointers and are written only with the statuses that say so. A
 * function that fails has changed nothing, but for SIDETONE_FULL, which says what it took.
 *
 * Structs. A struct that crosses the boundary starts with its size: set struct_size to sizeof
 * of it, and everything else to zero where the default is wanted. A library newer than its host
 * reads and writes only what the host knows of. A host newer than its library is refused with
 * SIDETONE_INVALID_SIZE when it sets what the library does not know of.
 *
 * Handles. They are numbers, checked in every call: one that was closed gives SIDETONE_CLOSED
 * for good, one that never was gives SIDETONE_INVALID_HANDLE. Zero is never a handle.
 *
 * Threads. An engine and its calls belong together: one thread at a time may be inside any of
 * them, which thread that is may change. Other objects likewise, each on its own; the two ends
 * of a ring are two objects. A call from a second thread changes nothing and gives
 * SIDETONE_BUSY: it is never waited for. Functions that speak of "any thread" take no handle.
 *
 * Cost. What opens, creates or closes allocates and takes a lock for a moment. No other
 * function blocks, allocates, takes a lock or enters the kernel (its clock is read without).
 *
 * Time is in nanoseconds of a monotonic clock with any origin. Positions count samples of the
 * caller's stream from its first. Counts of samples are counts for one channel.
 */
#ifndef SIDETONE_H
#define SIDETONE_H

#include "sidetone/basics.h"

#include "sidetone/call.h"
#include "sidetone/event.h"
#include "sidetone/pieces.h"

#endif
