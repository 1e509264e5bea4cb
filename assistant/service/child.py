"""The child's end of an errand: `python -m assistant.service.child`, an Order on stdin, an Outcome on stdout."""

from __future__ import annotations

import logging
import os
import pickle
import sys
from contextlib import closing
from datetime import datetime

from assistant.config import Account
from assistant.deadlines import Standing
from assistant.errors import OfferAssistantError
from assistant.host import clock
from assistant.host.paths import places
from assistant.service.cycle import run_cycle
from assistant.service.desk import Desk, open_desk
from assistant.service.errand import Order, Outcome, Trouble
from assistant.service.judging import Listing, judge
from assistant.store.plain import to_json

NICENESS = 5  # the owner's own work comes first


def main() -> None:
    """Does what is ordered. Ends with 130 where it is interrupted."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  (our own parent wrote it, into a pipe)
    logging.basicConfig(format="%(levelno)s %(message)s", level=logging.DEBUG if order.verbose else logging.INFO)
    logging.getLogger("filelock").setLevel(logging.WARNING)
    try:
        outcome = carry_out(order)
    except KeyboardInterrupt:
        sys.exit(130)
    except OfferAssistantError as error:
        outcome = Outcome(trouble=Trouble.of(error))
    sys.stdout.write(to_json(outcome))


def carry_out(order: Order) -> Outcome:
    """A cycle, or only the judging, of one account. Raises what run_cycle and open_desk raise."""
    account = next(a for a in order.config.accounts if a.name == order.account)
    now = clock.now().astimezone(order.config.policy.timezone)
    with closing(open_desk(order.config, places(order.config))) as desk:
        if order.kind == "judge":
            return Outcome(_standings(judge(desk, account, desk.contents(), now)))
        return _cycle(desk, account, now, verbose=order.verbose)


def _cycle(desk: Desk, account: Account, now: datetime, *, verbose: bool) -> Outcome:
    """The cycle; where only its end failed (no Drafts folder, a broken template) how the offers stand is told too."""
    trace = (lambda direction, line: logging.debug("%s %s", direction, line)) if verbose else None
    try:
        report = run_cycle(desk, account, now, clock=clock.now, trace=trace)
    except OfferAssistantError as error:
        trouble = Trouble.of(error)
        if not trouble.needs_owner or trouble.stops:
            raise
        return Outcome(_standings(judge(desk, account, desk.contents(), now)), trouble=trouble)
    return Outcome(_standings(report.listings), tuple(report.problems))


def _standings(listings: list[Listing]) -> tuple[Standing, ...]:
    return tuple(standing_of(item) for item in listings)


def standing_of(item: Listing) -> Standing:
    """What of a Listing the daemon goes by."""
    verdict, draft, entry = item.verdict, item.draft, item.entry
    shown = next((r for r in verdict.reasons if r.message_id), None)
    event = next((e for e in item.timeline if shown and e.message_id == shown.message_id), None)
    return Standing(
        id=item.id,
        account=item.account,
        state=verdict.state.value,
        client=item.matter.offer.client,
        registered=entry.client or entry.reference,
        valid_until=verdict.valid_until,
        hold_until=verdict.hold_until,
        attention=verdict.attention.code if verdict.attention else "",
        question=verdict.attention.question if verdict.attention else "",
        event_id=shown.message_id if shown else "",
        since=event.at if event else None,
        quote=shown.quote if shown else "",
        due=verdict.due is not None,
        draft_id=draft.message_id if draft else "",
        draft_kind=draft.kind if draft else "",
        draft_fate=draft.fate if draft else "",
    )


if __name__ == "__main__":
    main()
