"""Families as far as an administrator sees them: whose they are, since when, and giving them to somebody."""

from typing import Final

from visitapp.server.admin import overview, people, staffing
from visitapp.server.admin.people import NotFound
from visitapp.server.web.pages import Call, Done, Form, Page, Shown
from visitapp.server.web.people import span_of

_MOST: Final = 1_000
"""How many families one page shows, those without a nurse first."""


def _families(call: Call) -> Shown:
    found = overview.families(call.connection)
    return Shown("families.html", {"families": found[:_MOST], "more": max(0, len(found) - _MOST), "named": _named(call)})


def _named(call: Call) -> bool:
    return overview.policies(call.connection)["family_names"] == "on"


def _family(call: Call) -> Shown:
    family = call.id("family")
    found = overview.family(call.connection, family)
    if found is None:
        raise NotFound("family")
    everybody = overview.people(call.connection)
    facts = {
        "family": found,
        "grants": overview.grants(call.connection, family),
        "takers": [row for row in everybody if row["active"] and row["role"] in ("nurse", "supervisor")],
        "may_give": call.may("grants.give"),
    }
    return Shown("family.html", facts)


def _give(call: Call) -> Done:
    family, user = call.id("family"), call.line("to", "The colleague")
    if call.told.get("for") == "days":
        people.assign(call.connection, family, user, *span_of(call))
    else:
        people.assign(call.connection, family, user)
    call.words = f"to {user}"
    return Done(f"/admin/families/{family}", "given")


def _end(call: Call) -> Done:
    family, user = call.id("family"), call.line("whose", "The colleague")
    staffing.end_care(call.connection, family, user)
    call.words = f"from {user}"
    call.handed_over.add((user, family))
    return Done(f"/admin/families/{family}", "ended")


PAGES: Final = (Page("/families", "grants.list", _families), Page("/families/{family}", "grants.list", _family))
FORMS: Final = (
    Form("/families/{family}/give", "grants.give", _give),
    Form("/families/{family}/end", "grants.end", _end),
)
