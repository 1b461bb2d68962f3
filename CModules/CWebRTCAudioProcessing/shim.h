// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Carries the library's pkg-config flags to CWebRTCShim; its own headers are C++ only.
