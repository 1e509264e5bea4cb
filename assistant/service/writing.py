"""A Listing → the Draft that belongs to it now."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import PurePath

from jinja2 import Environment

from assistant.drafts import Draft, DraftKind, compose
from assistant.host.templates import environment
from assistant.service.desk import Desk
from assistant.service.judging import Listing
from assistant.verdict import State


@lru_cache(maxsize=4)
def _environment(own: PurePath | None) -> Environment:
    """Kept, as it compiles each template once; it looks itself whether a file has changed."""
    return environment(own)


def kind_now(item: Listing) -> DraftKind:
    """The withdrawal once the offer has lapsed; before, a last call."""
    return "withdrawal" if item.verdict.state is State.LAPSED else "reminder"


def write(desk: Desk, item: Listing, now: datetime, *, kind: DraftKind | None = None, message_id: str = "") -> Draft:
    """The letter. Raises DraftRefused where its words would be false, TemplateBroken where a template is."""
    config = desk.config
    return compose(
        item.matter.offer,
        item.timeline,
        item.verdict,
        config.policy,
        config.owner,
        kind=kind or kind_now(item),
        message_id=message_id or "<preview@invalid>",
        now=now,
        environment=_environment(config.templates_folder),
    )
