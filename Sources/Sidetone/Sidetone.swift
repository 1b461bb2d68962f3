// Sidetone
// SPDX-License-Identifier: Apache-2.0

// One import for a bridge. The single modules are products as well: who needs a resampler or a
// detector alone takes AudioCore or SpeechDetection, and no socket comes with it.
@_exported public import AudioCore
@_exported public import Bots
@_exported public import MediaEngine
@_exported public import MediaServer
@_exported public import Operations
@_exported public import SpeechDetection
