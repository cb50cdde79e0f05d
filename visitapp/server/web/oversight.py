"""What needs somebody today, packs of questionnaires, sync by risk, the log of deeds, and the service's settings."""

from typing import Any, Final

from sqlalchemy import text

from visitapp.server.admin import custody, listing, overview
from visitapp.server.audit import newest, verify
from visitapp.server.web.pages import Call, Done, Form, Page, Shown, Wrong

_PACK_LIMIT: Final = 8 * 1024 * 1024
_DEEDS: Final = 100


def _today(call: Call) -> Shown:
    sees_sync = call.may("sync.health")
    devices = overview.devices(call.connection)
    facts = {
        "pending": [row for row in devices if row["state"] == "pending"],
        "wiping": [row for row in custody.wipes(call.connection) if row["wiped_at"] is None],
        "orphans": [row for row in overview.families(call.connection) if not row["nurses"]],
        "worries": [row for row in overview.health(call.connection) if row["risk"] not in ("well", "new", "waiting")]
        if sees_sync
        else [],
        "counts": _counts(call),
        "is_auditor": call.session.holder.role == "auditor",
    }
    return Shown("today.html", facts)


def _counts(call: Call) -> dict[str, int]:
    words = (
        "select (select count(*) from member where active) as people, (select count(*) from team) as teams,"
        " (select count(*) from scope where id like 'f:%') as families,"
        " (select count(*) from device where state = 'active') as laptops"
    )
    return dict(call.connection.execute(text(words)).one()._mapping)


def _packs(call: Call) -> Shown:
    return Shown("packs.html", {"found": overview.questionnaires(call.connection), "may_add": call.may("packs.publish")})


def _publish(call: Call) -> Shown:
    raw = call.files.get("pack", b"")
    if not raw:
        raise Wrong("Choose a pack first: the file that `visitapp forms pack` made.")
    # Imported where a pack comes in: the service starts without the engine of questionnaires.
    from visitapp.server.admin import packs

    said = packs.publish_pack(call.connection, raw, call.line("signer", "The signer", needed=False))
    call.words = said.splitlines()[0][:200]
    found = overview.questionnaires(call.connection)
    return Shown("packs.html", {"found": found, "may_add": True, "notice": f"{said[:1].upper()}{said[1:]}."})


def _sync(call: Call) -> Shown:
    held = listing.rows(call.connection, "held") if call.may("held.list") else []
    return Shown("sync.html", {"people": overview.health(call.connection), "held": held})


def _audit(call: Call) -> Shown:
    told = call.told.get("before", "")
    before = int(told) if told.isdigit() and len(told) < 16 else 0
    found = newest(call.connection, before, _DEEDS)
    names = {row["id"]: row["name"] for row in overview.people(call.connection)}
    facts: dict[str, Any] = {
        "deeds": found,
        "names": names,
        "broken": verify(call.connection).broken,
        "older": found[-1].n if len(found) == _DEEDS else 0,
    }
    return Shown("audit.html", facts)


def _glass(call: Call) -> Shown:
    words = "select *, until_at > now() as present from glass order by asked_at desc limit 500"
    names = {row["id"]: row["name"] for row in overview.people(call.connection)}
    found = [dict(row._mapping) for row in call.connection.execute(text(words))]
    return Shown("glass.html", {"found": found, "names": names})


def _settings(call: Call) -> Shown:
    lease = call.connection.execute(text("select lease_days from custody_policy")).scalar_one()
    may_change = call.may("policy.change")
    facts = {
        "policies": overview.policies(call.connection),
        "may_change": may_change,
        "lease": lease,
        "most": custody.LEASE_DAYS.stop - 1,
    }
    return Shown("settings.html", facts)


def _change_settings(call: Call) -> Done:
    changed = []
    for name, before in overview.policies(call.connection).items():
        value = "on" if call.told.get(name) == "on" else "off"
        if value != before:
            overview.set_policy(call.connection, name, value, call.session.holder.user)
            changed.append(f"{name} {value}")
    lease = call.connection.execute(text("select lease_days from custody_policy")).scalar_one()
    told = call.line("lease", "The number of days")
    if not (told.isascii() and told.isdigit() and len(told) < 5):
        raise Wrong("The number of days has to be a number.")
    if int(told) != lease:
        custody.set_lease(call.connection, int(told))
        changed.append(f"lease {int(told)} days")
    call.words = ", ".join(changed)
    return Done("/admin/settings", "settings")


PAGES: Final = (
    Page("", "web.home", _today),
    Page("/packs", "packs.list", _packs),
    Page("/sync", "sync.health", _sync),
    Page("/audit", "audit.read", _audit, noted=True),
    Page("/opened", "glass.list", _glass, noted=True),
    Page("/settings", "policy.read", _settings),
)
FORMS: Final = (
    Form("/packs", "packs.publish", _publish, fresh=False, limit=_PACK_LIMIT),
    Form("/settings", "policy.change", _change_settings, fresh=True),
)
