"""Where this computer seems to be, and which language its owner speaks: what `setup` proposes."""

from __future__ import annotations

import os

from assistant.host.clock import zone_name

_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")


def likely_country() -> str:
    """The country of the computer's time zone, else of its locale, as two letters; '' where neither tells."""
    from babel.core import get_global

    by_zone = str(get_global("zone_territories").get(zone_name(), ""))
    return by_zone if len(by_zone) == 2 and by_zone != "ZZ" else _locale().partition("_")[2][:2].upper()


def likely_language(country: str) -> str:
    """The language of the computer where it is one of ours, else one spoken in the country, else English."""
    spoken = _locale().partition("_")[0]
    if spoken in _LANGUAGES:
        return spoken
    from babel.languages import get_official_languages

    official = get_official_languages(country, regional=False, de_facto=True) if country else ()
    return next((str(language) for language in official if language in _LANGUAGES), "en")


def _locale() -> str:
    """'fr_FR' of the environment; '' where it is that of no place (C, POSIX)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").partition(".")[0]
        if value and value not in ("C", "POSIX"):
            return value
    return ""
