"""The labelled messages: reading them, and grouping those whose wording is nearly the same."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from assistant.features import plain, tokens

MESSAGES = Path(__file__).parent.parent / "messages"
LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled message (tests/messages/FORMAT.md). `origin` is 'shared', 'more' or 'phrase'."""

    side: str
    kind: str
    subject: str
    text: str
    proof: str
    language: str
    origin: str


def load(side: str) -> list[Labelled]:
    """All labelled messages of one side, in the order of the files; of 'reaction' those of the owner's follow-ups."""
    if side == "reaction":
        return [m for path in sorted((MESSAGES / "reactions").glob("*.jsonl")) for m in _reactions(path)]
    found = [m for path in sorted(MESSAGES.glob("*.jsonl")) for m in _read(path, "shared")]
    found += [m for path in sorted((MESSAGES / "more").glob("*.jsonl")) for m in _read(path, "more")]
    found += [m for path in sorted((MESSAGES / "phrases").glob("*.txt")) for m in _phrases(path)]
    return [m for m in found if m.side == side]


def _reactions(path: Path) -> list[Labelled]:
    """How the owner reacts to what the customer wrote before (kinds.Reaction)."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [_labelled({"side": "reaction", "kind": row.pop("reaction"), **row}, path.stem, "more") for row in rows]


def _phrases(path: Path) -> list[Labelled]:
    """A file of phrases, one a line: '# kind' opens those of a customer's kind, '# owner kind' those of an owner's."""
    found: list[Labelled] = []
    side, kind = "customer", ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# "):
            *speaker, kind = line[2:].split()
            side = "owner" if speaker else "customer"
        elif line.strip():
            found.append(Labelled(side, kind, "", line, line, path.stem[:2], "phrase"))
    return found


def _read(path: Path, origin: str) -> list[Labelled]:
    return [
        _labelled(json.loads(line), path.stem.removeprefix("owner-")[:2], origin)
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]


def _labelled(row: dict[str, str], language: str, origin: str) -> Labelled:
    return Labelled(
        side=row["side"],
        kind=row["kind"],
        subject=row.get("subject", ""),
        text=row["text"],
        proof=row.get("proof") or "",
        language=row.get("language", language),
        origin=origin,
    )


def near_duplicates(messages: list[Labelled], alike: float = 0.4) -> list[int]:
    """A group number for each message; messages that share this part of their four-word shingles share the group."""
    shingles = [_shingles(message) for message in messages]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, found in enumerate(shingles):
        for shingle in found:
            holders[shingle].append(number)
    parent = list(range(len(messages)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    for number, found in enumerate(shingles):
        common: dict[int, int] = defaultdict(int)
        for shingle in found:
            if len(holders[shingle]) < 60:
                for other in holders[shingle]:
                    common[other] += other < number
        for other, shared in common.items():
            if shared >= alike * min(len(found), len(shingles[other])):
                parent[root(number)] = root(other)
    return [root(number) for number in range(len(messages))]


def _shingles(message: Labelled) -> set[str]:
    words = tokens(message.text[:5000])
    return {" ".join(words[at : at + 4]) for at in range(max(1, len(words) - 3))}


def overlaps(sentence: str, proof: str) -> bool:
    """Whether a sentence holds (a good part of) the proof."""
    one, other = plain(" ".join(sentence.split())), plain(" ".join(proof.split()))
    if not other:
        return False
    if other in one:
        return True
    return (
        (len(one) >= 12 and one in other)
        or (len(one) >= 20 and (one[-20:] in other or one[:20] in other))
        or (len(other) >= 20 and (other[:20] in one or other[-20:] in one))
    )
