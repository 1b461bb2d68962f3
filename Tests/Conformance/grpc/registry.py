# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The list of checks, in order."""

CHECKS = []


def check(name, last=False):
    """Registers a check: takes the target, returns a remark, raises `Failed` or `Skipped`."""
    def register(function):
        CHECKS.append((name, function, last))
        return function
    return register
