"""What a nurse leaves behind when a family goes to someone else: her drafts pass to its new nurse, marked as hers."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

from visitapp.protocol.codec import read_json
from visitapp.protocol.digest import add, body_hash, term
from visitapp.server import records
from visitapp.server.admin.publishing import AUTHOR, dump
from visitapp.server.ids import new_id
from visitapp.server.records import Outline, ScopeState, Statement, Version
from visitapp.server.settings import now_ms

_NEW_NURSE = text("""
select a.user_id, m.name as left_by from assignment a, member m
where a.scope = :family and a.role = 'nurse' and a.user_id <> :user and m.id = :user
  and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now()
  and not exists (select 1 from assignment mine where mine.scope = a.scope and mine.user_id = :user and mine.role = 'nurse'
    and mine.from_at <= now() and coalesce(mine.until_at, 'infinity') > now())
order by a.from_at desc limit 1
""")
_DRAFTS = text("select id, body from rec where scope = :scope and kind = 'draft' and not del")


def hand_drafts_on(connection: Connection, user: str, families: Iterable[str]) -> int:
    """Moves a user's drafts of families she no longer has to their newest nurse; answers how many.

    A family without another nurse keeps its drafts where they are until it has one.
    """
    moved = 0
    for family in families:
        found = connection.execute(_NEW_NURSE, {"family": f"f:{family}", "user": user}).first()
        if found is None:
            continue
        for row in connection.execute(_DRAFTS, {"scope": f"u:{user}"}).all():
            body = read_json(bytes(row.body))
            if body.get("family") == family:
                left = {**body, "author": found.user_id, "left_by": user, "left_by_name": found.left_by}
                moved += _move(connection, row.id, f"u:{user}", f"u:{found.user_id}", left)
    return moved


def _move(connection: Connection, draft: str, source: str, target: str, body: dict[str, Any]) -> bool:
    asked = {scope: records.Asked((), (draft,), lock=True) for scope in sorted((source, target))}
    found = records.lock_and_read(connection, asked)
    old, taken = found[source].outlines.get(draft), found[target].outlines.get(draft)
    here, there = found[source].state, found[target].state
    if old is None or old.deleted or taken is not None or here is None or there is None:
        return False
    statements = [records.supersede(source, [draft])]
    statements += _put(source, here, draft, b"", old)
    statements += _put(target, there, draft, dump(body), None)
    records.run(connection, statements)
    return True


def _put(scope: str, state: ScopeState, draft: str, body: bytes, old: Outline | None) -> list[Statement]:
    state.seq += 1
    rev = old.rev + 1 if old else 1
    state.count += 0 if old else 1
    state.digest = add(state.digest, term(draft, rev, body_hash(body)), *([-term(draft, old.rev, old.hash)] if old else []))
    moment = now_ms()
    version = Version(
        id=draft,
        kind="draft",
        seq=state.seq,
        rev=rev,
        hash=body_hash(body),
        deleted=not body,
        author=AUTHOR,
        device="",
        op=new_id(),
        at_ms=moment,
        received_ms=moment,
        late=False,
        via=AUTHOR,
        restored=False,
        body=body,
    )
    return [records.put(scope, [version]), records.advance(scope, state)]
