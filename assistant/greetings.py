"""The first line of a letter: finding it in an earlier mail, knowing whom it names, and what to say to a stranger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from assistant.customers import fold
from assistant.languages.letters import Letters
from assistant.messages import Address, Message
from assistant.names import name_words, split_name
from assistant.wording import sentence

_LONGEST_LINE = 120
_MOST_WORDS = 10
_MOST_PEOPLE = 50
_ENDS = ",:!?;"
_DASHES = frozenset("-–—")
_MARKS = ",:!?;.-–—…"


@lru_cache(maxsize=16)
def _starters(letters: Letters) -> frozenset[str]:
    """Words that may open a greeting, folded: 'bonjour', 'cher', 'monsieur'."""
    return frozenset(fold(word) for phrase in (*letters.greetings, *letters.titles) for word in phrase.split())


@lru_cache(maxsize=16)
def _vocabulary(letters: Letters) -> frozenset[str]:
    return _starters(letters) | {fold(word) for word in letters.links}


def greeting_of(message: Message, people: Iterable[Address], letters: Letters) -> str:
    """The greeting that opens the message, as written but fit for any hour ('Bonsoir' → 'Bonjour'); '' without one.

    It ends where the greeting ends: 'Bonjour Christelle, bonne année ! Je te …' → 'Bonjour Christelle,'.
    """
    line = next((line.strip() for line in message.text[:2000].splitlines() if line.strip()), "")
    if _is_formal_line(line, letters):
        return line
    names = frozenset(word for person in islice(people, _MOST_PEOPLE) for word in name_words(person))
    words = _greeting_words(line[:_LONGEST_LINE].split()[:_MOST_WORDS], names, letters)
    if not words or (len(line) > _LONGEST_LINE and len(words) == len(line.split())):
        return ""
    return _any_hour(_well_ended(" ".join(words), letters), letters)


def _is_formal_line(line: str, letters: Letters) -> bool:
    """A line of its own that opens with a title: 'Monsieur le Président du conseil syndical,'."""
    words = line[:_LONGEST_LINE].lower().split()
    return 0 < len(words) <= _MOST_WORDS and words[0].strip(_MARKS) in letters.titles and line[-1] in ",:"


def _greeting_words(words: Sequence[str], names: frozenset[str], letters: Letters) -> Sequence[str]:
    """The longest run of whole phrases from the beginning that are made of greeting words and names only."""
    end, fresh, named, opened = 0, True, False, False
    for index, word in enumerate(words):
        core = fold(word).strip(_MARKS)
        known = core in _vocabulary(letters) or f"{core}." in _vocabulary(letters)
        is_name = core in names or (not known and opened and word[:1].isupper())
        if core and not known and not is_name:
            break
        if fresh and not _may_open(core, names, letters) and (named or not opened or not is_name):
            break
        fresh, named, opened = False, named or is_name, True
        if _ends_phrase(word, letters):
            end, fresh = index + 1, True
    else:
        end = len(words)
    return words[:end]


def _may_open(core: str, names: frozenset[str], letters: Letters) -> bool:
    return core in _starters(letters) or f"{core}." in _starters(letters) or core in names


def _ends_phrase(word: str, letters: Letters) -> bool:
    """A comma, colon or dash ends a phrase; a full stop does unless it abbreviates a title ('M.', 'Exmo.')."""
    if word[-1] in _ENDS or word in _DASHES:
        return True
    return word[-1] == "." and fold(word) not in _vocabulary(letters) and len(word) > 2


def _well_ended(greeting: str, letters: Letters) -> str:
    """The greeting with the mark the owner chose; a question mark, full stop or dash becomes the language's own."""
    if greeting[-1] in _MARKS and greeting[-1] not in ",:!":
        return greeting.rstrip(_MARKS + " ") + letters.neutral_greeting[-1]
    return greeting


def _any_hour(greeting: str, letters: Letters) -> str:
    """What is said at one hour of the day only, as it is said at any hour; the draft may be sent in the evening."""
    for phrase, instead in letters.any_hour.items():
        if greeting.lower().startswith(phrase):
            greeting = instead + greeting[len(phrase) :]
    return sentence(greeting)


def has_title(greeting: str, letters: Letters) -> bool:
    """Whether the greeting calls somebody Sir or Doctor rather than by the first name."""
    return any(word in letters.titles or word.rstrip(_MARKS) in letters.titles for word in greeting.lower().split())


def is_bare_name(greeting: str, letters: Letters) -> bool:
    """Whether the greeting is nothing but a name ('Luis,')."""
    return bool(greeting) and fold(greeting.split()[0]).strip(_MARKS) not in _starters(letters)


def names_person(greeting: str, person: Address, letters: Letters) -> bool:
    """Whether the greeting calls this person by a name, a short form included ('Hi Jo' calls Joanne)."""
    called = {fold(word).strip(_MARKS) for word in greeting.split()} - _vocabulary(letters)
    return any(name.startswith(word) for word in called if len(word) >= 2 for name in name_words(person))


def neutral_greeting(recipients: Sequence[Address], letters: Letters) -> str:
    """What to say to somebody whom the owner never greeted: no guess at a civility."""
    if letters.named_greeting and len(recipients) == 1:
        name = split_name(recipients[0].name, _vocabulary(letters))
        if name:
            return letters.named_greeting.format(name=name)
    return letters.neutral_greeting
