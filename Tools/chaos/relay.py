# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""A TCP relay between callers and the server that can turn against both."""

import selectors
import socket
import struct
import threading

# Small, so that a relay that stops reading is felt at once.
RECEIVE_BUFFER = 16 * 1024


class Relay:
    """Passes octets both ways until it is told to reset its connections, or to read no more of
    what the server sends. One thread of its own; started by `with`."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.lock = threading.Lock()
        self.pairs = []
        self.is_deaf = False
        self.is_over = False
        self.wake, self.waker = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.selector.register(self.wake, selectors.EVENT_READ, None)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.waker.send(b"x")
        self.thread.join()
        for pair in self.pairs:
            self.close(pair)
        for one in (self.listener, self.wake, self.waker):
            one.close()
        self.selector.close()

    def reset(self):
        """Ends every connection on both sides with RST.
        Returns how many there were."""
        with self.lock:
            count = len(self.pairs)
            for pair in self.pairs:
                for one in pair:
                    one.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close(pair)
            self.pairs = []
        return count

    def stop_reading(self):
        """What the server sends from now on is never read."""
        with self.lock:
            self.is_deaf = True
            for _, upstream in self.pairs:
                self.forget(upstream)
            return len(self.pairs)

    def run(self):
        while not self.is_over:
            for key, _ in self.selector.select():
                with self.lock:
                    if key.fileobj is self.listener:
                        self.accept()
                    elif key.fileobj is not self.wake:
                        self.move(key.fileobj, key.data)

    def accept(self):
        downstream, _ = self.listener.accept()
        upstream = socket.socket()
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        pair = (downstream, upstream)
        try:
            upstream.connect(self.target)
        except OSError:
            return self.close(pair)
        self.pairs.append(pair)
        self.selector.register(downstream, selectors.EVENT_READ, pair)
        if not self.is_deaf:
            self.selector.register(upstream, selectors.EVENT_READ, pair)

    def move(self, source, pair):
        try:
            octets = source.recv(65536)
            if octets:
                other = pair[1] if source is pair[0] else pair[0]
                return other.sendall(octets)
        except OSError:
            pass
        if pair in self.pairs:
            self.pairs.remove(pair)
            self.close(pair)

    def close(self, pair):
        for one in pair:
            self.forget(one)
            one.close()

    def forget(self, one):
        try:
            self.selector.unregister(one)
        except (KeyError, ValueError):
            pass
