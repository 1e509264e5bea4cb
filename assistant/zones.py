"""The time zone of a country: the computer's where it belongs to the country, else the country's most populous one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

# IANA tzdata, zone1970.tab: countries of more than one zone with the zone where most people live; the rest have one.
_MOST_POPULOUS = {
    "AR": "America/Argentina/Buenos_Aires", "AT": "Europe/Vienna", "AU": "Australia/Sydney", "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CH": "Europe/Zurich", "CL": "America/Santiago",
    "CO": "America/Bogota", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GB": "Europe/London", "GR": "Europe/Athens", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IN": "Asia/Kolkata",
    "IT": "Europe/Rome", "LU": "Europe/Luxembourg", "MA": "Africa/Casablanca", "MC": "Europe/Monaco",
    "MX": "America/Mexico_City", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NZ": "Pacific/Auckland",
    "PE": "America/Lima", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm", "SN": "Africa/Dakar", "TN": "Africa/Tunis",
    "US": "America/New_York", "UY": "America/Montevideo",
    "ZA": "Africa/Johannesburg", "DZ": "Africa/Algiers", "CI": "Africa/Abidjan", "AO": "Africa/Luanda",
    "MZ": "Africa/Maputo", "CV": "Atlantic/Cape_Verde",
}  # fmt: skip


def country_zone(country: str, computer: str = "") -> ZoneInfo:
    """The zone of `country` (ISO 3166), given the computer's zone name ('' where unknown). UTC for an unknown country
    of an unknown computer."""
    if computer and _belongs(computer, country):
        return ZoneInfo(computer)
    name = _MOST_POPULOUS.get(country) or _first_of(country) or computer or "UTC"
    return ZoneInfo(name)


def _belongs(zone: str, country: str) -> bool:
    return zone == _MOST_POPULOUS.get(country) or zone in _zones_of(country)


def _first_of(country: str) -> str:
    return next(iter(_zones_of(country)), "")


def _zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country by CLDR, imported only where the table above does not answer."""
    from babel.core import get_global

    territories = get_global("zone_territories")
    return tuple(sorted(zone for zone, territory in territories.items() if territory == country))
