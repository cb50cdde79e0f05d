"""What an administrator may look at: people, devices and numbers, never what is written about a family."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

LISTS: Final[Mapping[str, str]] = {
    "teams": "select id, name from team order by name",
    "users": "select id, name, role, team, active from member order by name",
    "devices": "select d.id, d.user_id, m.name, d.state, d.enrolled_at, d.origin from device d"
    " join member m on m.id = d.user_id order by d.enrolled_at",
    "families": "select substr(s.id, 3) as id, s.team, s.n as records, a.user_id, a.role, a.from_at, a.until_at"
    " from scope s left join assignment a on a.scope = s.id where s.id like 'f:%' order by s.id, a.n",
    "held": "select scope, op, user_id, device, why, at from held order by at",
}


def rows(connection: Connection, what: str) -> list[dict[str, Any]]:
    """The rows of one of the lists."""
    return [dict(row._mapping) for row in connection.execute(text(LISTS[what]))]


def hashes(connection: Connection, record: str) -> list[str]:
    """The SHA-256, in hexadecimal, of the bytes of each record that has this id; computed here, not read from a column."""
    found = connection.execute(text("select encode(sha256(body), 'hex') from rec where id = :id and not del"), {"id": record})
    return [str(digest) for digest in found.scalars()]


def shown(found: Sequence[Mapping[str, Any]], *, as_json: bool) -> str:
    """Rows as text, one a line with tabs between, or as one JSON list."""
    if as_json:
        return json.dumps(found, ensure_ascii=False, default=str)
    lines = ["\t".join(found[0])] if found else []
    lines += ["\t".join("" if value is None else str(value) for value in row.values()) for row in found]
    return "\n".join(lines)
