"""What may be wrong, looked at piece by piece: each finding is ok, warning or error, and says what to do.

here     this computer: store, register, templates, disk, quarantine, the last cycle
there    an account: its name, certificate, login, folders, quota, clock
redact   the same findings without anything personal, to be attached to a bug report
"""

from assistant.service.diagnosis.finding import Finding, of_error

__all__ = ["Finding", "of_error"]
