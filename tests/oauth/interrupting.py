"""A proxy before an IMAP server that ends the session as Microsoft does when an access token has run out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Interrupting:
    """Passes everything on until `ends` is set; then the next command is answered with a BYE. `with` it."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.ends = False
        self.sessions = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Interrupting:
        self._start(self._accept)
        return self

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def __exit__(self, *_: object) -> None:
        """Wakes and ends the threads before their sockets go: a number that is free again would be another's."""
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                self.sessions += 1
                for source, target, commands in ((client, server, True), (server, client, False)):
                    self._start(self._pass_on, source, target, commands)

    def _pass_on(self, source: socket.socket, target: socket.socket, commands: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if commands and self.ends:
                    self.ends = False
                    source.sendall(b"* BYE Session invalidated - AccessTokenExpired\r\n")
                    source.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
