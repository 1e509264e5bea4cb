"""One line of the diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.config import Account
from assistant.errors import ConfigurationError, OfferAssistantError

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at (`check`), how it is, in a sentence, and what to do (`remedy`, '' where all is well).

    An error has the `code` and `exit_code` that a command would end with.
    """

    check: str
    level: Level
    message: str
    remedy: str = ""
    code: str = ""
    exit_code: int = 0


def who(account: Account) -> str:
    """How a sentence about an account begins where there may be several; '' for the only one."""
    return "" if account.name == "default" else f"{account.name}: "


def of_error(check: str, error: OfferAssistantError, about: str = "") -> list[Finding]:
    """The finding of an expected error; one for each problem of a configuration. `about` begins the sentence."""
    if isinstance(error, ConfigurationError) and error.problems:
        return [
            Finding(check, "error", f"{key} {problem}", hint, error.code, error.exit_code)
            for key, problem, hint in error.problems
        ]
    return [Finding(check, "error", about + error.message, error.hint, error.code, error.exit_code)]
