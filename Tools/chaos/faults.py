# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Faults, each in a run of its own: server, callers, the fault in their midst, a verdict."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

from callers import Callers
from far_bot import FarBot
from lecture import lecture
from relay import Relay
from server import ROOT, Server
from verdict import BUDGET, Outcome

BOT = os.path.join(ROOT, "Benchmarks/Load/bot.yaml")
HERE = os.path.dirname(os.path.abspath(__file__))
RAMP = 5
# Long enough for several turns of every caller after the fault.
HOLD = 25
# Bytes by which the server may grow for a peer that does not read: an eighth is what it keeps for
# one, the rest is for the growth of buffers, those of the other calls among them.
BACKLOG = 1024 * 1024
# Into the hold, when everybody talks.
MIDDLE = RAMP + 6


class Setting:
    """What all runs have in common."""

    def __init__(self, binary, calls, folder):
        self.binary = binary
        self.calls = calls
        # One in a hundred, and enough of them to say something.
        self.few = max(5, calls // 100)
        self.some = max(5, calls // 10)
        self.folder = folder

    def server(self, **options):
        options.setdefault("script", BOT)
        return Server(self.binary, **options)

    def callers(self, server, count, hold=HOLD, platform=None, **options):
        # CXone callers are heard and never answered: a part of the load without latencies.
        heard = 0 if platform else count // 5
        mix = {platform or "webex": count - heard, "cxone": heard}
        return Callers(
            server, {name: part for name, part in mix.items() if part}, hold,
            ramp=RAMP, **options)


def nothing(setting):
    outcome = Outcome("none", "nothing, for comparison")
    with setting.server() as server, setting.callers(server, setting.calls) as others:
        outcome.judge_others(others.result())
        outcome.note(None, server.statistics(), "calls_refused", "stalls", "ticks_skipped")
    return outcome


def stopped_group(setting):
    outcome = Outcome("group stopped", f"{setting.some} callers stand still for 2 s")
    with setting.server() as server, \
            setting.callers(server, setting.calls - setting.some) as others, \
            setting.callers(server, setting.some) as victims:
        time.sleep(MIDDLE)
        before = server.statistics()
        pause(victims)
        time.sleep(2)
        after = server.statistics()
        outcome.note(before, after, "stalls", "endings.connection_lost", "calls_refused")
        require_patience(outcome, before, after)
        outcome.judge_others(others.result())
        victims.result()
    return outcome


def stopped_far_side(setting):
    outcome = Outcome("far side stopped", f"all {setting.calls} callers stand still for 2 s")
    with setting.server() as server, setting.callers(server, setting.calls) as everybody:
        time.sleep(MIDDLE)
        before = server.statistics()
        pause(everybody)
        time.sleep(5)
        after = server.statistics()
        outcome.note(before, after, "stalls", "endings.connection_lost", "ticks_skipped")
        require_patience(outcome, before, after)
        answered = after["turn_total_us"]["count"]
        time.sleep(6)
        later = server.statistics()
        outcome.require(
            later["turn_total_us"]["count"] > answered, "nobody was answered afterwards")
        outcome.others = f"none; {later['turn_total_us']['count'] - answered} turns afterwards"
        everybody.result()
    return outcome


def require_patience(outcome, before, after):
    """Callers that stand still are told as stalled, and kept."""
    outcome.require(after["stalls"] > before["stalls"], "no stall was told")
    outcome.require(
        after["live_calls"] == before["live_calls"], "calls ended that were only silent")


def pause(callers):
    callers.send(signal.SIGSTOP)
    time.sleep(2)
    callers.send(signal.SIGCONT)


def stopped_bot(setting):
    outcome = Outcome(
        "bot stopped", f"the bot of {setting.some} callers stands still for 2 s, elsewhere")
    agents = f"webex.virtual_agents=[{{id: here, name: Here, script: {BOT}}}]"
    with FarBot() as bot:
        settings = [agents, "bot.kind=websocket", f"remote.url={bot.url}"]
        with setting.server(settings=settings) as server, \
                setting.callers(
                    server, setting.calls - setting.some, platform="webex",
                    options=["--virtual-agent", "here"]) as others, \
                setting.callers(server, setting.some, platform="genesys") as victims:
            time.sleep(MIDDLE)
            before = server.statistics()
            bot.pause(2)
            time.sleep(2)
            after = server.statistics()
            outcome.note(
                before, after, "bot_connections_lost", "bot_failures", "bot_missed_ms",
                "endings.connection_lost")
            outcome.require(
                after["bot_connections"] - after["bot_connections_lost"] == setting.some,
                f"{after['bot_connections']} conversations were held elsewhere")
            outcome.require(after["bot_failures"] == 0, "the bot was given up")
            outcome.require(after["bot_missed_ms"] == 0, "the bot missed something")
            outcome.require(
                after["live_calls"] == before["live_calls"], "calls ended with the bot")
            outcome.judge_others(others.result())
            result = victims.result()
            outcome.require(result["failed"] == 0, f"{result['failed']:.0f} of its calls broke off")
            outcome.require(result["response.count"] > 0, "none of its calls was answered")
    return outcome


def reset_connections(setting):
    outcome = Outcome("connections reset", f"RST on {setting.few} connections")
    with setting.server() as server, Relay(server.port) as relay, \
            setting.callers(server, setting.calls - setting.few) as others, \
            setting.callers(
                server, setting.few, platform="genesys",
                genesys=f"ws://127.0.0.1:{relay.port}/genesys/connector") as victims:
        time.sleep(MIDDLE)
        before = server.statistics()
        count = relay.reset()
        time.sleep(2)
        after = server.statistics()
        lost = after["endings"]["connection_lost"] - before["endings"]["connection_lost"]
        outcome.note(before, after, "endings.connection_lost", "connections_lost")
        outcome.require(count > 0, "there was no connection to reset")
        outcome.require(lost == count, f"{count} connections reset, {lost} calls lost")
        outcome.judge_others(others.result())
        victims.result()
    return outcome


def stalled_server(setting):
    outcome = Outcome("event loops stalled", "5 times 300 ms, every thread of the server")
    with setting.server() as server, setting.callers(server, setting.calls) as others:
        time.sleep(MIDDLE)
        before = server.statistics()
        for _ in range(5):
            server.stall(0.3)
            time.sleep(2)
        after = server.statistics()
        outcome.note(
            before, after, "ticks_skipped", "calls_refused", "overloads", "budget_breaches")
        outcome.require(after["ticks_skipped"] > before["ticks_skipped"], "no tick was left out")
        outcome.require(after["overloads"] == before["overloads"], "a stall was called overload")
        # A stall in the middle of an answer comes on top of it.
        outcome.judge_others(others.result(), limit=BUDGET + 350_000)
    return outcome


def stepped_clock(setting):
    outcome = Outcome("wall clock stepped", "an hour ahead, two back")
    library = os.path.join(setting.folder, "clockstep.so")
    subprocess.run(
        [shutil.which("cc") or "clang", "-O1", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "clockstep.c"), "-ldl"],
        check=True)
    step = os.path.join(setting.folder, "step")
    write(step, "0")
    environment = {"LD_PRELOAD": library, "CLOCK_STEP_FILE": step}
    with setting.server(environment=environment) as server, \
            setting.callers(server, setting.calls) as others:
        time.sleep(MIDDLE)
        before = server.statistics()
        write(step, "3600")
        time.sleep(4)
        write(step, "-3600")
        time.sleep(4)
        after = server.statistics()
        outcome.note(before, after, "timeline_jumps", "ticks_skipped", "calls_ended")
        outcome.require(
            after["live_calls"] == before["live_calls"], "calls ended with the clock")
        outcome.judge_others(others.result())
    return outcome


def write(path, text):
    """Whole or not at all, for readers that come meanwhile."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.replace(path + ".new", path)


def deaf_readers(setting):
    outcome = Outcome(
        "readers that never read", f"{setting.few} callers of a bot that talks without end")
    agents = f"webex.virtual_agents=[{{id: talk, name: Talk, script: {BOT}}}]"
    script = lecture(setting.folder)
    # 8 kB a second to each: after half a minute what the kernel takes and what the server keeps for
    # one are full, and it is cut. Genesys gives a peer up that says nothing for a minute.
    hold = 70
    with setting.server(script=script, settings=[agents]) as server, \
            Relay(server.port) as relay, \
            setting.callers(
                server, setting.calls - setting.few, hold, platform="webex",
                options=["--virtual-agent", "talk"]) as others, \
            setting.callers(
                server, setting.few, hold, platform="genesys",
                genesys=f"ws://127.0.0.1:{relay.port}/genesys/connector") as victims:
        time.sleep(MIDDLE)
        before = server.statistics()
        memory = server.resident_bytes()
        relay.stop_reading()
        # Or they would hear nothing and hang up.
        victims.send(signal.SIGSTOP)
        time.sleep(hold - 20)
        after = server.statistics()
        grown = max(0, server.resident_bytes() - memory)
        cut = after["slow_readers"] - before["slow_readers"]
        outcome.note(before, after, "slow_readers", "endings.connection_lost")
        outcome.lost += f", memory +{grown / 1e6:.1f} MB"
        bound = setting.few * BACKLOG
        outcome.require(cut == setting.few, f"{cut} of {setting.few} were cut")
        outcome.require(grown <= bound, f"{grown / 1e6:.1f} MB are held for {setting.few}")
        victims.send(signal.SIGCONT)
        outcome.judge_others(others.result())
        victims.result()
    return outcome


def blocked_log(setting):
    outcome = Outcome("log sink blocked", "nobody reads standard error, level debug")
    reader, writer = os.pipe()
    settings = ["server.log_level=debug"]
    with os.fdopen(reader, "rb") as pipe:
        with setting.server(settings=settings, stderr=writer) as server, \
                setting.callers(
                    server, setting.calls, options=["--call-length", "5"]) as others:
            os.close(writer)
            result = others.result()
            after = server.statistics()
            outcome.note(None, after, "log_lines_dropped", "ticks_skipped")
            outcome.judge_others(result)
            # It moves again: what was kept comes, and a line says how much was not.
            os.set_blocking(reader, False)
            end = time.monotonic() + 10
            text = b""
            while time.monotonic() < end and not (
                    after["log_lines_dropped"] == 0 and len(text) > 65536
                    or b"lines dropped" in text):
                text += pipe.read() or b""
                time.sleep(0.02)
            outcome.require(len(text) > 0, "nothing came when it was read again")
            if after["log_lines_dropped"] > 0:
                outcome.require(b"lines dropped" in text, "the dropped lines were not told")
    return outcome


def too_many_calls(setting):
    admitted = setting.calls * 2 // 3
    outcome = Outcome("150 % of capacity", f"{setting.calls} calls to a server for {admitted}")
    with setting.server(settings=[f"server.max_calls={admitted}"]) as server, \
            setting.callers(server, setting.calls, platform="webex") as everybody:
        time.sleep(MIDDLE)
        status, text = server.ready()
        outcome.require((status, text) == (503, "full"), f"ready says {status} {text}")
        middle = server.statistics()
        outcome.require(middle["live_calls"] == admitted, f"{middle['live_calls']} calls are live")
        result = everybody.result()
        after = server.statistics()
        outcome.note(None, after, "calls_started", "refusals.at_capacity")
        told = result["refused"]
        outcome.require(told >= setting.calls - admitted, f"only {told:.0f} were told")
        result.metrics = {**result.metrics, "refused": 0}
        outcome.judge_others(result)
    return outcome


def drain(setting):
    outcome = Outcome("drain", "SIGTERM while calls of 10 s come and go")
    settings = ["server.drain_seconds=60", "server.log_level=info"]
    with tempfile.TemporaryFile() as log, \
            setting.server(settings=settings, stderr=log) as server, \
            setting.callers(
                server, setting.calls, options=["--call-length", "10"]) as callers:
        time.sleep(MIDDLE)
        live = server.statistics()["live_calls"]
        server.send(signal.SIGTERM)
        start = time.monotonic()
        last, reasons = None, set()
        while server.process.poll() is None and time.monotonic() < start + 80:
            # Before the first look as well: a signal takes a moment to be heard.
            time.sleep(0.2)
            status, text = server.ready()
            if status:
                reasons.add((status, text))
            last = server.statistics() or last
        seconds = time.monotonic() - start
        outcome.injected += f", {live} of them live"
        outcome.note(
            None, last, "refusals.draining", "endings.server_stopped", "endings.bot_ended")
        outcome.lost += f", gone after {seconds:.0f} s"
        outcome.require(reasons == {(503, "draining")}, f"ready said {sorted(reasons)}")
        outcome.require(live >= setting.calls * 3 // 4, f"only {live} calls were live")
        outcome.require(server.process.poll() == 0, f"it ended with {server.process.poll()}")
        log.seek(0)
        outcome.judge_drain(log.read().decode(errors="replace"), callers.result())
    return outcome


def forced_stop(setting):
    outcome = Outcome("forced stop", "SIGTERM, and again a second later")
    settings = ["server.drain_seconds=60"]
    with setting.server(settings=settings) as server, \
            setting.callers(server, setting.some) as callers:
        time.sleep(MIDDLE)
        live = server.statistics()["live_calls"]
        server.send(signal.SIGTERM)
        time.sleep(1)
        server.send(signal.SIGTERM)
        start = time.monotonic()
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            outcome.problems.append("it did not end")
        outcome.others = f"{live} live, gone after {time.monotonic() - start:.1f} s"
        outcome.require(server.process.poll() == 0, f"it ended with {server.process.poll()}")
        callers.result()
    return outcome


ALL = {
    "none": nothing, "group": stopped_group, "far-side": stopped_far_side,
    "bot": stopped_bot, "reset": reset_connections, "stall": stalled_server, "clock": stepped_clock,
    "deaf": deaf_readers, "log": blocked_log, "overload": too_many_calls, "drain": drain,
    "force": forced_stop,
}


def run(binary, calls, names, tell):
    """Runs the faults called `names`; `tell` is told of each before it begins."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(binary, calls, folder)
        for name in names:
            tell(name)
            try:
                outcomes.append(ALL[name](setting))
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                outcomes.append(Outcome(name, "").failed(str(error)))
    return outcomes
