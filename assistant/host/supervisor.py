"""What the daemon tells systemd (sd_notify(3)): ready, alive, reloading, stopping. Silent under any other."""

from __future__ import annotations

import os
import socket
import time


class Supervisor:
    """The notification socket that the service manager named in the environment, or none.

    `watchdog_seconds` is how often it wants to hear that we are alive, None where it does not ask.
    """

    def __init__(self, address: str = "", watchdog_usec: str = "") -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_seconds = int(watchdog_usec) / 1e6 if watchdog_usec.isdigit() and int(watchdog_usec) else None

    @classmethod
    def of_environment(cls) -> Supervisor:
        """Taken out of the environment: children must not speak in our name."""
        return cls(os.environ.pop("NOTIFY_SOCKET", ""), os.environ.pop("WATCHDOG_USEC", ""))

    def ready(self, status: str) -> None:
        self._tell(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        if self.watchdog_seconds:
            self._tell("WATCHDOG=1")

    def status(self, status: str) -> None:
        self._tell(f"STATUS={status}")

    def reloading(self) -> None:
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)) as channel:
                channel.settimeout(1)
                channel.sendto(text.encode(), self._address)
        except OSError:  # a supervisor that does not listen is none
            pass
