"""What is worth telling the owner, in which words, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import Account, Config, Notify, Owner
from assistant.deadlines import Standing
from assistant.notices import Notice, account_trouble, choose, notices
from assistant.policy import Policy
from assistant.service.telling import Telling
from assistant.store import Database, open_database
from assistant.store.told import ToldStore

PARIS = ZoneInfo("Europe/Paris")
FRANCE = Policy("FR", PARIS)
NOTIFY = Notify()
CONFIG = Config(Owner("Camille", ("c@binalys.example",), "FR"), (Account("work", "h", "u"),), FRANCE)
MONDAY = datetime(2026, 5, 18, 10, tzinfo=PARIS)
DRAFTED = Standing(
    id=3,
    account="work",
    state="lapsed",
    client="Valmontel",
    valid_until=date(2026, 5, 11),
    quote="Nous reviendrons vers vous.",
    due=True,
    draft_id="<d3@binalys.example>",
    draft_kind="withdrawal",
    draft_fate="untouched",
)


def told(standing: Standing, now: datetime = MONDAY, notify: Notify = NOTIFY) -> list[tuple[str, str]]:
    return [(n.title, n.text) for n in notices([standing], notify, FRANCE, now)]


def test_a_draft_that_is_ready_is_told_with_the_draft_to_open() -> None:
    [notice] = notices([DRAFTED], NOTIFY, FRANCE, MONDAY)
    assert (notice.title, notice.text) == (
        "A draft is ready",
        "Offer 3 has lapsed: the withdrawal waits in your Drafts.",
    )
    assert (notice.urgent, notice.draft_id, notice.offer) == (True, "<d3@binalys.example>", 3)


def test_a_draft_taken_back_is_told_and_the_offer_opened_instead() -> None:
    [notice] = notices([replace(DRAFTED, state="your-turn", draft_fate="taken-back")], NOTIFY, FRANCE, MONDAY)
    assert (notice.title, notice.draft_id) == ("Draft taken back", "")


@pytest.mark.parametrize("fate", ["edited", "untouched"])
def test_a_draft_that_should_not_be_sent_any_more_is_an_alarm(fate: str) -> None:
    assert told(replace(DRAFTED, state="accepted", draft_fate=fate))[0][0] == "Do not send this draft"


@pytest.mark.parametrize("fate", ["sent", "deleted", "uncertain"])
def test_a_draft_that_is_gone_is_not_told(fate: str) -> None:
    assert told(replace(DRAFTED, draft_fate=fate)) == []


def test_a_yes_after_the_end_is_an_alarm() -> None:
    late = Standing(4, "work", "accepted", attention="late-acceptance", event_id="<yes@c.example>")
    assert [n[0] for n in told(late)] == ["A late yes"]


@pytest.mark.parametrize(
    ("valid_until", "is_told"),
    [
        (date(2026, 5, 20), True),
        (date(2026, 5, 21), True),  # three working days after Monday
        (date(2026, 5, 22), False),
        (date(2026, 5, 17), False),
        (date(2026, 5, 18), True),
    ],
)
def test_an_offer_that_ends_within_three_working_days(valid_until: date, is_told: bool) -> None:
    assert bool(told(Standing(1, "work", "open", valid_until=valid_until))) is is_told


def test_the_three_working_days_skip_weekend_and_holiday() -> None:
    wednesday = datetime(2026, 5, 13, 10, tzinfo=PARIS)  # the 14th is Ascension Day
    assert told(Standing(1, "work", "open", valid_until=date(2026, 5, 19)), wednesday) == [
        ("An offer ends soon", "Offer 1 ends on Tuesday 19 May.")
    ]


@pytest.mark.parametrize(("asked", "is_told"), [("2026-05-16T10:00", True), ("2026-05-16T10:01", False)])
def test_the_owners_turn_is_told_after_two_days(asked: str, is_told: bool) -> None:
    since = datetime.fromisoformat(asked).replace(tzinfo=PARIS)
    assert bool(told(Standing(1, "work", "your-turn", event_id="<q@c.example>", since=since))) is is_told


def test_a_question_of_the_judgement_is_told_once_for_each_question() -> None:
    asked = Standing(1, "work", "lapsed", attention="mixed-signals", question="Is the message of 3 May a decision?")
    keys = {n.key for q in ("", "", "Another?") for n in notices([replace(asked, question=q)], NOTIFY, FRANCE, MONDAY)}
    assert len(keys) == 2


# -- what may stand on a locked screen --------------------------------------------------------------------------------

_text = st.text(st.characters(categories=("L", "N"), min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=3)


@given(client=_text, quote=_text, question=_text, state=st.sampled_from(["lapsed", "your-turn", "accepted", "open"]))
def test_no_word_of_mail_is_shown_unless_switched_on(client: str, quote: str, question: str, state: str) -> None:
    standing = replace(
        DRAFTED, client=client, quote=quote, question=question, state=state, attention="mixed-signals", since=MONDAY
    )
    text = repr([(n.title, n.text) for n in notices([standing], NOTIFY, FRANCE, MONDAY)])
    assert not any(word in text for word in (client, quote, question))


def test_names_that_the_owner_registered_are_his_own_words() -> None:
    assert "Offer 3 (Valmontel SA)" in told(replace(DRAFTED, registered="Valmontel SA"))[0][1]


def test_words_of_mail_are_shown_where_he_wants_them() -> None:
    late = replace(DRAFTED, attention="late-acceptance", draft_kind="")
    text = told(late, notify=replace(NOTIFY, show_text=True))[0][1]
    assert "Valmontel" in text
    assert "Nous reviendrons vers vous." in text


# -- when -------------------------------------------------------------------------------------------------------------


def notice(key: str, *, urgent: bool = True, title: str = "T", offer: int = 1) -> Notice:
    return Notice(key, title, key, urgent, offer)


def shown(known: list[Notice], now: datetime, told: set[str]) -> list[str]:
    return [n.text for n in choose(known, told, NOTIFY, FRANCE, now).shown]


TODAY = "digest 2026-05-18"


def test_what_is_urgent_is_told_at_once_and_the_rest_waits_for_the_digest() -> None:
    known = [notice("now"), notice("later", urgent=False)]
    assert shown(known, MONDAY, {TODAY}) == ["now"]


def test_nothing_is_told_twice() -> None:
    assert shown([notice("known")], MONDAY, {TODAY, "known"}) == []


@pytest.mark.parametrize("clock", ["20:30", "03:00", "07:59"])
def test_nothing_is_told_in_the_quiet_hours(clock: str) -> None:
    hour, minute = map(int, clock.split(":"))
    assert shown([notice("now")], MONDAY.replace(hour=hour, minute=minute), set()) == []


def test_between_the_quiet_hours_and_the_digest_everything_waits_for_the_digest() -> None:
    assert shown([notice("now")], MONDAY.replace(hour=8, minute=10), set()) == []


def test_the_digest_tells_all_at_once_and_is_told_itself() -> None:
    known = [notice("a", title="A draft is ready", offer=3), notice("b", urgent=False, title="Your turn", offer=5)]
    telling = choose(known, set(), NOTIFY, FRANCE, MONDAY.replace(hour=8, minute=30))
    assert [n.text for n in telling.shown] == ["A draft is ready: offer 3\nYour turn: offer 5"]
    assert telling.keys == (TODAY, "a", "b")


def test_an_empty_digest_is_not_shown_but_is_over() -> None:
    telling = choose([], set(), NOTIFY, FRANCE, MONDAY)
    assert (telling.shown, telling.keys) == ((), (TODAY,))


def test_on_a_weekend_only_what_is_urgent_is_told() -> None:
    saturday = datetime(2026, 5, 16, 10, tzinfo=PARIS)
    assert shown([notice("now"), notice("later", urgent=False)], saturday, set()) == ["now"]


def test_many_urgent_things_are_one_notification() -> None:
    known = [notice(str(n), title="A draft is ready", offer=n) for n in range(1, 9)]
    assert shown(known, MONDAY, {TODAY}) == ["A draft is ready: offers 1, 2, 3, 4, 5, 6, …"]


# -- and remembered ---------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "mail.sqlite") as opened:
        yield opened


def test_what_was_told_is_remembered_by_the_next_daemon(database: Database) -> None:
    screen: list[Notice] = []
    for _ in range(2):
        Telling(ToldStore(database), screen.append).tell([DRAFTED], CONFIG, MONDAY)
    assert [n.title for n in screen] == ["A draft is ready"]


def test_it_is_remembered_before_it_is_shown(database: Database) -> None:
    def screen_that_breaks(notice: Notice) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Telling(ToldStore(database), screen_that_breaks).tell([DRAFTED], CONFIG, MONDAY)
    assert Telling(ToldStore(database), screen_that_breaks).tell([DRAFTED], CONFIG, MONDAY) == 0


def test_a_refused_login_is_told_once_and_again_only_after_it_has_worked(database: Database) -> None:
    screen: list[Notice] = []
    telling = Telling(ToldStore(database), screen.append)
    for over in (False, False, True, False):
        if over:
            telling.is_over("work")
        telling.note(account_trouble("work", "login-refused", stops=True))
        telling.tell([], CONFIG, MONDAY)
    assert [n.title for n in screen] == ["Login needed", "Login needed"]


def test_trouble_of_one_account_is_not_over_when_another_works(database: Database) -> None:
    store = ToldStore(database)
    telling = Telling(store, lambda notice: None)
    telling.note(account_trouble("work", "login-refused", stops=True))
    telling.tell([], CONFIG, MONDAY)
    telling.is_over("wor")
    assert store.told(["trouble work login-refused"])
