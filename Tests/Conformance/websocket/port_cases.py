# Sidetone
# SPDX-License-Identifier: Apache-2.0

"""Writes a Python 3 copy of the case definitions of an installed autobahntestsuite.

    port_cases.py <site-packages>/autobahntestsuite <destination>

Only `case/` (what to send, what to expect) and `testdata/` are taken; the driver is `fuzz.py`.
Every edit is a rule below. A rule that no longer matches, or a payload whose octets changed,
stops the port: better no result than a wrong one.
"""

import os
import re
import shutil
import sys

# (pattern, replacement, fewest matches over all files)
RULES = [
    # The sources are read as Latin-1 so that each octet of a literal is one character.
    (r"^#.*coding[:=].*$", "", 1),
    # Python 2 resolved these inside the package.
    (r"^from (case\w+) import ", r"from .\1 import ", 180),
    (r"^from (case) import ", r"from .\1 import ", 80),
    # Names that must understand text octets.
    (r"^from autobahn\.websocket\.utf8validator import Utf8Validator$", "from octets import Utf8Validator", 1),
    (r"^import binascii$", "from octets import binascii", 5),
    (r"^import copy, os, pkg_resources, hashlib, binascii$",
     "import copy, os, hashlib\nfrom octets import binascii, pkg_resources", 1),
    # `object` before its own subclass has no linearisation in Python 3.
    (r"\(object, Case, \)", "(Case,)", 4),
    (r"\bxrange\b", "range", 5),
    (r"\bunichr\b", "chr", 4),
    (r"^(\s*)print(?: (.*))?$", r"\1print(\2)", 5),
    # The library renamed its compression options.
    (r"\brequestNoContextTakeover\b", "request_no_context_takeover", 8),
    (r"\brequestMaxWindowBits\b", "request_max_window_bits", 8),
    (r"\bacceptNoContextTakeover\b", "accept_no_context_takeover", 3),
    (r"\bacceptMaxWindowBits\b", "accept_max_window_bits", 4),
    # Integer division in the expected frame count of 10.1.1.
    (r"len\(self\.payload\) / ", "len(self.payload) // ", 1),
    # Pickles differ between equal values that are distinct objects.
    (r"pickle\.dumps\(obj1\) == pickle\.dumps\(obj2\)", "obj1 == obj2", 1),
]

# Not in the published list of cases, and written against an interface that no longer exists.
DROPPED = "case9_9_1"

PUBLISHED_CASES = 517
UTF8_CASES = 132


def port(source, destination):
    shutil.rmtree(destination, ignore_errors=True)
    package = os.path.join(destination, "case")
    os.makedirs(package)
    shutil.copytree(os.path.join(source, "testdata"), os.path.join(destination, "testdata"))

    matches = [0] * len(RULES)
    folder = os.path.join(source, "case")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".py") or name == DROPPED + ".py":
            continue
        with open(os.path.join(folder, name), encoding="latin-1", newline="") as file:
            text = file.read().replace("\r\n", "\n").expandtabs(3)
        text = re.sub(rf"^from {DROPPED} import .*$", "", text, flags=re.M)
        for index, (pattern, replacement, _) in enumerate(RULES):
            text, count = re.subn(pattern, replacement, text, flags=re.M)
            matches[index] += count
        with open(os.path.join(package, name), "w", encoding="utf-8") as file:
            file.write(text)

    for (pattern, _, fewest), count in zip(RULES, matches):
        if count < fewest:
            sys.exit(f"port: rule {pattern!r} matched {count} times, expected at least {fewest}")


def verify(destination):
    """Imports the port and checks it against facts that do not come from the port."""
    os.environ["WEBSOCKET_CASES"] = destination
    sys.path.insert(0, destination)
    from case import Cases
    from octets import to_bytes

    if len(Cases) != PUBLISHED_CASES:
        sys.exit(f"port: {len(Cases)} cases, expected {PUBLISHED_CASES}")

    judged = 0
    for case in Cases:
        if not hasattr(case, "isValid"):
            continue
        octets = to_bytes(case.PAYLOAD)
        try:
            octets.decode("utf-8")
            valid = True
        except UnicodeDecodeError:
            valid = False
        if valid != case.isValid:
            sys.exit(f"port: {case.__name__} says valid={case.isValid} of {octets.hex()}")
        judged += 1
    if judged != UTF8_CASES:
        sys.exit(f"port: only {judged} UTF-8 cases found")

    import case as package

    accented = "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!".encode()
    split = package.Case6_2_2
    for payload in (package.Case6_2_1.PAYLOAD, split.PAYLOAD1 + split.PAYLOAD2, package.Case6_2_3.PAYLOAD):
        if to_bytes(payload) != accented:
            sys.exit("port: the accented payload of 6.2.x lost its published octets")
    print(f"port: {len(Cases)} cases, {judged} UTF-8 payloads confirmed")


if __name__ == "__main__":
    port(sys.argv[1], sys.argv[2])
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    verify(sys.argv[2])
