# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Where the programs of Tools/hearing are, and whether this Python can run them."""

import os
import sys
import unittest

TOOLS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "Tools/hearing")
sys.path.insert(0, TOOLS)


def require():
    """Skips a test file where numpy or scipy is missing; `make hearing-check` brings both."""
    try:
        import numpy  # noqa: F401
        import scipy  # noqa: F401
    except ImportError as error:
        raise unittest.SkipTest(f"{error}: run through make hearing-check") from error
