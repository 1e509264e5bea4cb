"""What was learnt from labelled messages, asked about one of them."""

from __future__ import annotations

from functools import lru_cache

from assistant.languages.models import load_concepts, load_model, load_network
from assistant.model import Marked, Weighing, marked, weigh
from assistant.network import Floats


def weighed(side: str, subject: str, text: str) -> Weighing:
    """How probable each kind of a side ('customer', 'owner', 'reaction') is, and the sentence that shows it."""
    message = _marked(subject, text)
    return weigh(load_model(side), message, text, lambda: load_network().tell(side, _read(subject, text)))


def glanced(side: str, subject: str, text: str) -> dict[str, float]:
    """The same probabilities, without asking the network."""
    return weigh(load_model(side), _marked(subject, text), text, None).probabilities


@lru_cache(maxsize=2)  # a stranger's message is read as a customer's and as a seller's
def _marked(subject: str, text: str) -> Marked:
    return marked(load_concepts(), subject, text)


@lru_cache(maxsize=2)
def _read(subject: str, text: str) -> Floats:
    return load_network().read(subject, text)
