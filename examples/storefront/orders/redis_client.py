"""As much of the Redis protocol (RESP2) as the orders service needs."""

import socket
import threading


class StoreError(Exception):
    """The store answered with an error, or could not be reached."""


REPEATABLE = {"PING", "LRANGE", "INCR"}  # harmless if carried out twice


class Redis:
    """One connection, opened when needed and again after a failure; calls are serialised."""

    def __init__(self, host, port, password, timeout=2.0):
        self._address = (host, port)
        self._password = password
        self._timeout = timeout
        self._lock = threading.Lock()
        self._stream = None

    def call(self, *words):
        """Sends one command and returns its reply."""
        with self._lock:
            # a kept connection may be dead by now
            tries = 2 if self._stream is not None and words[0] in REPEATABLE else 1
            while True:
                tries -= 1
                try:
                    if self._stream is None:
                        self._connect()
                    return self._exchange(words)
                except (OSError, EOFError) as error:
                    self._disconnect()
                    if tries == 0:
                        raise StoreError(f"the store is not reachable: {error}") from error

    def _connect(self):
        connection = socket.create_connection(self._address, self._timeout)
        connection.settimeout(self._timeout)
        self._stream = connection.makefile("rwb")
        connection.close()  # the stream keeps it open
        try:
            self._exchange(("AUTH", self._password))
        except StoreError:
            self._disconnect()
            raise

    def _disconnect(self):
        if self._stream is not None:
            try:
                self._stream.close()
            except OSError:
                pass
            self._stream = None

    def _exchange(self, words):
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self._stream.write(b"".join(parts))
        self._stream.flush()
        return self._reply()

    def _reply(self):
        line = self._stream.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("connection closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"-":
            raise StoreError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self._stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        raise EOFError(f"unexpected reply {line[:20]!r}")
