"""The cases of tests/cases, judged without a server: the same parsing, threading and rules as on a real account.

`python -m tests.judgement.cases [FOLDER] [NAME …]` prints what differs from the right answer, and the tables of
docs/judgement.md; with names the story of each case that is wrong.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.config import Owner
from assistant.customers import House
from assistant.documents import Document, extract_texts
from assistant.headers import read_header
from assistant.matters import find_matters
from assistant.messages import Message, parse_message
from assistant.offers import Matter, Proposal
from assistant.policy import Policy
from assistant.threads import find_threads
from assistant.timeline import build_timeline
from assistant.understanding import Understood, understand
from assistant.verdict import Verdict, decide
from assistant.zones import country_zone
from tests.mailbuilder import Case, build, load_case, message_id

CASES = Path(__file__).parent.parent / "cases"


@dataclass
class Judged:
    """One case with what the program makes of it."""

    case: Case
    heard: list[Understood]
    found: list[tuple[Matter, Verdict]]
    wrong: list[str] = field(default_factory=list)


def read(case: Case, raws: Iterable[bytes]) -> list[Message]:
    messages = [parse_message(raw, fallback=case.now) for raw in raws]
    files = [a for m in messages for a in m.attachments]
    texts = iter(extract_texts([Document(a.content, a.name, a.content_type) for a in files]) if files else ())
    return [
        replace(m, attachments=tuple(replace(a, content=b"", text=next(texts).text) for a in m.attachments))
        for m in messages
    ]


def judge(case: Case) -> Judged:
    """Reads and judges a case; `wrong` lists every difference from the right answer."""
    owner = Owner("Owner", case.owner, case.country, case.language)
    house = House.of(owner)
    policy = Policy(case.country, country_zone(case.country))
    raws = [raw for _, raw, at in build(case) if at <= case.now]
    envelopes = [read_header(raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n") for raw in raws]
    messages = read(case, raws)
    heard = [understand(m, house, policy, language=case.language) for m in messages]
    threads = find_threads(envelopes)
    thread_of = {messages[i].message_id: number for number, members in enumerate(threads) for i in members}
    proposals = [Proposal(**row) for row in case.registered]
    matters = find_matters(heard, thread_of, proposals, house, policy.timezone)
    judged = Judged(case, heard, [(m, decide(m, (), policy, case.now)) for m in matters])
    judged.wrong = differences(judged)
    return judged


def differences(judged: Judged) -> list[str]:
    case = judged.case
    wrong = []
    found = {_key(m): (m, v) for m, v in judged.found}
    for expected in case.expected:
        handle = expected.get("message")
        key = message_id(case, handle) if handle else "registered:" + expected.get("reference", "")
        if key not in found:
            wrong.append(f"missed offer {handle}")
            continue
        matter, verdict = found.pop(key)
        for name, want, got in (
            ("valid_until", expected.get("valid_until"), verdict.valid_until),
            ("state", expected["state"], verdict.state.value),
            ("draft", expected["draft"], verdict.due == "withdrawal"),
            ("reference", expected.get("reference"), matter.offer.reference),
            ("pilot", expected.get("pilot", False), verdict.pilot),
        ):
            if want != got:
                wrong.append(f"{handle}.{name}: {got} instead of {want}")
    wrong += [f"false offer {key}" for key in found]
    return wrong


def _key(matter: Matter) -> str:
    return matter.offer.message.message_id if matter.offer.message else f"registered:{matter.offer.reference or ''}"


def kinds(judged: Judged) -> list[tuple[str, str, str]]:
    """(handle, true kind, kind read) of every message, in its context."""
    read_kinds = {u.message_id: u.reading.kind.value for u in judged.heard}
    for matter, _ in judged.found:
        read_kinds |= {e.message_id: e.kind.value for e in build_timeline(matter)}
    return [
        (m["id"], m["kind"], read_kinds.get(message_id(judged.case, m["id"]), "missing")) for m in judged.case.messages
    ]


def main(names: list[str]) -> None:
    folder = Path(names.pop(0)) if names and Path(names[0]).is_dir() else CASES
    paths = sorted(folder.glob("*/*.toml"))
    cases = [load_case(p) for p in paths if not names or any(n in str(p) for n in names)]
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    confusion: Counter[tuple[str, str]] = Counter()
    for case in cases:
        judged = judge(case)
        _count(judged, totals, confusion)
        if judged.wrong:
            print(f"✗ {case.name}: {'; '.join(judged.wrong)}")
            if names:
                explain(judged)
    _print_tables(totals, confusion)


def _count(judged: Judged, totals: dict[str, Counter[str]], confusion: Counter[tuple[str, str]]) -> None:
    for language in (judged.case.language, "all"):
        total = totals[language]
        total["cases"] += 1
        total["right"] += not judged.wrong
        total["offers"] += len(judged.case.expected)
        for word in ("missed", "false", "state", "valid_until", "reference", "pilot", "draft"):
            total[word] += sum(word in w.split(":")[0].replace(".", " ").split() for w in judged.wrong)
        total["dangerous"] += _dangerous(judged)
        total["attention"] += sum(bool(v.attention and v.attention.code != "undated") for _, v in judged.found)
    for _, want, got in kinds(judged):
        confusion[want, got] += 1


def _dangerous(judged: Judged) -> int:
    """Drafts where none is due."""
    due = {message_id(judged.case, e["message"]) for e in judged.case.expected if e["draft"] and "message" in e}
    return sum(v.due is not None and m.offer.message is not None and _key(m) not in due for m, v in judged.found)


def _print_tables(totals: dict[str, Counter[str]], confusion: Counter[tuple[str, str]]) -> None:
    columns = ("cases", "right", "offers", "missed", "false", "state", "valid_until", "draft", "reference", "pilot",
               "dangerous", "attention")  # fmt: skip
    print("| language | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for language in sorted(totals, key=lambda x: (x == "all", x)):
        print(f"| {language} | " + " | ".join(str(totals[language][c]) for c in columns) + " |")
    mistakes = [(n, pair) for pair, n in confusion.items() if pair[0] != pair[1]]
    right = sum(n for pair, n in confusion.items() if pair[0] == pair[1])
    print(f"\nkinds of messages in context: {right} of {sum(confusion.values())} right")
    for n, (want, got) in sorted(mistakes, reverse=True):
        print(f"  {n} {want} read as {got}")


def explain(judged: Judged) -> None:
    for matter, verdict in judged.found:
        print("   ", matter.offer.client, matter.offer.reference, verdict.state, verdict.valid_until, verdict.attention)
        for event in build_timeline(matter):
            print(f"      {event.at:%Y-%m-%d} {event.by:9} {event.kind:12} {event.confidence:.2f} doubt {event.doubt:.2f}"
                  f" asks {event.asks:.2f} {event.promised or ''} {event.valid_until or ''} {event.quote[:70]!r}")  # fmt: skip
    for handle, want, got in kinds(judged):
        if want != got:
            print(f"      kind of {handle}: {got} instead of {want}")


def table(cases: Iterable[Case]) -> dict[str, Any]:
    """Case name → what is wrong with it, for the tests."""
    return {case.name: judge(case).wrong for case in cases}


if __name__ == "__main__":
    main(sys.argv[1:])
