"""What can go wrong, and what the owner should do about it.

    OfferAssistantError            exit code   the owner …
    ├── UsageError                 2           mends the command line
    ├── ConfigurationError         2           mends the configuration (all problems at once)
    ├── NeedsOwner                 3           must act; nothing is retried
    │   ├── LoginRefused                       logs in again
    │   ├── CertificateRefused                 looks at the certificate
    │   ├── FolderMissing                      makes or names a folder
    │   ├── SecretUnavailable                  unlocks the keyring
    │   ├── TemplateBroken                     mends a template
    │   └── DraftRefused                       reads why there is no draft
    ├── Temporary                  75          waits; the program backs off and tries again
    │   ├── Unreachable                        (offline, name not found, connection refused, cut)
    │   ├── Throttled                          (`retry_after` seconds where the server says so)
    │   ├── ServerUnavailable                  (restarting, too many connections, internal error)
    │   └── Busy                               (another process holds the account's lock)
    ├── ProtocolError              1           reports a bug: the server said what IMAP does not allow
    └── StoreUnreadable            1           moves the store away; it is rebuilt

Every error has a `code` (stable, for --json), a message of one sentence, and a `hint` naming the next step.
"""

from __future__ import annotations

from collections.abc import Sequence


class OfferAssistantError(Exception):
    """Base of all expected errors."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(OfferAssistantError):
    code = "usage"
    exit_code = 2


class ConfigurationError(OfferAssistantError):
    """All problems of a configuration at once: `problems` are (key, what is wrong, hint)."""

    code = "configuration"
    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class NeedsOwner(OfferAssistantError):
    code = "needs-owner"
    exit_code = 3


class LoginRefused(NeedsOwner):
    """The server said no to these credentials; they are never tried twice (RFC 5530 AUTHENTICATIONFAILED)."""

    code = "login-refused"


class CertificateRefused(NeedsOwner):
    code = "certificate-refused"


class FolderMissing(NeedsOwner):
    code = "folder-missing"


class SecretUnavailable(NeedsOwner):
    code = "secret-unavailable"


class TemplateBroken(NeedsOwner):
    code = "template-broken"


class DraftRefused(NeedsOwner):
    code = "draft-refused"


class Temporary(OfferAssistantError):
    code = "temporary"
    exit_code = 75
    retry_after: float | None = None


class Unreachable(Temporary):
    code = "unreachable"


class Throttled(Temporary):
    """The server asks for a pause: `retry_after` in seconds, None where it names none."""

    code = "throttled"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ServerUnavailable(Temporary):
    code = "server-unavailable"


class Busy(Temporary):
    code = "busy"


class ProtocolError(OfferAssistantError):
    code = "protocol"


class StoreUnreadable(OfferAssistantError):
    code = "store-unreadable"
