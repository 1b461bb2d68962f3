// Carries the flags of pkg-config to CWebRTCShim; the library's own headers are C++ only.
