"""A network that can be cut: a TCP proxy in a thread, between the program and its server."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress

from tests.dovecot import free_port


class Proxy:
    """Listens on `port` and passes everything on to `target`. `down` refuses everybody, `cut` ends what is open."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self.connections = 0
        self._links: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []

    def up(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(20)
        self._listener = listener
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        thread.start()
        self._threads.append(thread)

    def down(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def cut(self) -> None:
        with self._lock:
            for link in self._links:
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            self._links.clear()

    def close(self) -> None:
        self.down()
        for thread in self._threads:
            thread.join(5)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._links += [near, far]
            thread = threading.Thread(target=self._pass_on, args=(near, far), daemon=True)
            thread.start()
            self._threads = [t for t in self._threads if t.is_alive()] + [thread]

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        others = {near: far, far: near}
        with near, far, suppress(OSError):
            while True:
                for link in select.select([near, far], [], [])[0]:
                    data = link.recv(1 << 16)
                    if not data:
                        return
                    others[link].sendall(data)
