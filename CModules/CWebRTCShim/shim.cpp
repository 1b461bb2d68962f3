#include "CWebRTCShim.h"
