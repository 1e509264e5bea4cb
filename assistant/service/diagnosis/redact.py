"""A diagnosis without anything personal: no address, name, host, folder of the home, or path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.config import Config
from assistant.service.diagnosis.finding import Finding

_ADDRESS = re.compile(r"[^\s@<>()'\"]{1,64}@[^\s@<>()'\",;]{1,255}")
_NUMBERS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}\b")
_PATH = re.compile(r"(?<![\w.>/\\])(?:~|[A-Za-z]:)?[/\\][^\s'\",;]{1,400}")
_FINGERPRINT = re.compile(r"\b[0-9a-f]{64}\b")


def redacted(findings: Sequence[Finding], config: Config | None) -> list[Finding]:
    """The same findings; what the configuration names, addresses, IP numbers and paths are replaced."""
    words = sorted(_personal(config), key=lambda pair: -len(pair[0]))

    def clean(text: str) -> str:
        for word, stand_in in words:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", stand_in, text, flags=re.IGNORECASE)
        text = _ADDRESS.sub("<address>", _PATH.sub("<path>", text))
        return _FINGERPRINT.sub("<fingerprint>", _NUMBERS.sub("<number>", text))

    return [replace(f, message=clean(f.message), remedy=clean(f.remedy)) for f in findings]


def _personal(config: Config | None) -> Iterator[tuple[str, str]]:
    if config is None:
        return
    yield from ((address, "<address>") for address in config.owner.addresses)
    yield from ((address.rpartition("@")[2], "<domain>") for address in config.owner.addresses)
    if config.owner.name:
        yield config.owner.name, "<owner>"
    for number, account in enumerate(config.accounts, 1):
        yield account.user, "<user>"
        yield account.host, f"<host {number}>"
        if account.name != "default":
            yield account.name, f"<account {number}>"
        yield from ((name, f"<{role} folder>") for role, name in account.folders.items())
