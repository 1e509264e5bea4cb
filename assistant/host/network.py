"""What this computer's network says about a server: its addresses, and what time the server thinks it is."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from assistant.errors import Unreachable


def addresses_of(host: str) -> list[str]:
    """The IP addresses of a name, each once. Raises Unreachable where there are none, or no name server answers."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(
            f"the name {host} was not found", hint="check the network, then host in the configuration"
        ) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def time_of(host: str, *, port: int = 443, seconds: float = 5.0) -> datetime | None:
    """The Date of the host's web server (RFC 9110 §6.6.1), to the second; None where it runs none.

    No certificate would be needed to tell the time, but it is checked like any other.
    """
    link = http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    try:
        link.request("HEAD", "/")
        told = parsedate_to_datetime(link.getresponse().getheader("Date", ""))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        link.close()
    return told if told.tzinfo else told.replace(tzinfo=UTC)
