"""The paths that a draft can take, each from a state that is prepared once, to what must be true when all is quiet."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from assistant.errors import OfferAssistantError
from tests.crash.killing import run_killed
from tests.placing.lapsed_story import NOW, Story
from tests.servers.drafts_server import BARE, GMAIL, MODERN, DraftsServer, Ways
from tests.servers.fake_imap import Dialect

LATER = NOW + timedelta(hours=3)
QUIET_AFTER = 8
points: dict[str, int] = {}  # how many crash points each path had, for the figure at the end
Mailbox = dict[str, dict[int, tuple[bytes, bytes]]]


@dataclass(frozen=True)
class Way:
    """One path: `prepare` brings store, register and mailbox to where it begins; then a cycle runs at `now`.

    At the end `drafts` of ours stand, and the ledger says `fates` of the first offer's drafts.
    """

    name: str
    prepare: Callable[[Story], None]
    drafts: int
    fates: tuple[str, ...]
    now: datetime = LATER
    offers: int = 1


def _nothing(story: Story) -> None:
    pass


def _placed(story: Story) -> None:
    attempts(story, NOW)


def _lost_register(story: Story) -> None:
    attempts(story, NOW)
    story.lose_register()


def _lost_everything(story: Story) -> None:
    attempts(story, NOW)
    story.lose_store()
    story.lose_register()


def _interrupted(story: Story) -> None:
    """Killed when the whole draft had left, and no answer was read."""
    story.close()
    for at in range(1, 400):
        if run_killed(lambda: story.cycle(NOW), at) is not None:
            raise AssertionError("no append was seen")
        time.sleep(0.02)  # the server thread may still be reading
        if story.drafts():
            return


def _answered(story: Story) -> None:
    attempts(story, NOW)
    story.answer()


def _stalled(story: Story) -> None:
    attempts(story, NOW)
    story.answer("Encore un peu de patience.", at=NOW + timedelta(minutes=5))


def _extended_and_lapsed_again(story: Story) -> None:
    attempts(story, NOW)
    story.say("extended", date(2026, 4, 30))


def _two_computers(story: Story) -> None:
    attempts(story, NOW)
    ((_, raw),) = story.drafts().items()
    story.deliver("Drafts", raw, "(\\Draft \\Seen)")


def _edited_and_answered(story: Story) -> None:
    attempts(story, NOW)
    story.edit_draft(lambda raw: raw.replace(b"Bonjour", b"Bonsoir", 1))
    story.answer()


def _sent(story: Story) -> None:
    attempts(story, NOW)
    story.send_draft(message_id=b"<CA.sent@mail.gmail.example>", at=NOW + timedelta(hours=1))


def _deleted(story: Story) -> None:
    attempts(story, NOW)
    (uid,) = story.drafts()
    story.remove_draft(uid)


PLACE = Way("place", _nothing, 1, ("untouched",))
PLACE_THREE = Way("place three", _nothing, 3, ("untouched",), offers=3)
ADOPT = Way("adopt, the register lost", _lost_register, 1, ("untouched",))
ADOPT_ALL = Way("adopt, everything lost", _lost_everything, 1, ("untouched",))
RECOVER = Way("recover", _interrupted, 1, ("untouched",))
TAKE_BACK = Way("take back", _answered, 0, ("taken-back",))
REPLACE = Way("replace after a stall", _stalled, 1, ("taken-back", "untouched"))
SUPERSEDE = Way("supersede", _extended_and_lapsed_again, 1, ("taken-back", "untouched"))
TWINS = Way("two computers", _two_computers, 1, ("untouched",))
EDITED = Way("edited, then answered", _edited_and_answered, 1, ("edited",))
SENT = Way("sent elsewhere", _sent, 0, ("sent",))
DELETED = Way("deleted", _deleted, 0, ("deleted",))

EVERY = (
    PLACE, PLACE_THREE, ADOPT, ADOPT_ALL, RECOVER, TAKE_BACK, REPLACE, SUPERSEDE, TWINS, EDITED, SENT, DELETED,
)  # fmt: skip
LEFT = Way("left where it cannot be removed", _answered, 1, ("untouched",))
TWO_LEFT = Way("left beside its twin", _two_computers, 2, ("untouched",))
NOT_SUPERSEDED = Way("left, not superseded", _extended_and_lapsed_again, 1, ("untouched",))
LOST = Way("asked about", _nothing, 0, ("uncertain",))


@dataclass(frozen=True)
class Server:
    """A kind of server, and the paths on it."""

    name: str
    dialect: Dialect
    ways: Ways
    paths: tuple[Way, ...]


_LOOKING = (ADOPT, ADOPT_ALL, EDITED, SENT, DELETED)
_OTHER_IDS = (PLACE, PLACE_THREE, RECOVER, TAKE_BACK, REPLACE, SUPERSEDE, EDITED, SENT, DELETED)
_NO_UIDPLUS = (PLACE, PLACE_THREE, RECOVER, LEFT, TWO_LEFT, NOT_SUPERSEDED, *_LOOKING)
_OTHER_IDS_BARE = (PLACE, PLACE_THREE, RECOVER, LEFT, EDITED, SENT, DELETED)
SERVERS = (
    Server("UIDPLUS", MODERN, Ways(), EVERY),
    Server("no UIDPLUS", BARE, Ways(), _NO_UIDPLUS),
    Server("OK, and stores nothing", MODERN, Ways(stores=False), (LOST,)),
    Server("stores and hangs up", MODERN, Ways(drops_after_storing=True), EVERY),
    Server("stores and hangs up, no UIDPLUS", BARE, Ways(drops_after_storing=True), _NO_UIDPLUS),
    Server("other Message-IDs", MODERN, Ways(rewrites_ids=True), _OTHER_IDS),
    Server("other Message-IDs, no UIDPLUS", BARE, Ways(rewrites_ids=True), _OTHER_IDS_BARE),
    Server("Gmail", GMAIL, Ways(), EVERY),
)


def attempts(story: Story, now: datetime) -> int:
    """Cycles until nothing is done any more, as the daemon would; their number."""
    for number in range(1, QUIET_AFTER + 1):
        try:
            done = [p for p in story.cycle(now) if p.what not in ("uncertain", "left", "alarm")]
        except OfferAssistantError:
            continue
        if not done:
            return number
    raise AssertionError("it does not come to rest")


class Memory:
    """A mailbox in memory, the store and the register beside it: saved once, put back for every crash."""

    def __init__(self, server: DraftsServer, story: Story) -> None:
        self._server, self._story = server, story

    def save(self) -> None:
        self._story.close()
        self._mailbox = self._server.snapshot()
        copy_files(self._story.folder, self._saved)

    def restore(self) -> None:
        self._story.close()
        self._server.restore(self._mailbox)
        copy_files(self._saved, self._story.folder)

    @property
    def _saved(self) -> Path:
        return self._story.folder.with_name(self._story.folder.name + ".saved")


def copy_files(source: Path, target: Path) -> None:
    """The folder `target` becomes a copy of `source`."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target)
    else:
        target.mkdir(parents=True)


def check(story: Story, way: Way, before: Mailbox) -> None:
    """What must be true when all is quiet."""
    drafts = story.drafts()
    assert len(drafts) == way.drafts, f"{len(drafts)} drafts"
    for number in range(1, way.offers + 1):
        ledger = story.ledger(number)
        assert [d.fate for d in ledger] == list(way.fates), [d.fate for d in ledger]
        if ledger[-1].fate == "untouched":
            assert any(ledger[-1].message_id.encode() in raw for raw in drafts.values()), "the ledger names another"
    after = story.everything()
    if story.server.__class__ is DraftsServer:  # what was taken back on Gmail is in Trash: ours, and nothing else
        after["Trash"] = {u: s for u, s in after["Trash"].items() if b"@client" not in s[1].partition(b"\r\n\r\n")[0]}
    assert after == before, "something else changed in the mailbox"
