# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The examples, built against the installed library as their readers would, and run."""

import os
import select
import shutil
import socket
import subprocess
import sys
import time

from installation import ROOT, require

EXAMPLES = os.path.join(ROOT, "examples")
DATAGRAM = 320


def copy(installed, name):
    """A copy of an example, so that building leaves nothing in the checkout."""
    folder = os.path.join(installed.work, "example-" + name)
    shutil.copytree(os.path.join(EXAMPLES, name), folder)
    return folder


def free_ports():
    """Two UDP ports that nobody listens on."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def open_peer(port):
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.connect(("127.0.0.1", port))
    peer.setblocking(False)
    return peer


def drain(peer):
    """Bytes of the datagrams that wait."""
    size = 0
    while select.select([peer], [], [], 0)[0]:
        size += len(peer.recv(65536))
    return size


def check_c(installed, audio):
    """examples/c: the bridge gives the bot the turn, and the platform the answer"""
    folder = copy(installed, "c")
    installed.run(["make", "--silent", "-C", folder, "CFLAGS=-O2 -std=c99 -Wall -Wextra -Werror"])
    ports = free_ports()
    bridge = subprocess.Popen(
        [os.path.join(folder, "bridge"), *map(str, ports)], env=installed.environment, text=True,
        stdout=subprocess.PIPE)
    platform, bot = map(open_peer, ports)
    try:
        require(bridge.stdout.readline() == "listening\n", "the bridge did not start")
        heard, answered = hold_call(platform, bot, audio)
    finally:
        bridge.terminate()
        said = bridge.communicate()[0]
        platform.close()
        bot.close()
    require(heard > 8000, f"the bot was given {heard} bytes of the caller\n{said}")
    require(answered > 8000, f"the platform was given {answered} bytes of the bot\n{said}")
    for words in ("caller speaks from", "caller was done at", "answered after", "heard "):
        require(words in said, f"the bridge did not say '{words}' but\n{said}")


def hold_call(platform, bot, audio):
    """A caller says one thing in real time, the bot answers as soon as the turn has ended."""
    with open(audio.call[0], "rb") as file:
        caller = file.read()[-8 * 16_000:]
    with open(audio.call[2], "rb") as file:
        answer = file.read()
    heard = answered = 0
    last_heard = None
    has_answered = False
    begin = time.monotonic()
    # The bot makes itself known with an answer that is nothing.
    bot.send(b"")
    for index, offset in enumerate(range(0, len(caller), DATAGRAM)):
        time.sleep(max(0, begin + 0.02 * index - time.monotonic()))
        platform.send(caller[offset:offset + DATAGRAM])
        more = drain(bot)
        heard += more
        answered += drain(platform)
        if more:
            last_heard = time.monotonic()
        elif last_heard and not has_answered and time.monotonic() - last_heard > 0.2:
            for start in range(0, len(answer), 4000):
                bot.send(answer[start:start + 4000])
            bot.send(b"")
            has_answered = True
    return heard, answered


def check_python(installed, audio):
    """examples/python: a wheel is built, installed and hears the same turns as C"""
    folder = copy(installed, "python")
    target = os.path.join(installed.work, "site")
    installed.run([python(), "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
                   "--no-build-isolation", "--wheel-dir", installed.work, folder])
    wheels = [name for name in os.listdir(installed.work) if name.endswith(".whl")]
    require(wheels == ["sidetone-0.1.0-py3-none-any.whl"], f"made {wheels}")
    installed.run([python(), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                   "--target", target, os.path.join(installed.work, wheels[0])])
    said = installed.run([python(), "-m", "sidetone.listen", *audio.wav[:2]], PYTHONPATH=target)
    compare(installed, audio, said)


def check_go(installed, audio):
    """examples/go: built by cgo, it hears the same turns as C"""
    folder = copy(installed, "go")
    program = os.path.join(folder, "listen")
    installed.run(["go", "build", "-o", program, "."], folder=folder, GOPROXY="off",
                  GOCACHE=os.path.join(installed.work, "go-cache"))
    compare(installed, audio, installed.run([program, *audio.call[:2]]))


def compare(installed, audio, said):
    """The events of a binding against those of a C program that does the same."""
    wanted = installed.run([installed.compile("listen.c"), *audio.call[:2]])
    require(said == wanted, f"it says\n{said}\nand C\n{wanted}")
    for kind in ("speech_started", "turn_ended", "barge_in", "response_ended"):
        require(kind in said, f"there is no '{kind}' in\n{said}")


def python():
    """Debian's Python where there is one: it is the one that the dependencies are installed for."""
    return "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


check_go.needs = ("go",)
CHECKS = [check_c, check_python, check_go]
