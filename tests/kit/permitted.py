"""Who may do what, said a second time and another way: by who somebody is, one sentence after another, slowly.

Written from `security.md` B6-B7 and `sync.md` 3.5-3.6, not from the table it is compared with.
"""

from visitapp.server.decision import Question, Tense

OF_A_FAMILY = {
    *("family", "person", "begun", "visit", "part", "addendum", "error_mark"),
    *("review", "measurement", "referral", "plan_item", "decision"),
}
MAY_BE_RESTRICTED = {"part", "addendum", "decision"}
OF_ONES_OWN = {"draft", "decision", "handed_on"}
OF_THE_SERVICE = {
    *("profile", "notice", "colleague", "phone_card", "questionnaire"),
    *("programme", "overlap", "sync_health"),
}
NOT_KNOWN = {"?"}

WITHOUT_SIGNING_IN = {
    *("health", "authority", "enrol", "device.wipe-receipt"),
    *(
        "account.sign-in",
        "account.sign-out",
        "account.setup",
        "account.oidc-start",
        "account.oidc-callback",
        "account.second-factor",
        "web.assets",
    ),
}
EVERYONES_OWN = {
    *("rekey", "device.anchor", "device.escrow", "web.home"),
    *("account.password", "account.step-up", "account.sessions"),
}


def way(asked: Question) -> str:
    """What the service should say: yes, late, held, opens or no."""
    if asked.operation in WITHOUT_SIGNING_IN:
        return "yes"
    pushing = asked.operation.startswith("push ")
    if asked.state != "active" and not (asked.state == "wipe" and pushing):
        return "no"
    if asked.role == "service":
        return "yes" if asked.operation in THE_SERVICES and asked.subject == "admin" else "no"
    if pushing:
        _, act, kind = asked.operation.split()
        return _pushing(asked, act, kind)
    if asked.operation in ("pull", "check"):
        return "yes" if asked.tense is Tense.NOW and _reads(asked) else "no"
    return "yes" if _office(asked) else "no"


THE_SERVICES = {"packs.list", "packs.publish", "sync.health"}


def _reads(asked: Question) -> bool:
    """Hers, and what is for all; of families what she has, reviews, was let into, or opened with a reason, if she is clinical."""
    if asked.relation in ("team", "other", "new"):
        return False
    if asked.subject in ("personal", "shared"):
        return True
    if asked.role in ("auditor", "administrator"):
        return False
    return not (asked.role == "safeguarding" and asked.relation == "own")


def _writes(asked: Question, kind: str) -> bool:
    """Nurses and supervisors write; the rest never do. What the service writes nobody else writes."""
    if asked.role not in ("nurse", "supervisor") or kind in OF_THE_SERVICE:
        return False
    match asked.subject, asked.relation:
        case "clinical", "own":
            return kind in OF_A_FAMILY | NOT_KNOWN
        case "clinical", "review":
            return kind == "review"
        case "restricted", "restricted":
            return asked.role == "nurse" and kind in MAY_BE_RESTRICTED | NOT_KNOWN
        case "personal", "own":
            return kind in OF_ONES_OWN | NOT_KNOWN
    return False


def _pushing(asked: Question, act: str, kind: str) -> str:
    if asked.relation == "new":
        return "opens" if (asked.role, act, kind) == ("nurse", "put", "family") else "no"
    if _writes(asked, kind):
        return {Tense.NOW: "yes", Tense.LATE: "late", Tense.ONCE: "held"}[asked.tense]
    of_a_family = asked.subject in ("clinical", "restricted")
    if act == "assert" and of_a_family and asked.tense is Tense.NOW and _reads(asked):
        return "held"
    return "no"


_ANYWHERE = {"own", "team", "other"}
_NEAR = {"own", "team"}
_AWAY = {"team", "other"}

SEES = {"people.list", "teams.list", "grants.list"}
_OFFICES: dict[str, list[tuple[set[str], set[str]]]] = {
    "nurse": [({"glass.ask"}, {"team"}), ({"devices.list", "devices.block"}, {"own"})],
    "supervisor": [
        ({"glass.ask", "grants.give"}, {"team"}),
        (SEES | {"grants.end", "devices.list", "devices.block", "devices.wipe"}, _NEAR),
        ({"held.list", "sync.health"}, _NEAR),
        ({"packs.list"}, _ANYWHERE),
    ],
    "safeguarding": [
        ({"glass.ask"}, _AWAY),
        (SEES | {"packs.list", "glass.list"}, _ANYWHERE),
        ({"devices.list", "devices.block"}, {"own"}),
    ],
    "auditor": [
        (SEES | {"devices.list", "sync.health", "glass.list", "policy.read"}, _ANYWHERE),
        ({"audit.read"}, _ANYWHERE),
    ],
    "administrator": [
        (SEES | {"teams.add", "teams.change", "grants.end"}, _ANYWHERE),
        ({"devices.list", "devices.code", "devices.approve", "devices.block", "devices.unblock"}, _ANYWHERE),
        ({"devices.wipe", "devices.wipe-now", "packs.list", "packs.publish"}, _ANYWHERE),
        ({"held.list", "sync.health", "policy.read", "policy.change"}, _ANYWHERE),
        ({"people.add", "people.change", "people.close", "people.reopen", "people.reset", "grants.give"}, _AWAY),
    ],
}


def _office(asked: Question) -> bool:
    """What is no record: one's own affairs, and what an office lets one do for others. Only the audit is about the audit."""
    if (asked.subject == "audit") != asked.operation.startswith("audit."):
        return False
    if asked.operation in EVERYONES_OWN and asked.relation == "own":
        return True
    return any(asked.operation in operations and asked.relation in where for operations, where in _OFFICES[asked.role])
