from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.policy import end_of_day, is_working_day, working_days_after
from assistant.zones import country_zone


@pytest.mark.parametrize(
    ("day", "count", "country", "expected"),
    [
        (date(2026, 3, 31), 3, "FR", date(2026, 4, 3)),  # a Tuesday
        (date(2026, 4, 3), 1, "FR", date(2026, 4, 7)),  # Good Friday is worked in France; Easter Monday is not
        (date(2026, 4, 3), 1, "DE", date(2026, 4, 7)),
        (date(2026, 12, 23), 3, "GB", date(2026, 12, 30)),  # Christmas, and Boxing Day made up for on Monday
        (date(2026, 4, 2), 1, "GB", date(2026, 4, 7)),  # Good Friday and Easter Monday in England
        (date(2026, 7, 3), 1, "US", date(2026, 7, 6)),
        (date(2026, 5, 16), 0, "FR", date(2026, 5, 18)),  # a Saturday: the first working day from it on
        (date(2026, 5, 1), 1, "XX", date(2026, 5, 4)),  # an unknown country has no holidays
    ],
)
def test_working_days_skip_weekends_and_the_country_s_holidays(
    day: date, count: int, country: str, expected: date
) -> None:
    assert working_days_after(day, count, country) == expected


def test_labour_day_is_a_holiday_in_france_and_not_in_the_netherlands() -> None:
    assert not is_working_day(date(2026, 5, 1), "FR")
    assert is_working_day(date(2026, 5, 1), "NL")


def test_a_day_ends_at_midnight_where_the_owner_works_also_when_clocks_change() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert end_of_day(date(2026, 3, 28), paris) == datetime(2026, 3, 29, 0, 0, tzinfo=paris)
    assert end_of_day(date(2026, 3, 29), paris).utcoffset() != end_of_day(date(2026, 3, 28), paris).utcoffset()


@pytest.mark.parametrize(
    ("country", "computer", "expected"),
    [
        ("FR", "", "Europe/Paris"),
        ("FR", "Asia/Tokyo", "Europe/Paris"),  # a travelling laptop
        ("US", "America/Denver", "America/Denver"),  # the computer's zone belongs to the country
        ("US", "Etc/UTC", "America/New_York"),
        ("PT", "Atlantic/Azores", "Atlantic/Azores"),
        ("JP", "", "Asia/Tokyo"),
        ("XX", "", "UTC"),
    ],
)
def test_the_zone_is_the_computer_s_where_it_belongs_to_the_country(country: str, computer: str, expected: str) -> None:
    assert country_zone(country, computer).key == expected
