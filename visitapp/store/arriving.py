"""A page from the server made ready to be taken in: all of the work on it that needs no look at the record.

It is done on the thread that fetched the page, while the page before is being written.
"""

from dataclasses import dataclass

from visitapp.protocol.digest import body_hash, hash_start, term
from visitapp.protocol.messages import Feed
from visitapp.store.acknowledged import Acknowledged
from visitapp.store.projections import Laid, Shown, laid


@dataclass(frozen=True, slots=True)
class Arriving:
    """One scope of a page: its rows with their hashes, and what screens and search will see of them.

    `is_sound` says whether every body is what its hash says.
    """

    feed: Feed
    rows: list[Acknowledged]
    shown: list[Laid]
    is_sound: bool


def made_ready(feed: Feed) -> Arriving:
    """Hash, parse and lay out one scope of a page."""
    rows, shown, is_sound = [], [], True
    for rec in feed.records:
        h = body_hash(rec.body)
        is_sound = is_sound and hash_start(h) == rec.hash_start
        rows.append(
            Acknowledged(
                feed.scope,
                rec.id,
                rec.kind,
                rec.rev,
                rec.deleted,
                rec.author,
                rec.received_ms,
                rec.body,
                h,
                term(rec.id, rec.rev, h),
            )
        )
        shown.append(laid(Shown(feed.scope, rec.kind, rec.id, None if rec.deleted else rec.body)))
    return Arriving(feed, rows, shown, is_sound)
