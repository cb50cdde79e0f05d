"""What one pull asks for, and what will be left to ask once its answer is taken in."""

from collections.abc import Mapping
from dataclasses import dataclass

from visitapp.protocol.messages import MAX_SCOPES, Cursor, PullAnswer
from visitapp.store.arriving import Arriving


@dataclass(frozen=True)
class Page:
    """An answer, and its feeds made ready to be taken in."""

    answer: PullAnswer
    feeds: tuple[Arriving, ...]


@dataclass(frozen=True)
class Asked:
    """One pull: every cursor held, in the order wanted, and the scopes still to be asked for (None for all)."""

    version: int
    held: tuple[Cursor, ...]
    pending: frozenset[str] | None

    @property
    def wanted(self) -> tuple[Cursor, ...]:
        """The cursors that go into this request."""
        return tuple(cursor for cursor in self.held if self.pending is None or cursor.scope in self.pending)[:MAX_SCOPES]

    def left(self, answer: PullAnswer) -> set[str]:
        """Scopes that this answer says nothing about and that are still to be asked for."""
        wanted = {cursor.scope for cursor in self.wanted}
        left = ({cursor.scope for cursor in self.held} if self.pending is None else set(self.pending)) - wanted
        if answer.more:
            # The server stopped at its budget: whatever it did not get to is asked for again.
            left |= wanted - {feed.scope for feed in answer.feeds}
        return left

    def following(self, answer: PullAnswer) -> "Asked | None":
        """The next request if this answer can be taken in as it is, so that it may leave before that; None for none.

        What makes the record look closer first (another caseload, a scope that differs) is not run ahead of.
        """
        if answer.caseload is not None or any(feed.flag for feed in answer.feeds):
            return None
        moved: Mapping[str, int] = {feed.scope: feed.last for feed in answer.feeds}
        left = self.left(answer) | {feed.scope for feed in answer.feeds if feed.last < feed.head}
        if not left:
            return None
        # The digest of a scope of which more is to come is not looked at before its end.
        held = tuple(Cursor(c.scope, moved.get(c.scope, c.seq), c.digest) for c in self.held)
        return Asked(self.version, held, frozenset(left))
