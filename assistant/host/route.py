"""Whether this computer has a way out, and whether that changed; without sending anything."""

from __future__ import annotations

import socket

# Addresses for documentation (RFC 5737, RFC 3849): a route to them is a route to the internet.
_SOMEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def way_out() -> tuple[str, ...]:
    """The addresses of this computer on the way out, none without a network. `connect` on UDP only asks for a route."""
    found = []
    for family, address in _SOMEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:  # no route, or no such protocol here
            pass
    return tuple(found)
