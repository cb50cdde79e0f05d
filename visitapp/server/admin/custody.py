"""Custody of laptops for administrators: orders to wipe, the policy of leases, the recovery key, and who may be let in again."""

import time
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.server.admin.people import NotFound, NotPossible, set_device_state
from visitapp.server.custody import note
from visitapp.server.ids import new_id

LEASE_DAYS: Final = range(1, 91)
_KEY_BYTES: Final = 32
_NEWEST: Final = "select * from wipe_order where device = :device and receipt = '' order by issued_ms desc, id desc limit 1"


def ask_wipe(connection: Connection, device: str, by: str = "") -> str:
    """Orders a record off a device, after its unsent work has been handed in or sealed; answers the order's id.

    `by` is the administrator, or the supervisor of the nurse's team, who asks; empty for whoever has the server's own command line.
    Raises NotFound, NotPossible.
    """
    if by:
        _must_be(connection, by, "administrator", "supervisor")
    return _order(connection, device, (by,), wants_now=False)


def ask_wipe_now(connection: Connection, device: str, by: str) -> bool:
    """Asks that unsent work be left behind. The first administrator's word is noted, and an ordinary wipe goes out.

    The word of a second, different one makes it so: True. Raises NotFound, NotPossible.
    """
    _must_be(connection, by, "administrator")
    asked = connection.execute(text(_NEWEST), {"device": device}).first()
    if asked is None or not asked.wants_now or asked.by_second or asked.by_first == by:
        _order(connection, device, (by,), wants_now=True)
        return False
    _order(connection, device, (asked.by_first, by), wants_now=True)
    return True


def _order(connection: Connection, device: str, by: Sequence[str], *, wants_now: bool) -> str:
    set_device_state(connection, device, "wipe")
    before = connection.execute(text("select max(issued_ms) from wipe_order where device = :device"), {"device": device}).scalar()
    first, second = (*by, "")[:2]
    order = new_id()
    connection.execute(
        text(
            "insert into wipe_order(id, device, issued_ms, by_first, by_second, wants_now)"
            " values (:id, :device, :at, :first, :second, :wants_now)"
        ),
        {
            "id": order,
            "device": device,
            "at": max(time.time_ns() // 1_000_000, (before or 0) + 1),
            "first": first,
            "second": second,
            "wants_now": wants_now,
        },
    )
    what = "wipe-now-ordered" if wants_now and second else "wipe-now-asked" if wants_now else "wipe-ordered"
    note(connection, what, device=device, by=[each for each in by if each])
    return order


def wipes(connection: Connection) -> list[dict[str, Any]]:
    """Orders to wipe, newest first, with what became of them; `unsent` says what became of work the service did not have."""
    found = connection.execute(
        text(
            "select id, device, to_timestamp(issued_ms / 1000.0) as ordered_at, by_first, by_second,"
            " wants_now and by_second <> '' as now, received_at as wiped_at, unsent, count from wipe_order order by issued_ms desc"
        )
    )
    return [dict(row._mapping) for row in found]


def set_lease(connection: Connection, days: int) -> int:
    """Changes for how many days laptops may do without the service; leases given before end. Answers the policy's number.

    Raises NotPossible.
    """
    if days not in LEASE_DAYS:
        raise NotPossible(f"a lease lasts {LEASE_DAYS.start} to {LEASE_DAYS.stop - 1} days")
    epoch: int = connection.execute(
        text("update custody_policy set lease_days = :days, epoch = epoch + 1 returning epoch"), {"days": days}
    ).scalar_one()
    note(connection, "lease-changed")
    return epoch


def set_recovery_key(connection: Connection, public: str) -> None:
    """Names the organisation's recovery key (its public half in hexadecimal); laptops seal their keys to it at their next sync.

    Raises NotPossible.
    """
    try:
        raw = bytes.fromhex(public)
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise NotPossible("the recovery key is 64 letters and digits, as `visitapp recovery new-key` shows it")
    connection.execute(text("update custody_policy set recovery_key = :key"), {"key": raw})
    note(connection, "recovery-key-changed")


def escrows(connection: Connection, user: str = "") -> list[dict[str, Any]]:
    """Whose keys are in escrow: the newest of each vault, and whether it is sealed to the recovery key of now."""
    found = connection.execute(
        text(
            "select distinct on (e.device, e.vault) e.user_id, m.name, e.device, d.state, e.vault, e.epoch, e.kept_at,"
            " e.sealed_to = p.recovery_key as current from escrow e join device d on d.id = e.device"
            " join member m on m.id = e.user_id cross join custody_policy p where :user in ('', e.user_id)"
            " order by e.device, e.vault, e.epoch desc"
        ),
        {"user": user},
    )
    return [dict(row._mapping) for row in found]


def note_recovery(connection: Connection, user: str, first: str, second: str, request: str = "") -> list[dict[str, Any]]:
    """Lets two administrators see what is in escrow for somebody, and writes down that they did.

    With `request`, what the laptop shows, only the vault that asks is answered, if it is hers and what it shows is what is kept
    here. Raises NotFound, NotPossible.
    """
    for administrator in (first, second):
        _must_be(connection, administrator, "administrator")
    if first == second:
        raise NotPossible("two different administrators are needed")
    if user in (first, second):
        raise NotPossible("nobody recovers her own record: another administrator is needed")
    if connection.execute(text("select 1 from member where id = :user"), {"user": user}).first() is None:
        raise NotFound("user")
    found = escrows(connection, user)
    if request:
        found = [entry for entry in found if _asks(connection, entry, request)]
        if not found:
            raise NotPossible("this request is not from a laptop of this person, or not from its newest state")
    if not found:
        raise NotPossible("nothing is in escrow for this person")
    note(connection, "recovery-opened", user, str(found[0]["device"]) if request else "", (first, second))
    return found


def _asks(connection: Connection, entry: dict[str, Any], request: str) -> bool:
    from visitapp.protocol.papers import escrow_in

    shown = escrow_in(request)
    kept = connection.execute(
        text("select sealed from escrow where device = :device and vault = :vault and epoch = :epoch"), entry
    ).scalar_one()
    return shown == (str(entry["vault"]), int(entry["epoch"]), bytes(kept))


def log(connection: Connection, many: int = 200) -> list[dict[str, Any]]:
    """The newest lines of the log of custody."""
    found = connection.execute(text("select * from custody_log order by at desc, id desc limit :many"), {"many": many})
    return [dict(row._mapping) for row in found]


def _must_be(connection: Connection, user: str, *roles: str) -> None:
    found = connection.execute(text("select role, active from member where id = :user"), {"user": user}).first()
    if found is None:
        raise NotFound("user")
    if found.role not in roles or not found.active:
        raise NotPossible(f"only an open account of an {' or '.join(roles)} may do this")
