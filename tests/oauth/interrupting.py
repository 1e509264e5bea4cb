"""A proxy before an IMAP server that ends the session as Microsoft does when an access token has run out."""

from __future__ import annotations

import socket
import threading
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

    def __enter__(self) -> Interrupting:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                self.sessions += 1
                for source, target, commands in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=(source, target, commands), daemon=True).start()

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
