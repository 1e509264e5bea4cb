"""Who the owner is: name, addresses, country, language. Most of it is proposed, from Sent and from the computer."""

from __future__ import annotations

from typing import Any

from assistant.cli.setup.asking import LANGUAGES, Asking, a_country, a_word, an_address, one_of
from assistant.host.clock import zone_name
from assistant.host.region import likely_country, likely_language
from assistant.service.first_look import Writer
from assistant.zones import country_zone


def owner_details(asking: Asking, before: dict[str, Any], address: str, writer: Writer) -> dict[str, Any]:
    """The table [owner] of the configuration."""
    found = before.get("owner")
    known: dict[str, Any] = found if isinstance(found, dict) else {}
    asking.say()
    addresses = _addresses(asking, known, address, writer)
    name = asking.ask("name", "Your name, as you sign", a_word, str(known.get("name") or writer.name))
    country = asking.ask(
        "country", "The country you work in (two letters)", a_country, str(known.get("country") or likely_country())
    )
    language = asking.ask(
        "language", f"Your language ({', '.join(LANGUAGES)})", one_of(*LANGUAGES),
        str(known.get("language") or likely_language(country)),
    )  # fmt: skip
    moved = str(known.get("country", "")).upper() != country
    zone = known.get("timezone") if not moved else None
    return {
        "name": name,
        "addresses": addresses,
        "country": country,
        "language": language,
        "timezone": zone or country_zone(country, zone_name()).key,
    }


def _addresses(asking: Asking, known: dict[str, Any], address: str, writer: Writer) -> list[str]:
    """All addresses of the owner, the main one first; those found in Sent are his only if he says so."""
    listed = known.get("addresses")
    before = [str(a) for a in listed] if isinstance(listed, list) else []
    ours = before if address in before else [*before, address]
    ours = [*ours, *(asking.checked("alias", alias, an_address) for alias in asking.flags.get("alias") or ())]
    others = [a for a in writer.addresses if a not in ours]
    if others:
        asking.say(f"Sent holds mail from {', '.join(others)} too.")
        if asking.interactive and asking.confirm("Are all of these yours", True):
            ours += others
    return list(dict.fromkeys(ours))
