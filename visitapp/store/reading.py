"""One consistent look at the record: a read transaction and the few verbs that every question is built from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from visitapp.domain.bodies import Body, load
from visitapp.protocol.codec import read_own_json
from visitapp.protocol.problems import Malformed
from visitapp.store.sql import Connection, Row, Words, text


@dataclass(frozen=True)
class Held:
    """One record as this laptop holds it, its overlay first.

    `state` says where its newest version is: received (the server has it), waiting, sent, or the outcome that needs a person
    (conflict, gone, frozen, denied, parked, held). `rev` is 0 for what the server has never seen; `h` is SHA-256 of `body`.
    """

    kind: str
    rev: int
    h: bytes
    body: bytes
    state: str
    deleted: bool = False


_OVERLAY_FIRST = text(
    "SELECT kind, base AS rev, NULL AS h, body, deleted, 1 AS pending FROM edit WHERE scope = :scope AND id = :id "
    "UNION ALL SELECT kind, rev, h, body, deleted, 0 FROM rec WHERE scope = :scope AND id = :id "
    "ORDER BY pending DESC LIMIT 1"
)
_OP_STATE = text("SELECT state FROM outbox WHERE scope = :scope AND id = :id ORDER BY k LIMIT 1")
_OF_KIND = text(
    "SELECT scope, id, body, 1 AS pending FROM edit WHERE kind = :kind AND deleted = 0 AND (:scope = '' OR scope "
    "= :scope) "
    "UNION ALL SELECT r.scope, r.id, r.body, 0 FROM rec r WHERE r.kind = :kind AND r.deleted = 0 "
    "AND (:scope = '' OR r.scope = :scope) AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.scope = r.scope AND e.id "
    "= r.id)"
)


class Reading:
    """A read transaction; every question asked through it sees the same moment."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def settle_writes(self) -> None:
        """Nothing to do here; a writing transaction puts down what it has collected before it is asked anything."""

    def all(self, statement: Words, **values: Any) -> Sequence[Row]:
        """Every row that a statement finds."""
        self.settle_writes()
        return self.connection.execute(statement, values).all()

    def one(self, statement: Words, **values: Any) -> Row | None:
        """The first row that a statement finds, or None."""
        self.settle_writes()
        return self.connection.execute(statement, values).first()

    def number(self, statement: Words, **values: Any) -> int:
        """The one number that a statement gives; 0 for none."""
        row = self.one(statement, **values)
        return int(row[0]) if row and row[0] is not None else 0

    def raw(self, scope: str, id: str) -> Held | None:  # noqa: A002
        """The record as this laptop holds it, or None; a deleted one is given with `deleted` set."""
        row = self.one(_OVERLAY_FIRST, scope=scope, id=id)
        if row is None:
            return None
        body = bytes(row.body)
        state = "received"
        if row.pending:
            op = self.one(_OP_STATE, scope=scope, id=id)
            state = op.state if op else "waiting"
        return Held(row.kind, row.rev, bytes(row.h) if row.h else _hash(body), body, state, bool(row.deleted))

    def body(self, scope: str, id: str) -> Body | None:  # noqa: A002
        """The record's content, or None when there is none (any more)."""
        row = self.one(_OVERLAY_FIRST, scope=scope, id=id)
        return None if row is None or row.deleted else readable(bytes(row.body))

    def of_kind(self, kind: str, scope: str = "") -> tuple[tuple[str, str, Body], ...]:
        """Every record of a kind as (scope, id, content), of one scope or of all."""
        rows = self.all(_OF_KIND, kind=kind, scope=scope)
        found = ((row.scope, row.id, readable(bytes(row.body))) for row in rows)
        return tuple((scope_, id_, body) for scope_, id_, body in found if body is not None)

    def meta(self, key: str, default: str = "") -> str:
        """A value kept about this record itself."""
        row = self.one(_META, key=key)
        return str(row.value) if row else default


_META = text("SELECT value FROM meta WHERE key = :key")


def commits(r: Reading) -> int:
    """How many transactions the record has seen; the one that is asking, if it writes, is not yet among them."""
    row = r.connection.execute(_META, {"key": "commits"}).first()
    return int(row.value) if row else 0


def _hash(body: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(body).digest()


def readable(raw: bytes) -> Body | None:
    """A body's content, or None for bytes that are no JSON object: such a record is kept, counted and not shown."""
    try:
        body = read_own_json(raw)
    except Malformed:
        # What only Python's own reader takes (a NaN, say) was written here and stays readable here.
        try:
            return load(raw)
        except (ValueError, RecursionError):
            return None
    return body if isinstance(body, dict) else None


def at(ms: int | None) -> datetime | None:
    """Milliseconds since 1970 as an aware moment."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as an aware moment, where there always is one."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def day(iso: str | None) -> date | None:
    """An ISO date as a date; None for nothing or nonsense."""
    try:
        return date.fromisoformat(iso) if iso else None
    except ValueError:
        return None


def to_ms(moment_: datetime) -> int:
    """An aware moment as milliseconds since 1970."""
    return int(moment_.timestamp() * 1000)


def string(body: Mapping[str, Any], key: str) -> str:
    """A text of a body; "" for none. Whatever else stands there was written by someone else's version and is left alone."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def strings(body: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """Some texts of a body by their keys; "" for each that is none."""
    return {key: value if isinstance(value := body.get(key), str) else "" for key in keys}


def number(body: Mapping[str, Any], key: str) -> int | None:
    """A whole number of a body that fits a column, or None."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1 << 53:
        return None
    return int(value)


def milliseconds(body: Mapping[str, Any], key: str) -> int | None:
    """An ISO moment of a body in milliseconds since 1970, or None."""
    value = body.get(key)
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return to_ms(parsed) if parsed.tzinfo else to_ms(parsed.replace(tzinfo=UTC))


def texts(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts of a body."""
    value = body.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
