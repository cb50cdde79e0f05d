"""What arrives from the server: the caseload, pages of records, repairs of a scope, and the purge of one that was lost."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from visitapp.protocol.messages import CaseloadEntry, Cursor, Feed
from visitapp.store import search
from visitapp.store.acknowledged import agrees, ensure_cursors, put_rows
from visitapp.store.arriving import Arriving, made_ready
from visitapp.store.projections import family_of
from visitapp.store.reading import Reading, readable
from visitapp.store.repair import sweep
from visitapp.store.showing import show, show_laid
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_CURSORS = text("SELECT scope, seq, digest FROM cursor WHERE lost = 0 ORDER BY scope")
_SOON = text(
    "SELECT family FROM plan_item WHERE kind = 'next_visit' AND done_on = '' AND due_on >= :since AND due_on <= :until "
    "UNION SELECT family FROM draft"
)
_FIRST = {"u": 0, "t": 1, "g": 2}


def cursors(r: Reading, today: str = "") -> tuple[Cursor, ...]:
    """How far every held scope has come, in the order wanted: her own things, then families with a visit today or a draft, " "then
    the rest.
    """
    soon = {row.family for row in r.all(_SOON, since=today, until=today)} if today else set()
    found = [Cursor(row.scope, row.seq, row.digest) for row in r.all(_CURSORS)]
    return tuple(sorted(found, key=lambda c: (_FIRST.get(c.scope[0], 3 if family_of(c.scope) in soon else 4), c.seq > 0, c.scope)))


def caseload_version(r: Reading) -> int:
    """The version of the caseload list this laptop has; 0 for none yet."""
    return int(r.meta("caseload_version", "0"))


_HELD = text("SELECT scope, role, lost FROM cursor")
_ROLE = text("UPDATE cursor SET role = :role, lost = 0 WHERE scope = :scope")
_LOST = text("UPDATE cursor SET lost = :lost WHERE scope = :scope AND lost = 0")
_STRAY = text(
    "SELECT scope FROM cursor WHERE role = '' AND lost = 0 UNION SELECT DISTINCT e.scope FROM edit e WHERE e.kind <> 'draft' "
    "AND NOT EXISTS (SELECT 1 FROM cursor c WHERE c.scope = e.scope)"
)
# One that lies with the service desk opens nothing: what it brought stays in the outbox, the family's rows are not hers.
_UNKNOWN_YET = text("SELECT DISTINCT scope FROM outbox WHERE kind = 'family' AND base = 0 AND state <> 'held'")


def set_caseload(
    w: Writing, entries: Iterable[CaseloadEntry], version: int, *, server_was_restored: bool = False
) -> tuple[str, ...]:
    """Take over the list of scopes, which is authoritative; returns the scopes that are no longer in it and wait for their purge.

    A server that was restored may have forgotten families; what is missing from its list then stays here, purged by nobody.
    """
    listed = {entry.scope: entry.role for entry in entries}
    held = {row.scope: row for row in w.all(_HELD)}
    opening = _opening(w)
    ensure_cursors(w, listed)
    w.many(_ROLE, [{"scope": scope, "role": role} for scope, role in listed.items()])
    lost = sorted(scope for scope in set(held) - set(listed) - opening if not scope.startswith("u:"))
    mark_lost(w, lost, server_was_restored=server_was_restored)
    w.meta_set("caseload_version", str(version))
    w.touched.sync = True
    w.touched.kinds.add("caseload")
    changed = {scope for scope, role in listed.items() if scope not in held or held[scope].role != role} | set(lost)
    w.touched.families |= {family_of(scope) for scope in changed if family_of(scope)}
    _index_restricted(w, (scope for scope in changed if scope.startswith("r:") and scope in listed))
    return tuple(lost)


def _opening(r: Reading) -> set[str]:
    """Scopes of families that were begun here and that the service does not know yet."""
    return {scope for row in r.all(_UNKNOWN_YET) for scope in (row.scope, f"r:{row.scope[2:]}")}


def strays(r: Reading) -> tuple[str, ...]:
    """Scopes with rows here that never were in the list: a laptop that was put back wrote for a family that it no longer has."""
    opening = _opening(r)
    return tuple(row.scope for row in r.all(_STRAY) if row.scope not in opening and not row.scope.startswith("u:"))


def mark_lost(w: Writing, scopes: Iterable[str], *, server_was_restored: bool = False) -> None:
    """Note that these scopes are not this user's any more; they wait for their purge."""
    scopes = tuple(scopes)
    ensure_cursors(w, scopes)
    w.many(_LOST, [{"scope": scope, "lost": 2 if server_was_restored else 1} for scope in scopes])
    w.touched.families |= {family_of(scope) for scope in scopes if family_of(scope)}
    w.touched.sync = True


_OF_SCOPE = text(
    "SELECT scope, kind, id, body FROM edit WHERE scope = :scope AND deleted = 0 UNION ALL "
    "SELECT r.scope, r.kind, r.id, r.body FROM rec r WHERE r.scope = :scope AND r.deleted = 0 "
    "AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.scope = r.scope AND e.id = r.id)"
)


def _index_restricted(w: Writing, gained: Iterable[str]) -> None:
    """What was written or arrived before the service granted a restricted scope can be searched from now on."""
    for scope in gained:
        rows = w.all(_OF_SCOPE, scope=scope)
        w.touched.sought += [search.entry(row.scope, row.kind, row.id, readable(bytes(row.body))) for row in rows]


class Applied(StrEnum):
    """What came of one page of one scope."""

    LEVEL = "level"
    MORE = "more"
    DIFFERS = "differs"
    DAMAGED = "damaged"
    GONE = "gone"


_ADVANCE = text("UPDATE cursor SET seq = :seq, head = :head, at_ms = :now WHERE scope = :scope")
_STANDS = text("SELECT seq, gen, repairs, n, digest FROM cursor WHERE scope = :scope AND lost = 0")
_OLDER = text("SELECT 1 FROM rec WHERE scope = :scope AND gen < :gen LIMIT 1")


def apply_feed(w: Writing, feed: Feed, ready: Arriving | None = None) -> Applied:
    """Take in one page of one scope: rows, digest and cursor in this one transaction.

    A record with a change of its own on this laptop keeps it; the server's version is put beside it. A body that is not what its
    hash says stops the page. A scope that differs is to be compared record by record (`repair.py`). `ready` is the same feed,
    where somebody has made it ready already.
    """
    stands = w.one(_STANDS, scope=feed.scope)
    if stands is None or feed.flag == "gone":
        return Applied.GONE
    if feed.flag in ("ahead", "resync"):
        return Applied.DIFFERS
    ready = ready or made_ready(feed)
    if feed.first != stands.seq or not ready.is_sound:
        return Applied.DAMAGED
    put_rows(w, ready.rows)
    show_laid(w, ready.shown)
    now = w.now_ms
    w.connection.execute(_ADVANCE, {"scope": feed.scope, "seq": feed.last, "head": feed.head, "now": now})
    w.touched.sync = True
    if feed.last < feed.head:
        return Applied.MORE
    if stands.gen and w.one(_OLDER, scope=feed.scope, gen=stands.gen):
        gone = sweep(w, feed.scope, stands.gen)
        show(w, [(feed.scope, kind, id_, None) for kind, id_ in gone])
    return Applied.LEVEL if agrees(w, feed.scope, feed.count, feed.digest) else Applied.DIFFERS


_KEEP_BYTES = text(
    "UPDATE outbox SET body = (SELECT e.body FROM edit e WHERE e.scope = outbox.scope AND e.id = outbox.id) "
    "WHERE scope = :scope AND body IS NULL"
)
_LOST_SCOPES = text("SELECT scope FROM cursor WHERE lost = 1 ORDER BY scope")
_BY_SCOPE = ("rec", "edit", "kept", "cursor", "part", "addendum")
_BY_FAMILY = ("person", "visit", "error_mark", "review", "begun", "referral", "measurement", "plan_item", "name")


def lost_scopes(r: Reading) -> tuple[str, ...]:
    """Scopes that are no longer this user's and still have rows here."""
    return tuple(row.scope for row in r.all(_LOST_SCOPES))


def purge_scope(w: Writing, scope: str) -> None:
    """Take every row of a scope off this laptop. A change without a receipt keeps its own bytes in the outbox and nothing else."""
    w.finish()
    w.connection.execute(_KEEP_BYTES, {"scope": scope})
    search.forget(w, scope)
    for table in _BY_SCOPE:
        w.connection.execute(_delete(table, "scope"), {"key": scope})
    family = family_of(scope)
    if scope.startswith("f:"):
        for table in _BY_FAMILY:
            w.connection.execute(_delete(table, "family"), {"key": family})
        w.connection.execute(_delete("family", "id"), {"key": family})
    w.audit("purged", scope=scope)
    w.touched.sync = True
    w.touched.kinds |= {"family", "caseload"}
    w.touched.families |= {family} if family else set()


def _delete(table: str, column: str) -> Any:
    # Both names come from the constants above.
    return text(f"DELETE FROM {table} WHERE {column} = :key")  # noqa: S608


_LOG = text(
    "INSERT INTO sync_log (started_ms, ended_ms, outcome, sent, received, up_bytes, down_bytes, requests, problem) VALUES "
    "(:started_ms, :ended_ms, :outcome, :sent, :received, :up_bytes, :down_bytes, :requests, :problem)"
)
_OLD_LOG = text("DELETE FROM sync_log WHERE k <= (SELECT max(k) FROM sync_log) - 1000")


def log_exchange(w: Writing, **row: str | int) -> None:
    """Note one exchange with the server for the history of syncs; the newest 1,000 are kept."""
    w.connection.execute(_LOG, row)
    w.connection.execute(_OLD_LOG)
    w.touched.sync = True
