"""Teams, users, devices and who cares for whom."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.protocol.messages import is_id
from visitapp.server.admin.handover import hand_drafts_on
from visitapp.server.admin.publishing import make_scope, publish
from visitapp.server.admin.telling import tell_of_cover, tell_of_gone
from visitapp.server.ids import new_id
from visitapp.server.operations import CLINICAL_ROLES, Role
from visitapp.server.signin import CODE_HOURS, code_hash, new_code

ROLES: Final = tuple(role.value for role in Role)
CLINICAL: Final = ("nurse", "supervisor", "safeguarding")
"""The roles that work with families, on a laptop. The others have an account for the web administration instead."""
_SPACE: Final = uuid.UUID("018f3a00-0000-7000-8000-76697369740a")


class NotFound(Exception):
    """An id that names nothing. `what` is the kind of thing."""

    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}")
        self.what = what


class NotPossible(Exception):
    """Something that may not be done. `why` says it in a few plain words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class NewUser:
    """Someone who is to have an account."""

    name: str
    role: str
    team: str
    job_title: str = ""
    id: str = ""


def record_id(name: str) -> str:
    """A stable id for a record of the service's own, so that publishing it again changes the same one."""
    return str(uuid.uuid5(_SPACE, name))


def add_team(connection: Connection, name: str, id_: str = "") -> str:
    """Makes a team and its scope; answers its id."""
    team = _chosen_id(id_)
    connection.execute(text("insert into team(id, name) values (:team, :name)"), {"team": team, "name": name})
    make_scope(connection, f"t:{team}", team)
    make_scope(connection, "g:")
    return team


def add_user(connection: Connection, new: NewUser) -> str:
    """Makes a user with her own scope, her profile and her place among colleagues; answers her id.

    A supervisor is let in to the families of the team as reviewer at once. Raises NotFound, NotPossible.
    """
    if new.role not in ROLES:
        raise NotPossible(f"the role must be one of {', '.join(ROLES)}")
    team = connection.execute(text("select name from team where id = :team"), {"team": new.team}).first()
    if team is None:
        raise NotFound("team")
    user = _chosen_id(new.id)
    connection.execute(
        text("insert into member(id, name, role, job_title, team) values (:id, :name, :role, :job_title, :team)"),
        {"id": user, "name": new.name, "role": new.role, "job_title": new.job_title, "team": new.team},
    )
    settle_in(connection, user, new, str(team.name))
    return user


def settle_in(connection: Connection, user: str, new: NewUser, team_name: str, *, reviews: bool = True) -> None:
    """What someone needs to work on a laptop: her own scope, her team's, her profile, and her place among colleagues.

    `reviews` lets a supervisor in to the families that her team has already.
    """
    make_scope(connection, f"u:{user}", new.team)
    for scope, role in ((f"u:{user}", "own"), (f"t:{new.team}", "team"), ("g:", "all")):
        _assign(connection, user, scope, role)
    if new.role == "supervisor" and reviews:
        families = connection.execute(
            text("select id from scope where team = :team and id like 'f:%'"), {"team": new.team}
        ).scalars()
        for scope in list(families):
            _assign(connection, user, scope, "review")
    told = {"user": user, "name": new.name, "role": new.role, "job_title": new.job_title}
    profile = {**told, "team": new.team, "team_name": team_name}
    publish(connection, f"u:{user}", "profile", record_id(f"profile {user}"), profile)
    publish(connection, f"t:{new.team}", "colleague", record_id(f"colleague {user}"), told)


def give_code(connection: Connection, user: str) -> str:
    """A one-use code with which the user enrols one device within a day. Raises NotFound, NotPossible."""
    if _must_be_user(connection, user).role not in CLINICAL_ROLES:
        raise NotPossible("only nurses, supervisors and safeguarding leads have laptops")
    code = new_code()
    connection.execute(
        text("insert into enrolment(code_hash, user_id, expires_at) values (:kept, :user, :expires)"),
        {"kept": code_hash(code), "user": user, "expires": datetime.now(UTC) + timedelta(hours=CODE_HOURS)},
    )
    return code


def assign(
    connection: Connection, family: str, user: str, from_at: datetime | None = None, until_at: datetime | None = None
) -> None:
    """Gives a family to a nurse, from one moment until another, or lets a supervisor review or a safeguarding lead read it.

    The restricted part comes with it, but for a supervisor. `until_at` alone ends what she has at that moment. Raises NotFound,
    NotPossible.
    """
    member = _must_be_user(connection, user)
    for scope in (f"f:{family}", f"r:{family}"):
        if connection.execute(text("select 1 from scope where id = :scope"), {"scope": scope}).first() is None:
            raise NotFound("family")
    ends = until_at is not None and from_at is None
    if member.role not in CLINICAL_ROLES and not ends:
        raise NotPossible("only nurses, supervisors and safeguarding leads can be given a family")
    given = {f"f:{family}": "nurse" if member.role == "nurse" else "review"}
    if member.role in ("nurse", "safeguarding"):
        given[f"r:{family}"] = "restricted"
    for scope, role in given.items():
        if until_at is not None and ends and _end(connection, user, scope, until_at):
            continue
        _assign(connection, user, scope, role, from_at, until_at)
    if member.role == "nurse" and until_at is not None and from_at is not None:
        tell_of_cover(connection, family, user, until_at)
    for nurse in _former_nurses(connection, family):
        tell_of_gone(connection, family, nurse, hand_drafts_on(connection, nurse, [family]))


def _former_nurses(connection: Connection, family: str) -> list[str]:
    found = connection.execute(
        text("select distinct user_id from assignment where scope = :scope and role = 'nurse' and until_at <= now()"),
        {"scope": f"f:{family}"},
    )
    return list(found.scalars())


def let_read_restricted(connection: Connection, family: str, user: str, until_at: datetime | None = None) -> None:
    """Lets someone read a family's restricted part. Raises NotFound."""
    _must_be_user(connection, user)
    if connection.execute(text("select 1 from scope where id = :scope"), {"scope": f"r:{family}"}).first() is None:
        raise NotFound("family")
    _assign(connection, user, f"r:{family}", "restricted", None, until_at)


def _assign(
    connection: Connection,
    user: str,
    scope: str,
    role: str,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
) -> None:
    connection.execute(
        text(
            "insert into assignment(user_id, scope, role, from_at, until_at)"
            " values (:user, :scope, :role, coalesce(cast(:from_at as timestamptz), now()), :until_at)"
        ),
        {"user": user, "scope": scope, "role": role, "from_at": from_at, "until_at": until_at},
    )


def _end(connection: Connection, user: str, scope: str, until_at: datetime) -> bool:
    ended = connection.execute(
        text(
            "update assignment set until_at = :until_at where user_id = :user and scope = :scope"
            " and (until_at is null or until_at > now())"
        ),
        {"user": user, "scope": scope, "until_at": until_at},
    )
    return ended.rowcount > 0


def set_device_state(connection: Connection, device: str, state: str) -> None:
    """Blocks a device, asks it to wipe itself, or lets it in again. Raises NotFound.

    Whatever got its id by rekeying from a device that is blocked or wiped is blocked too: one of the copies is in wrong hands.
    """
    changed = connection.execute(text("update device set state = :state where id = :device"), {"device": device, "state": state})
    if changed.rowcount != 1:
        raise NotFound("device")
    if state != "active":
        connection.execute(
            text(
                "with recursive later(id) as (select id from device where origin = :device"
                " union select d.id from device d join later l on d.origin = l.id)"
                " update device set state = 'blocked' from later where device.id = later.id and state = 'active'"
            ),
            {"device": device},
        )


def set_active(connection: Connection, user: str, active: bool) -> None:
    """Closes or reopens an account. Raises NotFound."""
    _must_be_user(connection, user)
    connection.execute(text("update member set active = :active where id = :user"), {"user": user, "active": active})


def publish_phone_cards(connection: Connection, team: str, cards: Sequence[dict[str, Any]]) -> None:
    """Puts the team's phone numbers on its laptops. Raises NotFound."""
    if connection.execute(text("select 1 from team where id = :team"), {"team": team}).first() is None:
        raise NotFound("team")
    publish(connection, f"t:{team}", "phone_card", record_id(f"phone card {team}"), {"cards": list(cards)})


def _must_be_user(connection: Connection, user: str) -> Any:
    found = connection.execute(text("select role, team from member where id = :user"), {"user": user}).first()
    if found is None:
        raise NotFound("user")
    return found


def _chosen_id(id_: str) -> str:
    if id_ and not is_id(id_):
        raise NotPossible("an id must be a lower-case UUID with dashes")
    return id_ or new_id()
