# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The bot that a fault lets stand still."""

import socket
import tempfile
import threading
import time
import unittest
import urllib.parse
import wave

import chaos  # noqa: F401
from far_bot import FarBot
from lecture import lecture

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: sidetone.bot.v1\r\n\r\n")


class FarBotTest(unittest.TestCase):
    def upgrade(self, bot):
        """Seconds that the bot takes to answer a connection."""
        start = time.monotonic()
        address = ("127.0.0.1", urllib.parse.urlsplit(bot.url).port)
        with socket.create_connection(address, 10) as connection:
            connection.sendall(UPGRADE)
            self.assertTrue(connection.recv(1024).startswith(b"HTTP/1.1 101 "))
        return time.monotonic() - start

    def test_it_answers_stands_still_and_goes_on(self):
        with FarBot() as bot:
            self.upgrade(bot)
            pause = threading.Thread(target=bot.pause, args=(1,))
            pause.start()
            time.sleep(0.2)
            self.assertGreater(self.upgrade(bot), 0.5)
            pause.join()
            self.assertIsNone(bot.process.poll())
        self.assertIsNotNone(bot.process.poll())


class LectureTest(unittest.TestCase):
    def test_it_lasts_four_minutes(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertTrue(lecture(folder).startswith(folder))
            with wave.open(folder + "/lecture.wav") as file:
                self.assertEqual(file.getnframes(), 240 * 8000)


if __name__ == "__main__":
    unittest.main()
