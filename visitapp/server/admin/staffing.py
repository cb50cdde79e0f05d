"""Changes among those who work here: another role, an account closed, families handed over or covered while somebody is away."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.server.admin.people import ROLES, NewUser, NotFound, NotPossible, assign, set_active, settle_in

_NOW: Final = "from_at <= now() and coalesce(until_at, 'infinity') > now()"


def families_of(connection: Connection, nurse: str) -> list[str]:
    """The families that are hers now, by id."""
    found = connection.execute(
        text(f"select distinct substr(scope, 3) from assignment where user_id = :nurse and role = 'nurse' and {_NOW} order by 1"),  # noqa: S608
        {"nurse": nurse},
    )
    return list(found.scalars())


def change_role(connection: Connection, user: str, role: str, job_title: str) -> None:
    """Gives someone another role or job title; what she may see follows, and her sessions end. Raises NotFound, NotPossible."""
    if role not in ROLES:
        raise NotPossible(f"the role must be one of {', '.join(ROLES)}")
    member = _member(connection, user)
    if member.role == "nurse" and role != "nurse" and families_of(connection, user):
        raise NotPossible("she still has families; hand them over first")
    connection.execute(
        text("update member set role = :role, job_title = :job_title where id = :user"),
        {"user": user, "role": role, "job_title": job_title},
    )
    # What came with the old role goes with it; what everyone has is given anew with the profile.
    kept = "" if member.role != role else " and scope !~ '^[fr]:'"
    ended = f"update assignment set until_at = now() where user_id = :user and {_NOW}{kept}"  # noqa: S608 - our own words
    connection.execute(text(ended), {"user": user})
    is_other = member.role != role
    new = NewUser(member.name, role, member.team, job_title, user)
    settle_in(connection, user, new, str(member.team_name), reviews=is_other)
    if is_other:
        sign_out(connection, user)


def sign_out(connection: Connection, user: str) -> None:
    """Ends whatever sessions someone has in a browser."""
    connection.execute(text("update account set ended_at = clock_timestamp() where user_id = :user"), {"user": user})


def close(connection: Connection, user: str) -> None:
    """Closes an account: laptops and sessions are refused from now on. Raises NotFound."""
    set_active(connection, user, False)
    sign_out(connection, user)


def end_care(connection: Connection, family: str, nurse: str, at: datetime | None = None) -> None:
    """Ends what somebody has of a family, now or at a moment to come. Raises NotFound."""
    assign(connection, family, nurse, None, at or _now(connection))


def hand_over(connection: Connection, nurse: str, to: str) -> list[str]:
    """Gives every family of a nurse to another for good; answers their ids. Raises NotFound, NotPossible."""
    families = families_of(connection, nurse)
    _must_take(connection, nurse, to)
    theirs = set(families_of(connection, to))
    moment = _now(connection)
    for family in families:
        if family not in theirs:
            assign(connection, family, to)
        assign(connection, family, nurse, None, moment)
    return families


def cover(connection: Connection, nurse: str, by: str, from_at: datetime, until_at: datetime) -> list[str]:
    """Lets another nurse into every family of one who is away, between two moments; answers their ids.

    Raises NotFound, NotPossible.
    """
    if until_at <= from_at or until_at <= datetime.now(UTC):
        raise NotPossible("the cover has to end after it begins, and after today")
    _must_take(connection, nurse, by)
    families = families_of(connection, nurse)
    for family in families:
        assign(connection, family, by, from_at, until_at)
    return families


def _must_take(connection: Connection, nurse: str, other: str) -> None:
    if nurse == other:
        raise NotPossible("this is the same person")
    member = _member(connection, other)
    if member.role != "nurse" or not member.active:
        raise NotPossible("only a nurse with an open account can take families")


def _member(connection: Connection, user: str) -> Any:
    found = connection.execute(
        text("select m.*, t.name as team_name from member m join team t on t.id = m.team where m.id = :user"), {"user": user}
    ).first()
    if found is None:
        raise NotFound("user")
    return found


def _now(connection: Connection) -> datetime:
    found: datetime = connection.execute(text("select now()")).scalar_one()
    return found
