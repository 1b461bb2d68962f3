# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""The relay between callers and a server, with a server that echoes."""

import socket
import threading
import unittest

import chaos  # noqa: F401
from relay import Relay


class Echo:
    """Sends back what comes, one connection after the other."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.reset_seen = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            peer, _ = self.listener.accept()
            with peer:
                while octets := peer.recv(65536):
                    peer.sendall(octets)
        except ConnectionResetError:
            self.reset_seen.set()
        except OSError:
            pass

    def close(self):
        self.listener.close()
        self.thread.join(5)


class RelayTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)

    def test_octets_pass_both_ways_until_a_reset_that_both_sides_see(self):
        with Relay(self.echo.port) as relay:
            with socket.create_connection(("127.0.0.1", relay.port)) as caller:
                caller.settimeout(5)
                caller.sendall(b"hello")
                self.assertEqual(caller.recv(5), b"hello")
                self.assertEqual(relay.reset(), 1)
                with self.assertRaises(ConnectionResetError):
                    caller.recv(5)
                self.assertTrue(self.echo.reset_seen.wait(5))
            self.assertEqual(relay.reset(), 0)

    def test_a_relay_that_stops_reading_still_passes_what_the_caller_says(self):
        with Relay(self.echo.port) as relay:
            with socket.create_connection(("127.0.0.1", relay.port)) as caller:
                caller.settimeout(5)
                caller.sendall(b"one")
                self.assertEqual(caller.recv(3), b"one")
                self.assertEqual(relay.stop_reading(), 1)
                caller.sendall(b"two")
                caller.settimeout(0.3)
                with self.assertRaises(TimeoutError):
                    caller.recv(3)

    def test_an_end_on_one_side_is_an_end_on_the_other(self):
        with Relay(self.echo.port) as relay:
            with socket.create_connection(("127.0.0.1", relay.port)) as caller:
                caller.settimeout(5)
                caller.sendall(b"x")
                self.assertEqual(caller.recv(1), b"x")
                caller.shutdown(socket.SHUT_WR)
                self.assertEqual(caller.recv(1), b"")


if __name__ == "__main__":
    unittest.main()
