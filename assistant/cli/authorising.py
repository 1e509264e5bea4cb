"""Logging in to Google or Microsoft, as the owner sees it: a browser that opens, or a code to type elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from assistant.config import Account
from assistant.errors import UsageError
from assistant.host import clock, secrets
from assistant.host.oauth import Token, log_in_by_browser, log_in_by_device


def authorise(account: Account, say: Callable[[str], None], *, by_code: bool = False) -> Token:
    """The token that the owner's consent brings; it is not stored here. Raises LoginRefused or a Temporary."""
    provider, client = secrets.provider_of(account), secrets.client_of(account)

    def show(address: str, code: str) -> None:
        if code:
            say(f"Open {address} in any browser, and type this code there: {code}")
        elif _opened(address):
            say(f"Your browser opens {provider.name}'s page. Where it does not, open this address yourself:\n{address}")
        else:
            say(f"Open this address in a browser on this computer:\n{address}")
        say("Waiting for your consent … (Ctrl-C stops)")

    if not by_code:
        return log_in_by_browser(provider, client, account.user, clock.now, show)
    if not provider.device:
        raise UsageError(f"{provider.name} gives no access to mail by a code", hint="log in by the browser")
    return log_in_by_device(provider, client, clock.now, show)


def _opened(address: str) -> bool:
    """Whether a browser with a window of its own is started; one inside the terminal would swallow our questions.

    Some browsers return only when they are closed, and we have to wait for their visit meanwhile: hence the thread.
    """
    import webbrowser

    windows = sys.platform in ("win32", "darwin")
    if not (windows or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        return False
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    return True
