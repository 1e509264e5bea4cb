"""The command, with an authorization server on loopback in Google's place: `python -m tests.setup.loopback_provider …`.

$AUTH_SERVER is its address. As a browser (`visit ADDRESS`) it follows the redirects, as the owner's would.
"""

from __future__ import annotations

import os
import sys
import urllib.request

from assistant.cli import run
from assistant.host.oauth import PROVIDERS, Provider


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["visit"]:
        with urllib.request.urlopen(arguments[1], timeout=20):
            return 0
    url = os.environ["AUTH_SERVER"]
    PROVIDERS["oauth-google"] = Provider(
        "Loopback", f"{url}/authorize", f"{url}/token", ("imap", "offline_access"), f"{url}/device", f"{url}/revoke"
    )
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
