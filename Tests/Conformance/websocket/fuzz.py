# Sidetone
# SPDX-License-Identifier: Apache-2.0

"""WebSocket fuzzing client: runs the ported case definitions against an echo server.

    fuzz.py URL [PATTERN ...] [options]

A case object decides what to send, what it expects back and who should close; this program gives
it a connection, its timers and a record of what happened, then reports the verdicts.
"""

import argparse
import fnmatch
import json
import os
import re
import sys
import time
import traceback
from collections import Counter, deque

sys.path.insert(0, os.environ["WEBSOCKET_CASES"])

from twisted.internet import reactor  # noqa: E402
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol  # noqa: E402
from autobahn.websocket.protocol import WebSocketProtocol  # noqa: E402

from case import Case, CaseCategories, Cases  # noqa: E402
from octets import to_bytes, to_text  # noqa: E402

NOT_RUN = "NOT RUN"
HARNESS_ERROR = "HARNESS ERROR"

# Verdicts on what was received, and on how the connection ended, that fail the run.
FAILING_BEHAVIOUR = {Case.FAILED, NOT_RUN, HARNESS_ERROR}
FAILING_CLOSE = {Case.FAILED, Case.UNCLEAN}

OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
TIMING_CATEGORIES = {"9", "12", "13"}
LOG_LINES = 60


def case_id(case):
    return case.__name__[len("Case"):].replace("_", ".")


def case_order(identifier):
    return tuple(int(part) for part in identifier.split("."))


def plain(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).encode("latin-1", "replace").decode("utf-8", "replace").split())


class FuzzingProtocol(WebSocketClientProtocol):
    """One connection running one case: the interface the case definitions were written for."""

    def __init__(self, factory, run, case):
        super().__init__()
        self.factory, self.run = factory, run
        self.started = time.monotonic()
        self.connectionWasOpen = False
        self.createWirelog = True
        self.txFrameStats = Counter()
        self.rxFrameStats = Counter()
        self.log_lines = deque(maxlen=LOG_LINES)
        self.echo_wanted = deque()
        self.echo_mismatch = None
        self.overdue = False
        self.harness_error = None
        self.case = case(self)
        self.checks_echo = case_id(case).split(".")[0] == "9"
        # The compression cases handle octets themselves.
        self.octet_case = hasattr(case, "TESTDATA")

    # Connection events.

    def connectionMade(self):
        super().connectionMade()
        self.deadline = reactor.callLater(self.run.case_timeout, self._deadline_passed)

    def onOpen(self):
        self.connectionWasOpen = True
        self.note("open")
        self._guarded(self.case.onOpen)

    def onMessage(self, payload, isBinary):
        if self.checks_echo and self.echo_wanted:
            opcode, sent = self.echo_wanted.popleft()
            if (opcode == 2) == isBinary and payload != sent:
                self.echo_mismatch = "Echoed payload has the right length but different content."
        self._guarded(self.case.onMessage, payload if self.octet_case else to_text(payload), isBinary)

    def onPong(self, payload):
        self._guarded(self.case.onPong, to_text(payload))

    def onClose(self, wasClean, code, reason):
        self._guarded(self.case.onClose, wasClean, code, reason)

    def connectionLost(self, reason):
        super().connectionLost(reason)
        if self.deadline.active():
            self.deadline.cancel()
        self.note("connection dropped by " + ("us" if self.droppedByMe else "the server"))
        if not self.connectionWasOpen:
            self.run.finished(self.case, Case.FAILED, Case.FAILED, self,
                              "The opening handshake was not completed: %s" % self.wasNotCleanReason)
            return
        self._guarded(self.case.onConnectionLost, self.failedByMe)
        behaviour, result = self.case.behavior, self.case.result
        if behaviour == Case.OK and self.echo_mismatch:
            behaviour, result = Case.FAILED, self.echo_mismatch
        if self.harness_error:
            behaviour, result = HARNESS_ERROR, self.harness_error
        elif self.overdue:
            behaviour, result = Case.FAILED, "Stopped by the harness after %g s." % self.run.case_timeout
        if behaviour == Case.FAILED and self.failedByMe and self.wasNotCleanReason:
            result += " " + self.wasNotCleanReason
        self.run.finished(self.case, behaviour, self.case.behaviorClose, self, result)

    # What a case asks for. Text payloads come from cases, `bytes` from the library itself.

    def sendFrame(self, opcode, payload=b"", fin=True, rsv=0, mask=None, payload_len=None, chopsize=None,
                  sync=False):
        if isinstance(payload, str) and self.checks_echo and opcode in (1, 2) and fin:
            octets = to_bytes(payload)
            length = len(octets) if payload_len is None else payload_len
            self.echo_wanted.append((opcode, (octets * (length // max(1, len(octets)) + 1))[:length]))
        super().sendFrame(opcode=opcode, payload=to_bytes(payload), fin=fin, rsv=rsv, mask=mask,
                          payload_len=payload_len, chopsize=chopsize, sync=sync)

    def sendMessage(self, payload, isBinary=False, fragmentSize=None, sync=False, doNotCompress=False):
        if self.state != WebSocketProtocol.STATE_OPEN:
            self.note("message not sent: the connection is closing")
            return
        if self.checks_echo:
            self.echo_wanted.append((2 if isBinary else 1, to_bytes(payload)))
        super().sendMessage(to_bytes(payload), isBinary, fragmentSize, sync, doNotCompress)

    def sendMessageFrameData(self, payload, sync=False):
        return super().sendMessageFrameData(to_bytes(payload), sync)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        super().sendCloseFrame(code, to_bytes(reasonUtf8), isReply)

    def enableWirelog(self, enable):
        self.createWirelog = enable

    def continueLater(self, delay, function, tag=None):
        reactor.callLater(delay, self._unless_closed, function)

    def closeAfter(self, delay):
        reactor.callLater(delay, self._unless_closed, self.sendClose)

    def killAfter(self, delay):
        reactor.callLater(delay * self.run.patience, self._unless_closed, self._kill)

    def _unless_closed(self, function):
        if self.state != WebSocketProtocol.STATE_CLOSED:
            self._guarded(function)

    def _guarded(self, function, *arguments):
        """A mistake in a case or in this program must not pass for a verdict on the server."""
        try:
            function(*arguments)
        except Exception:
            self.harness_error = traceback.format_exc(limit=-3)
            self.dropConnection(abort=True)

    def _kill(self):
        self.note("the server did not finish in time")
        self._fail_connection()

    def _deadline_passed(self):
        self.overdue = True
        self.dropConnection(abort=True)

    # The record of what went over the wire.

    def note(self, text):
        if self.createWirelog:
            self.log_lines.append("%8.3f  %s" % (time.monotonic() - self.started, text))

    def _describe(self, direction, header, payload, length):
        shown = bytes(payload[:32])
        self.note("%s %-12s fin=%d rsv=%d length=%d %r%s" % (
            direction, OPCODES.get(header.opcode, "opcode %d" % header.opcode), header.fin, header.rsv,
            length, shown, "..." if length > len(shown) else ""))

    def logRxFrame(self, frameHeader, payload):
        self.rxFrameStats[frameHeader.opcode] += 1
        if self.createWirelog:
            self._describe("<-", frameHeader, b"".join(payload), frameHeader.length)

    def logTxFrame(self, frameHeader, payload, repeatLength, chopsize, sync):
        self.txFrameStats[frameHeader.opcode] += 1
        if self.createWirelog:
            self._describe("->", frameHeader, payload, repeatLength or len(payload))

    def logRxOctets(self, data):
        pass

    def logTxOctets(self, data, sync):
        pass


class FuzzingFactory(WebSocketClientFactory):
    noisy = False

    def __init__(self, run, case):
        super().__init__(run.url)
        self.run, self.case = run, case
        self.logFrames = True
        # A violation is answered by a closing handshake, as the specification has it. The library
        # rounds the time its timers expire down to a whole second: up to a second early.
        self.setProtocolOptions(failByDrop=False,
                                openHandshakeTimeout=1 + 5 * run.patience,
                                closeHandshakeTimeout=1 + run.patience,
                                serverConnectionDropTimeout=1 + run.patience)

    def buildProtocol(self, addr):
        return FuzzingProtocol(self, self.run, self.case)

    def clientConnectionFailed(self, connector, reason):
        self.run.unreachable(self.case, reason.getErrorMessage())


class Run:
    """Feeds cases to a few connections at a time and collects verdicts."""

    def __init__(self, options, cases):
        self.url = options.url
        self.patience = options.patience
        self.case_timeout = options.case_timeout
        self.jobs = options.jobs
        self.progress = options.progress
        # Cases that measure or load the server have it to themselves, after all others.
        self.side_by_side = deque(c for c in cases if case_id(c).split(".")[0] not in TIMING_CATEGORIES)
        self.alone = deque(c for c in cases if case_id(c).split(".")[0] in TIMING_CATEGORIES)
        self.running = 0
        self.refused = 0
        self.results = {}
        self.attempts = Counter()

    def start(self):
        reactor.callWhenRunning(self.next)
        reactor.run()

    def next(self):
        while self.running < self.jobs and self.side_by_side:
            self.connect(self.side_by_side.popleft())
        if self.running == 0 and self.alone:
            self.connect(self.alone.popleft())
        if self.running == 0:
            reactor.stop()

    def connect(self, case):
        self.running += 1
        factory = FuzzingFactory(self, case)
        reactor.connectTCP(factory.host, factory.port, factory, timeout=5 * self.patience)

    def unreachable(self, case, why):
        self.running -= 1
        self.attempts[case] += 1
        if self.attempts[case] < 3 and self.refused < 3:
            reactor.callLater(1, self.connect, case)
            return
        self.refused += 1
        self.store(case, NOT_RUN, NOT_RUN, None, "No connection: %s" % why)
        if self.refused >= 3:
            for left in list(self.side_by_side) + list(self.alone):
                self.store(left, NOT_RUN, NOT_RUN, None, "The server stopped accepting connections.")
            self.side_by_side.clear()
            self.alone.clear()
        self.next()

    def finished(self, case, behaviour, close, protocol, result):
        self.running -= 1
        self.refused = 0
        self.store(type(case), behaviour, close, protocol, result, case.resultClose)
        # Not from inside the connection's own teardown.
        reactor.callLater(0, self.next)

    def store(self, case, behaviour, close, protocol, result, close_result=""):
        identifier = case_id(case)
        self.results[identifier] = {
            "behaviour": behaviour,
            "close": close,
            "close_code": protocol.remoteCloseCode if protocol else None,
            "seconds": round(time.monotonic() - protocol.started, 3) if protocol else None,
            "result": result,
            "close_result": close_result,
            "description": plain(case.DESCRIPTION),
            "expectation": plain(case.EXPECTATION),
            "wire": list(protocol.log_lines) if protocol else [],
        }
        if self.progress:
            print("%-9s %-13s close %-16s %s" % (identifier, behaviour, close, result), flush=True)


def failed(result):
    return result["behaviour"] in FAILING_BEHAVIOUR or (
        result["close"] in FAILING_CLOSE and result["behaviour"] != Case.UNIMPLEMENTED)


def report(results, verbose):
    print()
    for category in sorted({identifier.split(".")[0] for identifier in results}, key=int):
        mine = [r for i, r in results.items() if i.split(".")[0] == category]
        counts = Counter(r["behaviour"] for r in mine)
        print("%3s %-45s %s" % (category, CaseCategories.get(category, ""),
                                "  ".join("%s %d" % item for item in sorted(counts.items()))))
    print()
    for key in ("behaviour", "close"):
        counts = Counter(r[key] for r in results.values())
        print("%-10s %s" % (key + ":", "  ".join("%s %d" % item for item in sorted(counts.items()))))

    for title, wanted in (("non-strict", Case.NON_STRICT), ("unimplemented", Case.UNIMPLEMENTED)):
        which = [i for i in sorted(results, key=case_order) if results[i]["behaviour"] == wanted]
        if which:
            print("%s: %s" % (title, " ".join(which)))

    failures = [i for i in sorted(results, key=case_order) if failed(results[i])]
    for identifier in failures:
        result = results[identifier]
        if result["behaviour"] == NOT_RUN and identifier != failures[0]:
            continue
        print("\nFAILED %s (behaviour %s, close %s): %s" % (
            identifier, result["behaviour"], result["close"], result["description"][:200]))
        print("   expected: %s" % result["expectation"][:300])
        print("   observed: %s %s (close code %s)" % (
            result["result"], result["close_result"], result["close_code"]))
        if verbose:
            for line in result["wire"]:
                print("   " + line)
    print("\n%d cases, %d failed%s" % (len(results), len(failures), ": " + " ".join(failures) if failures else ""))
    return len(failures)


def select(patterns, excluded):
    def matches(case, wanted):
        return any(fnmatch.fnmatchcase(case_id(case), pattern) for pattern in wanted)

    chosen = [c for c in Cases if matches(c, patterns) and not matches(c, excluded)]
    return sorted(chosen, key=lambda c: case_order(case_id(c)))


def main():
    parser = argparse.ArgumentParser(prog="run", description=__doc__.splitlines()[0])
    parser.add_argument("url", help="ws://host:port/path of an endpoint that echoes text and binary messages")
    parser.add_argument("patterns", nargs="*", help="cases, for example 1.* or 6.4.1 (default: 1.* to 10.*)")
    parser.add_argument("-x", "--exclude", action="append", default=[], metavar="PATTERN")
    parser.add_argument("-j", "--jobs", type=int, default=4, help="connections at a time (default 4)")
    parser.add_argument("--patience", type=float, default=1.0, metavar="FACTOR",
                        help="multiplies the time a server is given to react, for slow builds")
    parser.add_argument("--case-timeout", type=float, default=60.0, metavar="SECONDS",
                        help="hard limit for one case (default 60)")
    parser.add_argument("--json", metavar="FILE", help="write every verdict, with what went over the wire")
    parser.add_argument("--list", action="store_true", help="list the selected cases and stop")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what went over the wire in failed cases")
    parser.add_argument("-p", "--progress", action="store_true", help="one line per case as it ends")
    options = parser.parse_args()

    patterns = options.patterns
    if not patterns:
        patterns = ["%d.*" % category for category in range(1, 11)]
    cases = select(patterns, options.exclude)
    if not cases:
        parser.exit(2, "no case matches\n")
    if options.list:
        for case in cases:
            print("%-9s %s" % (case_id(case), plain(case.DESCRIPTION)[:140]))
        return 0
    if not options.url.startswith("ws://"):
        parser.exit(2, "the URL must begin with ws://\n")

    began = time.monotonic()
    run = Run(options, cases)
    run.start()
    failures = report(run.results, options.verbose)
    print("%.0f seconds" % (time.monotonic() - began))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(run.results, file, indent=1, sort_keys=True)
    judged = [r for r in run.results.values() if r["behaviour"] not in (NOT_RUN, HARNESS_ERROR)]
    if len(judged) != len(cases):
        print("error: %d cases gave no verdict" % (len(cases) - len(judged)))
        return 2
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
