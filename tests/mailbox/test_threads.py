"""Which messages belong to one conversation."""

from __future__ import annotations

import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.headers import Envelope
from assistant.messages import Address
from assistant.threads import base_subject, find_threads, join, keys, looks_like_reply

CLAIRE, PAUL, ANNE = (
    Address("", name) for name in ("claire@trivaleo.example", "paul@sogedec.example", "anne@b.example")
)
DAY = 86_400


def wrote(
    sender: Address, *to: Address, at: int = 0, subject: str = "Proposition flotte", message_id: str = "",
    references: str = "", in_reply_to: str = "", thread_index: str = "",
) -> Envelope:  # fmt: skip
    return Envelope(
        message_id=f"<{message_id}>" if message_id else "", timestamp=1_700_000_000 + at * DAY, sender=sender, to=to,
        subject=subject, references=tuple(f"<{each}>" for each in references.split()), thread_index=thread_index,
        in_reply_to=tuple(f"<{each}>" for each in in_reply_to.split()),
    )  # fmt: skip


def test_references_and_in_reply_to_join() -> None:
    assert find_threads([
        wrote(CLAIRE, PAUL, message_id="1"),
        wrote(PAUL, CLAIRE, message_id="2", in_reply_to="1", subject="Tout autre chose"),
        wrote(CLAIRE, PAUL, message_id="3", references="1 2"),
        wrote(ANNE, CLAIRE, message_id="9", subject="Facture"),
    ]) == [[0, 1, 2], [3]]  # fmt: skip


def test_two_replies_to_a_message_that_is_not_here_belong_together() -> None:
    assert find_threads([wrote(PAUL, CLAIRE, message_id="2", references="1"),
                         wrote(ANNE, CLAIRE, message_id="3", references="1")]) == [[0, 1]]  # fmt: skip


def test_a_thread_index_joins_where_exchange_cut_the_references() -> None:
    root = "AQHbexampleexampleexampleexample"
    assert find_threads([
        wrote(CLAIRE, PAUL, message_id="1", thread_index=root),
        wrote(PAUL, CLAIRE, message_id="2", thread_index=root + "AAAA", subject="RE: Proposition flotte"),
    ]) == [[0, 1]]  # fmt: skip


@pytest.mark.parametrize("index", ["AQHbshort", "ZZHbexampleexampleexampleexample", ""])
def test_a_thread_index_that_names_no_conversation_joins_nothing(index: str) -> None:
    assert len(find_threads([wrote(CLAIRE, PAUL, message_id="1", thread_index=index),
                             wrote(CLAIRE, ANNE, message_id="2", thread_index=index)])) == 2  # fmt: skip


def test_a_machine_that_sends_one_index_with_every_mail_glues_nothing() -> None:
    root = "AQHbexampleexampleexampleexample"
    found = [wrote(ANNE, CLAIRE, message_id=str(n), thread_index=root, subject=f"Alerte {n}") for n in range(3)]
    assert len(find_threads(found)) == 3


def test_a_reply_without_references_finds_its_offer_by_subject_and_people() -> None:
    assert find_threads([
        wrote(CLAIRE, PAUL, message_id="1"),
        wrote(CLAIRE, ANNE, message_id="2"),
        wrote(PAUL, CLAIRE, message_id="3", subject="Re: Proposition flotte", at=20),
    ]) == [[0, 2], [1]]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (wrote(PAUL, CLAIRE, message_id="3", at=20), "no mark of reply"),
        (wrote(PAUL, CLAIRE, message_id="3", subject="Re: Proposition flotte", at=200), "after half a year"),
        (wrote(PAUL, CLAIRE, message_id="3", subject="Re: Proposition flotte", at=-1), "before the offer"),
        (wrote(PAUL, CLAIRE, message_id="3", subject="Re: Autre chose", at=20), "another subject"),
        (wrote(ANNE, CLAIRE, message_id="3", subject="Re: Proposition flotte", at=20), "somebody who never got it"),
        (wrote(PAUL, ANNE, message_id="3", subject="Re: Proposition flotte", at=20), "written to somebody else"),
    ],
)
def test_anything_less_joins_nothing(reply: Envelope, why: str) -> None:
    assert find_threads([wrote(CLAIRE, PAUL, message_id="1"), reply]) == [[0], [1]], why


def test_of_two_offers_with_one_subject_the_latest_before_the_reply_is_meant() -> None:
    assert find_threads([
        wrote(CLAIRE, PAUL, message_id="1"),
        wrote(CLAIRE, PAUL, message_id="2", at=30),
        wrote(PAUL, CLAIRE, message_id="3", subject="RE : Proposition flotte", at=40),
    ]) == [[0], [1, 2]]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: Fwd: RE[2]: Offre", "offre"),
        ("AW: WG: Angebot", "angebot"),
        ("TR : Réf: Devis  n° 5", "devis n° 5"),
        ("RES: ENC: Proposta", "proposta"),
        ("Reprise des essais", "reprise des essais"),
        ("Re:" * 1000, ""),
    ],
)
def test_marks_of_reply_in_many_languages_come_off(subject: str, base: str) -> None:
    found = base_subject(subject)
    assert found == base or (base == "" and looks_like_reply(subject))


MESSAGES = st.lists(
    st.tuples(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=3)), min_size=1, max_size=25
)  # fmt: skip


@given(MESSAGES, st.randoms())
def test_threads_do_not_depend_on_the_order_or_the_batches(
    links: list[tuple[int, list[int]]], chance: random.Random
) -> None:
    envelopes = [
        wrote(CLAIRE, PAUL, message_id=f"{own}.{place}", references=" ".join(f"{other}.0" for other in others))
        for place, (own, others) in enumerate(links)
    ]
    shuffled = list(range(len(envelopes)))
    chance.shuffle(shuffled)
    at_once = join([keys(envelope) for envelope in envelopes], {}, count().__next__).threads
    assert groups(at_once) == groups(_in_batches(envelopes, shuffled))


def _in_batches(envelopes: list[Envelope], order: list[int]) -> list[int]:
    known: dict[int, int] = {}
    fresh = count().__next__
    threads: dict[int, int] = {}
    for place in order:
        joined = join([keys(envelopes[place])], known, fresh)
        known = {name: joined.merged.get(thread, thread) for name, thread in known.items()} | dict(joined.keys)
        threads = {other: joined.merged.get(thread, thread) for other, thread in threads.items()}
        threads[place] = joined.threads[0]
    return [threads[place] for place in range(len(envelopes))]


def groups(threads: object) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for place, thread in enumerate(threads):  # type: ignore[arg-type, var-annotated]
        found.setdefault(thread, set()).add(place)
    return {frozenset(group) for group in found.values()}
