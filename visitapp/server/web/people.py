"""People and teams: who works here, in which role, with which laptops and accounts."""

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from visitapp.server import accounts
from visitapp.server.admin import overview, people, staffing
from visitapp.server.admin.people import CLINICAL, NewUser, NotFound
from visitapp.server.web.pages import Call, Done, Form, Page, Shown, Wrong
from visitapp.server.web.words import ROLE_WORDS

_LONDON: Final = ZoneInfo("Europe/London")
_YEARS: Final = range(2000, 2201)


def _people(call: Call) -> Shown:
    return Shown("people.html", {"people": overview.people(call.connection), "may_add": call.may("people.add")})


def _new_person(call: Call) -> Shown:
    return Shown("person-new.html", {"roles": tuple(ROLE_WORDS.items()), "teams": overview.teams(call.connection)})


def _add_person(call: Call) -> Done:
    role, team = call.line("role", "The role"), call.line("team", "The team")
    new = NewUser(call.line("name", "The name"), role, team, call.line("job_title", "The job title", needed=False))
    call.about = people.add_user(call.connection, new)
    call.words = role
    return Done(f"/admin/people/{call.about}", "person-added")


def _person(call: Call) -> Shown:
    user = call.id("user")
    found = overview.person(call.connection, user)
    if found is None:
        raise NotFound("person")
    facts: dict[str, Any] = {
        "person": found,
        "devices": overview.devices(call.connection, user),
        "families": overview.families(call.connection, user),
        "nurses": _others(call, user),
        "roles": tuple(ROLE_WORDS.items()),
        "works_on_laptop": found["role"] in CLINICAL,
        "works_here": found["role"] in accounts.WEB_ROLES,
        "may_change": call.may("people.change", user),
        "today": datetime.now(_LONDON).date().isoformat(),
    }
    return Shown("person.html", facts)


def _others(call: Call, user: str) -> list[Any]:
    return [row for row in overview.people(call.connection) if row["role"] == "nurse" and row["active"] and row["id"] != user]


def _change_person(call: Call) -> Done:
    user, role = call.id("user"), call.line("role", "The role")
    staffing.change_role(call.connection, user, role, call.line("job_title", "The job title", needed=False))
    call.words = role
    return Done(f"/admin/people/{user}", "person-changed")


def _close_person(call: Call) -> Done:
    user = call.id("user")
    staffing.close(call.connection, user)
    return Done(f"/admin/people/{user}", "person-closed")


def _reopen_person(call: Call) -> Done:
    user = call.id("user")
    people.set_active(call.connection, user, True)
    return Done(f"/admin/people/{user}", "person-opened")


def _give_code(call: Call) -> Shown:
    user = call.id("user")
    code = people.give_code(call.connection, user)
    return _code_page(call, user, code, "laptop")


def _give_account(call: Call) -> Shown:
    user = call.id("user")
    accounts.give_account(call.connection, user, call.line("login", "The user name", needed=False))
    code = accounts.give_setup_code(call.connection, user)
    return _code_page(call, user, code, "account")


def _code_page(call: Call, user: str, code: str, kind: str) -> Shown:
    found = overview.person(call.connection, user)
    assert found is not None
    return Shown("code.html", {"person": found, "code": code, "kind": kind})


def _end_sessions(call: Call) -> Done:
    user = call.id("user")
    staffing.sign_out(call.connection, user)
    return Done(f"/admin/people/{user}", "sessions-ended")


def _hand_over(call: Call) -> Done:
    user, to = call.id("user"), call.line("to", "The nurse who takes over")
    families = staffing.hand_over(call.connection, user, to)
    call.handed_over |= {(user, family) for family in families}
    call.words = f"{len(families)} families"
    return Done(f"/admin/people/{user}", "handed-over")


def _cover(call: Call) -> Done:
    user, by = call.id("user"), call.line("by", "The nurse who covers")
    families = staffing.cover(call.connection, user, by, *span_of(call))
    call.words = f"{len(families)} families"
    return Done(f"/admin/people/{user}", "covered")


def span_of(call: Call) -> tuple[datetime, datetime]:
    """The two days of a form as moments: from the beginning of the first to the end of the last. Raises Wrong."""
    first, last = _day(call, "from", "The first day"), _day(call, "until", "The last day")
    return first, last + timedelta(days=1)


def _day(call: Call, name: str, label: str) -> datetime:
    try:
        day = datetime.strptime(call.line(name, label), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise Wrong(f"{label} has to be written as year-month-day, for example 2026-01-31.") from None
    if day.year not in _YEARS:
        raise Wrong(f"{label} cannot be right: look at the year.")
    return datetime.combine(day, time(), _LONDON)


def _teams(call: Call) -> Shown:
    return Shown("teams.html", {"teams": overview.teams(call.connection), "may_add": call.may("teams.add")})


def _add_team(call: Call) -> Done:
    call.about = people.add_team(call.connection, call.line("name", "The team's name"))
    return Done("/admin/teams", "team-added")


def _rename_team(call: Call) -> Done:
    values = {"team": call.id("team"), "name": call.line("name", "The team's name")}
    if call.connection.execute(text("update team set name = :name where id = :team"), values).rowcount != 1:
        raise NotFound("team")
    return Done("/admin/teams", "team-changed")


PAGES: Final = (
    Page("/people", "people.list", _people),
    Page("/people/new", "people.add", _new_person),
    Page("/people/{user}", "people.list", _person),
    Page("/teams", "teams.list", _teams),
)
FORMS: Final = (
    Form("/people", "people.add", _add_person, fresh=True),
    Form("/people/{user}/change", "people.change", _change_person, fresh=True),
    Form("/people/{user}/close", "people.close", _close_person, fresh=True),
    Form("/people/{user}/reopen", "people.reopen", _reopen_person, fresh=True),
    Form("/people/{user}/laptop-code", "devices.code", _give_code, fresh=True),
    Form("/people/{user}/account", "people.reset", _give_account, fresh=True),
    Form("/people/{user}/end-sessions", "people.change", _end_sessions),
    Form("/people/{user}/hand-over", "grants.give", _hand_over, fresh=True),
    Form("/people/{user}/cover", "grants.give", _cover),
    Form("/teams", "teams.add", _add_team),
    Form("/teams/{team}", "teams.change", _rename_team),
)
