"""What the web administration says: places, roles, states, and what was done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

PLACES: Final = (
    ("/admin", "Today", "web.home"),
    ("/admin/people", "People", "people.list"),
    ("/admin/teams", "Teams", "teams.list"),
    ("/admin/families", "Families", "grants.list"),
    ("/admin/devices", "Laptops", "devices.list"),
    ("/admin/packs", "Questionnaires", "packs.list"),
    ("/admin/sync", "Sync", "sync.health"),
    ("/admin/audit", "Audit", "audit.read"),
    ("/admin/opened", "Opened families", "glass.list"),
    ("/admin/settings", "Settings", "policy.read"),
    ("/admin/account", "My account", "account.sessions"),
)
"""The rail: address, word, and the row in the table of operations that decides who sees it."""

ROLE_WORDS: Final[Mapping[str, str]] = {
    "nurse": "Family nurse",
    "supervisor": "Supervisor",
    "safeguarding": "Safeguarding lead",
    "auditor": "Information governance auditor",
    "administrator": "Administrator",
    "service": "Service account",
}

STATE_WORDS: Final[Mapping[str, str]] = {
    "active": "In use",
    "pending": "Waiting for approval",
    "blocked": "Blocked",
    "wipe": "To be wiped",
}

DEED_WORDS: Final[Mapping[str, str]] = {
    "people.add": "added a person",
    "people.change": "changed a role or ended sessions",
    "people.close": "closed an account",
    "people.reopen": "opened an account again",
    "people.reset": "gave a code to set up an account",
    "teams.add": "added a team",
    "teams.change": "renamed a team",
    "grants.give": "gave families",
    "grants.end": "took a family",
    "devices.code": "gave a code for a laptop",
    "devices.approve": "let a laptop in",
    "devices.block": "blocked a laptop",
    "devices.unblock": "let a laptop in again",
    "devices.wipe": "ordered a wipe",
    "devices.wipe-now": "agreed to a wipe at once",
    "packs.publish": "published questionnaires",
    "policy.change": "changed the settings",
    "account.password": "changed her own password",
    "account.sign-in": "signed in",
    "denied account.sign-in": "somebody could not sign in",
    "audit.read": "looked at the audit",
    "glass.list": "looked at opened families",
    "glass.ask": "opened a family for an hour",
}
"""What was done, by its row in the table of operations; others are told by that row's name."""

NOTICES: Final[Mapping[str, str]] = {
    "over": "Your session is over. Sign in again; nothing that you sent just now was done.",
    "signed-out": "You are signed out.",
    "set-up": "Your account is ready. Sign in with it.",
    "team-added": "The team is there.",
    "team-changed": "The team has its new name.",
    "person-added": "The person is there. She can work once she has a laptop or an account.",
    "person-changed": "Changed. Laptops hear of it at their next sync.",
    "person-closed": "The account is closed: her laptops and sessions are refused from now on. Her notes stay.",
    "person-opened": "The account is open again.",
    "given": "The family is given. Laptops hear of it at their next sync.",
    "ended": "Ended. The family leaves that laptop at its next sync, after what was written there has been sent.",
    "handed-over": "All families are handed over.",
    "covered": "The cover is arranged.",
    "device-approved": "The laptop is let in.",
    "device-blocked": "The laptop is refused from now on. What is on it stays encrypted there.",
    "device-open": "The laptop is let in again.",
    "device-wipe": "The wipe is ordered. The laptop sends its unsent work first, at its next contact.",
    "wipe-now-first": "Noted. A second administrator has to agree; until then an ordinary wipe goes out.",
    "wipe-now": "Both administrators agree: the laptop will be wiped at once, without sending what is on it.",
    "settings": "The settings are kept.",
    "sessions-ended": "All sessions of the account are over.",
    "password": "Your password is changed. Other sessions of yours are over.",
    "fresh": "Confirmed. For five minutes you will not be asked again.",
}
"""What is said after a form was carried out, by the word in the address."""

_LONDON: Final = ZoneInfo("Europe/London")


def moment(told: datetime | None, empty: str = "never") -> str:
    """A moment as people say it, in the time of the United Kingdom."""
    if told is None:
        return empty
    return f"{told.replace(tzinfo=told.tzinfo or UTC).astimezone(_LONDON):%-d %b %Y, %H:%M}"


def deed_told(what: str) -> str:
    """What was done, or was refused, in words."""
    refused = what.removeprefix("denied ")
    if what in DEED_WORDS or refused == what:
        return DEED_WORDS.get(what, what)
    return f"was refused: {DEED_WORDS.get(refused, refused)}"


def reference(id_: str) -> str:
    """The end of an id in two groups: short enough to say, long enough to tell families or laptops apart."""
    end = id_.replace("-", "")[-8:].upper()
    return f"{end[:4]} {end[4:]}"
