"""Notifications on the owner's desktop, with a button; where there is no desktop, in the log.

desktop-notifier wants an event loop: it lives in a thread that is started with the first notification.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from assistant.notices import Notice

log = logging.getLogger(__name__)

NAME = "offer-assistant"
SHOW_SECONDS = 10.0


class Notifier:
    """Shows notices; `act(notice)` is called, in a thread, when the owner presses the button or clicks on one."""

    def __init__(self, act: Callable[[Notice], None]) -> None:
        self._act = act
        self._loop: asyncio.AbstractEventLoop | None = None
        self._desktop: Any = None

    def show(self, notice: Notice) -> None:
        """On the desktop where that works, else in the log. Never raises and never waits."""
        log.info("notice: %s", notice.key.split(" ")[0])
        asyncio.run_coroutine_threadsafe(self._show_or_log(notice), self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="notifications", daemon=True).start()
        return self._loop

    async def _show_or_log(self, notice: Notice) -> None:
        try:
            shown = await asyncio.wait_for(self._show(notice), SHOW_SECONDS)
        except Exception:  # whatever a desktop may raise, the log is left
            log.debug("no notification could be shown", exc_info=True)
            shown = False
        if not shown:
            log.warning("%s: %s", notice.title, notice.text)

    async def _show(self, notice: Notice) -> bool:
        """Whether somebody shows it: desktop-notifier itself does not say when nobody listens."""
        from desktop_notifier import Button, Capability, DesktopNotifier, Urgency

        if self._desktop is None:
            self._desktop = DesktopNotifier(app_name=NAME, app_icon=None)
        if Capability.TITLE not in await self._desktop.get_capabilities():
            return False

        def pressed() -> None:
            threading.Thread(target=self._act, args=(notice,), name="open", daemon=True).start()

        label = "Open the draft" if notice.draft_id else "Show"
        await self._desktop.send(
            title=notice.title,
            message=notice.text,
            urgency=Urgency.Normal,
            buttons=[Button(title=label, on_pressed=pressed)],
            on_clicked=pressed,
        )
        return True
