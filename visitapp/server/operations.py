"""The table of everything that can be asked of the service, and who may: one row for each operation, nothing in between.

Each operation of the OpenAPI document names its row (`asks`); handing in is one operation for each act and kind of record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal, get_args

from visitapp.protocol.messages import Act
from visitapp.protocol.rules import KINDS

Subject = Literal["clinical", "restricted", "personal", "shared", "admin", "audit"]
"""What it is done to: a family's scope, its restricted scope, one's own, a team's or everybody's, the organisation's affairs."""
Relation = Literal["own", "review", "restricted", "glass", "shared", "team", "other", "new"]
"""own: hers, or she is its nurse. glass: opened for an hour, with a reason. team: her team's, not hers. new: nobody's yet."""

ANY_KIND: Final = "?"
"""Stands for kinds of records that this version does not know."""
ACTS: Final[tuple[Act, ...]] = get_args(Act)


class Role(StrEnum):
    """What an account is to the service."""

    NURSE = "nurse"
    SUPERVISOR = "supervisor"
    SAFEGUARDING = "safeguarding"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


CLINICAL_ROLES: Final = frozenset({Role.NURSE, Role.SUPERVISOR, Role.SAFEGUARDING})
"""Who may ever read about a family. Everyone else holds none, whatever an assignment says."""

Rights = Mapping[Role, frozenset[tuple[Subject, Relation]]]
_NOBODY: Final[Rights] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """Who may do one thing. `states` are those of the device or session that may ask for it."""

    roles: Rights = field(default_factory=dict)
    open: bool = False
    """Asked before anyone knows who asks."""
    states: frozenset[str] = frozenset({"active"})
    past: bool = False
    """Whether what was done while it was allowed is still taken afterwards."""
    kept: Rights = field(default_factory=dict)
    """Where it is not carried out but kept for a person to look at."""
    about_records: bool = False


def asks(operation: str, **more: Any) -> dict[str, Any]:
    """What a route says of itself in the OpenAPI document (`openapi_extra`): which row judges it. Raises KeyError without one."""
    if operation != "push":
        OPERATIONS[operation]
    return {"x-operation": operation, **more}


def of_push(act: str, kind: str) -> str:
    """The name of an operation of handing in."""
    return f"push {act} {kind if kind in KINDS else ANY_KIND}"


def _rights(**roles: str) -> Rights:
    """Rights in words: `nurse="clinical:own shared:shared"`."""
    found: dict[Role, frozenset[tuple[Subject, Relation]]] = {}
    for role, words in roles.items():
        pairs = (word.split(":") for word in words.split())
        found[Role(role)] = frozenset((_subject(subject), _relation(relation)) for subject, relation in pairs)
    return found


def _subject(word: str) -> Subject:
    return next(subject for subject in get_args(Subject) if subject == word)


def _relation(word: str) -> Relation:
    return next(relation for relation in get_args(Relation) if relation == word)


_HERS: Final = "personal:own shared:shared"
_READS: Final = _rights(
    nurse=f"clinical:own clinical:review clinical:glass restricted:restricted restricted:glass {_HERS}",
    supervisor=f"clinical:own clinical:review clinical:glass restricted:restricted restricted:glass {_HERS}",
    safeguarding=f"clinical:review clinical:glass restricted:restricted restricted:glass {_HERS}",
    auditor=_HERS,
    administrator=_HERS,
)
_CARES: Final = _rights(nurse="clinical:own", supervisor="clinical:own")
_CARES_RESTRICTED: Final = _rights(nurse="clinical:own restricted:restricted", supervisor="clinical:own")
_BEGINS: Final = _rights(nurse="clinical:own clinical:new", supervisor="clinical:own")
_REVIEWS: Final = _rights(nurse="clinical:own clinical:review", supervisor="clinical:own clinical:review")
_DRAFTS: Final = _rights(nurse="personal:own", supervisor="personal:own")
_UNKNOWN: Final = _rights(nurse="clinical:own restricted:restricted personal:own", supervisor="clinical:own personal:own")
# Whoever reads may hold the only copy of what the server lost.
_WITNESSES: Final = _rights(
    nurse="clinical:own clinical:review clinical:glass restricted:restricted restricted:glass",
    supervisor="clinical:own clinical:review clinical:glass restricted:restricted restricted:glass",
    safeguarding="clinical:review clinical:glass restricted:restricted restricted:glass",
)

_WRITERS: Final[Mapping[str, Rights]] = {
    "family": _CARES,
    "person": _CARES,
    "begun": _CARES,
    "draft": _DRAFTS,
    "visit": _CARES,
    "part": _CARES_RESTRICTED,
    "addendum": _CARES_RESTRICTED,
    "error_mark": _CARES,
    "review": _REVIEWS,
    "measurement": _CARES,
    "referral": _CARES,
    "plan_item": _CARES,
    "decision": _UNKNOWN,
    "handed_on": _DRAFTS,
    "overlap": _NOBODY,
    "sync_health": _NOBODY,
    "profile": _NOBODY,
    "notice": _NOBODY,
    "colleague": _NOBODY,
    "phone_card": _NOBODY,
    "questionnaire": _NOBODY,
    "programme": _NOBODY,
    ANY_KIND: _UNKNOWN,
}
"""Who may hand in each kind of record, and to which scopes. A kind without a row does not exist."""


# What is unsent is taken from a laptop before its record is taken off it.
_LEAVING: Final = frozenset({"active", "wipe"})


def _pushes() -> Iterator[tuple[str, Row]]:
    for kind, writers in _WRITERS.items():
        for act in ACTS:
            roles = _BEGINS if (act, kind) == ("put", "family") else writers
            held = _WITNESSES if act == "assert" else _NOBODY
            # Whoever may not write at all may still hand back what was lost: the row has to know her.
            known = {role: roles.get(role, frozenset()) for role in {*roles, *held}}
            yield f"push {act} {kind}", Row(known, states=_LEAVING, past=True, kept=held, about_records=True)


_READ: Final = Row(_READS, about_records=True)
_OPEN: Final = Row(open=True, states=frozenset({"active", "blocked", "wipe", "unknown"}))


_OWN: Final = "admin:own"
_ALL: Final = "admin:own admin:team admin:other"
_NOT_HERSELF: Final = "admin:team admin:other"
_TEAM: Final = "admin:team"


def _everyone(words: str) -> Rights:
    return _rights(**{role.value: words for role in Role if role is not Role.SERVICE})


_OWN_DEVICE: Final = Row(_everyone(_OWN))
_GLASS: Final = Row(_rights(nurse="admin:team", supervisor="admin:team", safeguarding="admin:team admin:other"))

_DEVICE: Final[Mapping[str, Row]] = {
    "health": _OPEN,
    "authority": _OPEN,
    "enrol": _OPEN,
    "rekey": _OWN_DEVICE,
    "pull": _READ,
    "check": _READ,
    "glass.ask": _GLASS,
    "device.anchor": _OWN_DEVICE,
    "device.escrow": _OWN_DEVICE,
    # Its key is gone when it speaks of that: the receipt itself is signed.
    "device.wipe-receipt": _OPEN,
}


_ADMINISTRATES: Final = Row(_rights(administrator=_ALL))
_NOT_ONESELF: Final = Row(_rights(administrator=_NOT_HERSELF))
_AUDITS: Final = Row(_rights(auditor="audit:own audit:team audit:other"))
_SEES: Final = Row(_rights(administrator=_ALL, auditor=_ALL, safeguarding=_ALL, supervisor="admin:own admin:team"))

_OFFICE: Final[Mapping[str, Row]] = {
    "account.sign-in": _OPEN,
    "account.second-factor": _OPEN,
    "account.oidc-start": _OPEN,
    "account.oidc-callback": _OPEN,
    "account.sign-out": _OPEN,
    "account.password": _OWN_DEVICE,
    "account.step-up": _OWN_DEVICE,
    "account.sessions": _OWN_DEVICE,
    "web.home": _OWN_DEVICE,
    "web.assets": _OPEN,
    "people.list": _SEES,
    "people.add": _NOT_ONESELF,
    "people.change": _NOT_ONESELF,
    "people.close": _NOT_ONESELF,
    "people.reopen": _NOT_ONESELF,
    "people.reset": _NOT_ONESELF,
    "teams.list": _SEES,
    "teams.add": _ADMINISTRATES,
    "teams.change": _ADMINISTRATES,
    "grants.list": _SEES,
    "grants.give": Row(_rights(administrator=_NOT_HERSELF, supervisor=_TEAM)),
    "grants.end": Row(_rights(administrator=_ALL, supervisor="admin:own admin:team")),
    "devices.list": Row(
        _rights(administrator=_ALL, auditor=_ALL, supervisor="admin:own admin:team", nurse=_OWN, safeguarding=_OWN)
    ),
    "devices.code": _ADMINISTRATES,
    "devices.approve": _ADMINISTRATES,
    "devices.block": Row(_rights(administrator=_ALL, supervisor="admin:own admin:team", nurse=_OWN, safeguarding=_OWN)),
    "devices.unblock": _ADMINISTRATES,
    "devices.wipe": Row(_rights(administrator=_ALL, supervisor="admin:own admin:team")),
    "devices.wipe-now": _ADMINISTRATES,
    "packs.list": Row(_rights(administrator=_ALL, supervisor=_ALL, safeguarding=_ALL, service=_ALL)),
    "packs.publish": Row(_rights(administrator=_ALL, service=_ALL)),
    "held.list": Row(_rights(administrator=_ALL, supervisor="admin:own admin:team")),
    "sync.health": Row(_rights(administrator=_ALL, auditor=_ALL, supervisor="admin:own admin:team", service=_ALL)),
    "audit.read": _AUDITS,
    "glass.list": Row(_rights(auditor=_ALL, safeguarding=_ALL)),
    "policy.read": Row(_rights(administrator=_ALL, auditor=_ALL)),
    "policy.change": _ADMINISTRATES,
}

OPERATIONS: Final[Mapping[str, Row]] = {**_DEVICE, **dict(_pushes()), **_OFFICE}
"""Every operation by its name."""


def states_for(operation: str) -> frozenset[str]:
    """The states in which a device may ask for something. Raises KeyError for what has no row."""
    return OPERATIONS["push put visit" if operation == "push" else operation].states
