# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Where the programs of Tools/chaos are."""

import os
import sys

TOOLS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "Tools/chaos")
sys.path.insert(0, TOOLS)
