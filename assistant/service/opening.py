"""What the button of a notification opens: the draft in the owner's mail program, else what the program says of it."""

from __future__ import annotations

from pathlib import Path

from assistant.config import Config
from assistant.host.desktop import can_open, open_on_desktop, show_text
from assistant.notices import Notice
from assistant.service.explaining import explanation


def open_notice(config: Config, config_path: Path, notice: Notice) -> None:
    """Opens the draft where a program here can (`mid:`, RFC 2392; Gmail in the browser), else a text."""
    host = next((a.host for a in config.accounts if a.name == notice.account), "")
    address = draft_address(notice.draft_id, host)
    if address and can_open(address):
        open_on_desktop(address)
        return
    show_text(f"offer-{notice.offer or 'status'}.txt", explanation(config_path, notice.offer))


def draft_address(message_id: str, host: str) -> str:
    """Where the message is found: in Gmail by its search, elsewhere by its Message-ID; '' where there is none."""
    from urllib.parse import quote

    bare = message_id.strip("<>")
    if not bare:
        return ""
    if host.endswith((".gmail.com", ".googlemail.com")):
        return f"https://mail.google.com/mail/#search/rfc822msgid:{quote(bare, safe='@')}"
    return f"mid:{quote(bare, safe='@')}"
