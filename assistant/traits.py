"""What is asked of a mailbox's messages again and again while offers are put together, found out once for each."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.deliveries import reached_nobody
from assistant.kinds import Kind
from assistant.matching import amounts, says_it_replaces
from assistant.references import names, spelled
from assistant.understanding import Understood

SURE_YES = 0.6


def words_of(m: Understood) -> str:
    """Subject, own words and documents of a message, to look for names and sums in."""
    documents = (f"{a.name}\n{a.text or ''}" for a in m.message.attachments)
    return "\n".join([own_words(m), *documents])


def own_words(m: Understood) -> str:
    """Subject and own words of a message."""
    return f"{m.message.subject}\n{m.message.text}"


class Traits:
    """The traits of `messages`, which are in the order in which they were sent."""

    def __init__(self, messages: Sequence[Understood]) -> None:
        self.messages = messages
        self.acceptances = [
            m for m in messages if m.kind is Kind.ACCEPTANCE and m.reading.confidence >= SURE_YES and not m.from_house
        ]
        self._replaces: dict[int, bool] = {}
        self._amounts: dict[int, frozenset[str]] = {}
        self._bounced: dict[int, bool] = {}
        self._spelled: dict[int, tuple[str, ...]] = {}

    def replaces(self, m: Understood) -> bool:
        """Whether it says that an offer takes the place of an earlier one."""
        if id(m) not in self._replaces:
            self._replaces[id(m)] = says_it_replaces(words_of(m))
        return self._replaces[id(m)]

    def amounts(self, m: Understood) -> frozenset[str]:
        """The sums of money in it and its documents."""
        if id(m) not in self._amounts:
            self._amounts[id(m)] = amounts(words_of(m))
        return self._amounts[id(m)]

    def bounced(self, m: Understood) -> bool:
        """Whether it reached nobody."""
        if id(m) not in self._bounced:
            self._bounced[id(m)] = reached_nobody(m.message, self.messages) is not None
        return self._bounced[id(m)]

    def names(self, m: Understood, reference: str) -> bool:
        """Whether it names an offer's identifier, in its own words."""
        if id(m) not in self._spelled:
            self._spelled[id(m)] = spelled(own_words(m))
        return names(self._spelled[id(m)], reference)
