# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The bot's side of docs/bot-protocol.md: a WebSocket server that makes a bot for every call.

Derive from Bot, override what the bot cares about, and hand the class to main().
"""

import argparse
import asyncio
import json
import signal

import websockets

SUBPROTOCOL = "sidetone.bot.v1"


class Bot:
    """One call. Methods that begin with `on_` are called with the message of that name."""

    #: How the bot speaks; None: as it listens.
    output = None
    #: Bytes of audio in one message: 20 ms at 8 kHz.
    chunk = 320

    def __init__(self, connection, start):
        self.connection = connection
        self.start = start
        self.responses = 0

    async def send(self, kind, **members):
        await self.connection.send(json.dumps({"type": kind, **members}))

    async def say(self, audio, barge_in=True, more=False):
        """Queues PCM16 as one response and returns its name. The call goes on meanwhile."""
        self.responses += 1
        name = f"r{self.responses}"
        await self.send("response_begin", response=name, barge_in=barge_in)
        for offset in range(0, len(audio), self.chunk):
            await self.connection.send(audio[offset:offset + self.chunk])
        await self.send("response_end", response=name, more=more)
        return name

    async def on_audio(self, audio):
        """A part of what the caller says, silence included."""

    async def on_message(self, message):
        handler = getattr(self, "on_" + message["type"], None)
        if handler:
            await handler(message)


async def converse(make, connection):
    bot = None
    try:
        async for message in connection:
            if isinstance(message, bytes):
                await bot.on_audio(message)
                continue
            message = json.loads(message)
            if message["type"] == "start":
                bot = make(connection, message)
                ready = {"version": 1}
                if bot.output:
                    ready["output"] = bot.output
                await bot.send("ready", **ready)
            await bot.on_message(message)
    except websockets.exceptions.ConnectionClosed:
        pass


async def serve(make, host, port):
    stop = asyncio.get_running_loop().create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(
            number, lambda: stop.done() or stop.set_result(None))
    server = await websockets.serve(
        lambda connection: converse(make, connection), host, port, subprotocols=[SUBPROTOCOL])
    print(f"ws://{host}:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop
    server.close()


def main(make):
    parser = argparse.ArgumentParser(description=make.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args()
    asyncio.run(serve(make, arguments.host, arguments.port))
