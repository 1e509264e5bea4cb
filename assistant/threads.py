"""Envelopes → threads: which messages belong to one conversation.

Each message has keys; messages that share a key are one thread. Keys come from Message-ID, References and In-Reply-To
(RFC 5256's REFERENCES, without its dummy messages), from Exchange's Thread-Index root, and from the server's own thread
number where it has one. A reply that carries none of them finds its thread by subject and participants, carefully.

Pure, and incremental: what is already known comes in as a mapping key → thread, what is new goes out as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from assistant.headers import Envelope

MOST_REFERENCES = 20
LONGEST_SILENCE = 180 * 86400
"""A reply without references joins a thread that began at most this many seconds before it."""

_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|rép|rep|réf|ref|sv|vs|r|rif|res|resp|rv|ynt|odp|tr|wg|fw|fwd|i|enc|doorst)"
    r"(?:\[\d{1,3}\])?\s{0,3}:\s*",
    re.IGNORECASE,
)
_AFTER_ONE = "QRSTUVWXYZabcdef"  # what may follow in base64 where the first byte is 1
_CACHE_SIZE = 8_192
_key_cache: dict[str, int] = {}
_base_cache: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining a batch came to: the thread of every message, keys to remember, and threads that became one."""

    threads: Sequence[int]
    keys: Mapping[int, int]
    merged: Mapping[int, int] = field(default_factory=dict)


def key(text: str) -> int:
    """A stable signed 64-bit number for an identifier (it fits SQLite's INTEGER)."""
    known = _key_cache.get(text)
    if known is None:
        known = digest(text)
        if len(_key_cache) >= _CACHE_SIZE:
            _key_cache.clear()
        _key_cache[text] = known
    return known


def digest(text: str) -> int:
    """`key` without its memory: for texts that do not come again."""
    raw = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True)


def keys(envelope: Envelope, server_thread: str = "") -> tuple[int, ...]:
    """The keys of a message, its Message-ID's first.

    `server_thread` is X-GM-THRID or THREADID (RFC 8474), '' where there is none. Of very long References the first and
    the last ones count. A message without any key gets one of its own.
    """
    message_id, timestamp, sender, _, _, _, subject, answered, names, index, _ = envelope
    if answered and answered[-1] not in names:
        names += answered
    if len(names) > MOST_REFERENCES:
        names = (names[0], *names[-MOST_REFERENCES + 1 :])
    found = [key(name) for name in names]
    if message_id:
        found.insert(0, key(message_id))
    if index and (root := _exchange_root(index, subject)):
        found.append(key(root))
    if server_thread:
        found.append(key("server thread " + server_thread))
    if not found:
        found.append(key(f"nameless {timestamp} {sender} {subject}"))
    return tuple(found)


def _exchange_root(index: str, subject: str) -> str:
    """The conversation that Thread-Index names ([MS-OXOMSG] 2.2.1.3); '' for an index that does not begin with byte 1.

    Its first 22 bytes are the same in a whole conversation: 29 letters of base64 and a bit. Machines send one index
    with every mail; the subject keeps those apart.
    """
    if len(index) < 30 or index[0] != "A" or index[1] not in _AFTER_ONE:
        return ""
    return f"exchange {index[:29]} {base_subject(subject)}"


def join(messages: Iterable[Sequence[int]], known: Mapping[int, int], fresh: Callable[[], int]) -> Joined:
    """Put messages, given by their keys, into threads. `known` holds the thread of every key seen before.

    Where a message links two threads the one with the lower number swallows the other. Re-joining changes nothing.
    """
    found: dict[int, int] = {}
    parent: dict[int, int] = {}
    threads = []
    for names in messages:
        thread = None
        for name in names:
            other = found.get(name)
            if other is None:
                other = known.get(name)
                if other is None:
                    continue
                found[name] = other
            if other != thread:
                thread = other if thread is None else _unite(thread, other, parent)
        if thread is None:
            thread = fresh()
        for name in names:
            if name not in found:
                found[name] = thread
        threads.append(thread)
    if not parent:
        return Joined(threads, {name: thread for name, thread in found.items() if name not in known})
    return _settle(threads, found, parent, known)


def _settle(threads: list[int], found: dict[int, int], parent: dict[int, int], known: Mapping[int, int]) -> Joined:
    merged = {thread: root for thread in parent if (root := _root(thread, parent)) != thread}
    settled = {name: merged.get(thread, thread) for name, thread in found.items()}
    return Joined(
        [merged.get(thread, thread) for thread in threads],
        {name: thread for name, thread in settled.items() if known.get(name) != thread},
        merged,
    )


def _root(thread: int, parent: Mapping[int, int]) -> int:
    while (above := parent.get(thread, thread)) != thread:
        thread = above
    return thread


def _unite(one: int, other: int, parent: dict[int, int]) -> int:
    low, high = sorted((_root(one, parent), _root(other, parent)))
    if low != high:
        parent[high] = low
    return low


def bare_subject(subject: str) -> str:
    """The subject without reply and forward marks of any language (RFC 5256 §2.1, shortened)."""
    text = subject[:500].strip()
    for _ in range(20):
        found = _REPLY.match(text)
        if not found:
            break
        text = text[found.end() :]
    return text


def base_subject(subject: str) -> str:
    """The bare subject in lower case with single spaces: equal for what people see as the same."""
    known = _base_cache.get(subject)
    if known is None:
        known = " ".join(bare_subject(subject).casefold().split())
        if len(_base_cache) >= _CACHE_SIZE:
            _base_cache.clear()
        _base_cache[subject] = known
    return known


def looks_like_reply(subject: str) -> bool:
    """Whether the subject begins with a mark of reply or forward."""
    return _REPLY.match(subject.lstrip()) is not None


def starter_key(envelope: Envelope) -> int | None:
    """The key under which lost replies look for this message: only where it begins a conversation."""
    if envelope.references or envelope.in_reply_to or looks_like_reply(envelope.subject):
        return None
    return subject_key(envelope)


def subject_key(envelope: Envelope) -> int | None:
    """The key of a subject without its marks; None for one that says too little."""
    base = base_subject(envelope.subject)
    return key("subject " + base) if len(base) >= 8 else None


def answers(reply: Envelope, starter: Envelope) -> bool:
    """Whether a reply without usable references can be an answer in the conversation that `starter` began.

    Both subjects are the same but for the mark, each writer is among the other's recipients, and the reply came within
    180 days after. Anything less would put a customer's yes into another customer's thread.
    """
    if reply.sender is None or starter.sender is None or reply.timestamp is None or starter.timestamp is None:
        return False
    if not 0 <= reply.timestamp - starter.timestamp <= LONGEST_SILENCE:
        return False
    if not looks_like_reply(reply.subject) or base_subject(reply.subject) != base_subject(starter.subject):
        return False
    return _reaches(starter, reply.sender.email) and _reaches(reply, starter.sender.email)


def _reaches(envelope: Envelope, email: str) -> bool:
    return any(person.email == email for person in envelope.to + envelope.cc)


def find_threads(envelopes: Sequence[Envelope]) -> list[list[int]]:
    """All at once: the positions of the messages of each thread, threads by their first message, fallbacks included."""
    from itertools import count

    numbers = count()
    threads = list(join((keys(envelope) for envelope in envelopes), {}, lambda: next(numbers)).threads)
    for thread, into in adoptions(envelopes, threads).items():
        threads = [into if each == thread else each for each in threads]
    groups: dict[int, list[int]] = {}
    for position, thread in enumerate(threads):
        groups.setdefault(thread, []).append(position)
    return list(groups.values())


def adoptions(envelopes: Sequence[Envelope], threads: Sequence[int]) -> dict[int, int]:
    """Threads that begin with a lost reply → the thread it answers (the latest that fits)."""
    starters: dict[int, list[int]] = {}
    first: dict[int, int] = {}
    for position, (envelope, thread) in enumerate(zip(envelopes, threads, strict=True)):
        if thread not in first or (envelope.timestamp or 0) < (envelopes[first[thread]].timestamp or 0):
            first[thread] = position
        name = starter_key(envelope)
        if name is not None:
            starters.setdefault(name, []).append(position)
    found = {}
    for thread, position in first.items():
        reply = envelopes[position]
        if not looks_like_reply(reply.subject):
            continue
        fitting = [
            place for place in starters.get(subject_key(reply) or 0, ())
            if threads[place] != thread and answers(reply, envelopes[place])
        ]  # fmt: skip
        if fitting:
            found[thread] = threads[max(fitting, key=lambda place: envelopes[place].timestamp or 0)]
    return found
