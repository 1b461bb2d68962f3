// Sidetone
// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import JWTKit
import SwiftProtobuf
import X509
