"""A relay that cuts, stalls and splits the stream of a connection at a chosen byte."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Relays to a port on loopback. `cut_after` drops both sides after so many bytes from the server (None: never),
    `stall_after` goes silent instead, `slice_size` hands the bytes on in pieces of that size.
    """

    def __init__(
        self, port: int, *, cut_after: int | None = None, stall_after: int | None = None, slice_size: int = 65_536
    ) -> None:
        self._target = port
        self.cut_after = cut_after
        self.stall_after = stall_after
        self._slice = slice_size
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.passed = 0

    def __enter__(self) -> Proxy:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._drop(self._listener, *self._sockets)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _drop(*sockets: socket.socket) -> None:
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += (client, server)
            self._start(self._relay_up, client, server)
            self._start(self._relay_down, server, client)

    def _relay_up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65_536):
                server.sendall(data)
        self._drop(client, server)

    def _relay_down(self, server: socket.socket, client: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                for start in range(0, len(data), self._slice):
                    piece = data[start : start + self._slice]
                    if self.cut_after is not None and passed + len(piece) > self.cut_after:
                        client.sendall(piece[: self.cut_after - passed])
                        self._drop(client, server)
                        return
                    if self.stall_after is not None and passed + len(piece) > self.stall_after:
                        continue
                    client.sendall(piece)
                    passed += len(piece)
                    self.passed = passed
        self._drop(client, server)
