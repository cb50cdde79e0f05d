"""Whether a body is what its kind says: who wrote it, whom it is about, and where it may lie."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from visitapp.domain.visits import content_hash
from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import Op, is_id
from visitapp.protocol.problems import Malformed
from visitapp.protocol.rules import MOVABLE
from visitapp.server.signin import Caller

Check = Callable[[Op, Mapping[str, Any], Caller], str]

_NURSES_ACTIONS: Final = frozenset({"comment", "resolved"})
_ACTIONS: Final = frozenset({"comment", "seen", "returned", "countersigned", "resolved"})
PROVABLE: Final = frozenset({"visit", "addendum", "decision"})
"""Kinds that carry their author's signature."""
_MAY_BE_GONE: Final = MOVABLE | {"draft"}
_MAX_REV: Final = (1 << 31) - 2
_MAX_MS: Final = 1 << 52
_MAX_TEXT: Final = 64 * 1024


def _is_own(key: str) -> Check:
    return lambda op, body, caller: "" if body.get(key) == op.id else key


def _names_family(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    return "" if op.scope[0] not in "fr" or body.get("family") == op.scope[2:] else "family"


def _by_caller(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    if op.act == "assert" and op.kind in PROVABLE:
        return ""  # whoever brings back what the server lost: its signature proves the author
    return "" if body.get("author") == caller.user else "author"


def _begun_by_caller(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    # Whoever takes over a visit closes the mark of the one who began it.
    return "" if op.base else _by_caller(op, body, caller)


def _is_family(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    return "" if body.get("id") == op.id == op.scope[2:] else "id"


def _needs(*keys: str) -> Check:
    return lambda op, body, caller: next((key for key in keys if key not in body), "")


def _known_action(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    allowed = _NURSES_ACTIONS if caller.role == "nurse" else _ACTIONS
    return "" if body.get("action") in allowed else "action"


def _is_sealed(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    sealed = all(isinstance(body.get(key), str) for key in ("content_hash", "signature"))
    if not sealed or not isinstance(body.get("parts"), list):
        return "signature"
    # Readers judge every seal; the server has to where whoever hands a visit in need not be the one who signed it.
    return "signature" if op.act == "assert" and content_hash(body) != body["content_hash"] else ""


def _is_signed(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    signed = all(isinstance(body.get(key), str) for key in ("content_hash", "signature"))
    return "" if signed and content_hash(body) == body["content_hash"] else "signature"


def _restricted_lies_apart(op: Op, body: Mapping[str, Any], caller: Caller) -> str:
    return "" if bool(body.get("restricted")) == (op.scope[0] == "r") else "restricted"


CHECKS: Final[Mapping[str, tuple[Check, ...]]] = {
    "family": (_is_family,),
    "person": (_is_own("id"), _names_family),
    "begun": (_names_family, _begun_by_caller, _needs("visit", "author")),
    "draft": (_is_own("visit"), _by_caller, _needs("family")),
    "visit": (_is_own("visit"), _names_family, _by_caller, _is_sealed),
    "part": (_needs("visit", "questionnaire", "answers", "subject"), _restricted_lies_apart),
    "addendum": (_by_caller, _needs("visit", "text")),
    "error_mark": (_by_caller, _needs("visit", "reason")),
    "decision": (_by_caller, _is_signed, _needs("record", "kind", "chosen", "at")),
    "handed_on": (_by_caller, _needs("kind", "text", "at")),
    "review": (_by_caller, _known_action, _needs("visit")),
    "measurement": (_needs("person", "code", "value"),),
    "referral": (_needs("state"),),
    "plan_item": (_needs("text"),),
}
"""What is checked of each kind; a kind that isn't here is unknown and decided by the rules."""


def is_nameable(op: Op) -> bool:
    """Whether an op and its record have proper ids; without them nothing about it can be kept."""
    return is_id(op.op) and is_id(op.id)


def what_is_wrong(op: Op, caller: Caller, read: Callable[[], Any] | None = None) -> str:
    """The name of what is wrong with an op or its body, empty if nothing is. Never any of its content.

    `read` gives the body's content, where somebody has parsed it already, or raises Malformed.
    """
    if op.group and not is_id(op.group):
        return "group"
    if op.base > _MAX_REV or max(abs(op.at_ms), abs(op.offset_ms)) > _MAX_MS:
        return "range"
    if op.act == "del":
        return "body" if op.body else ""
    if not op.body and (op.act == "move" or (op.act == "assert" and op.kind in _MAY_BE_GONE)):
        return ""  # what was discarded or moved away comes back as gone
    return _what_is_wrong_inside(op, caller, read or (lambda: read_json(op.body)))


def _what_is_wrong_inside(op: Op, caller: Caller, read: Callable[[], Any]) -> str:
    try:
        body = read()
    except Malformed:
        return "json"
    if not isinstance(body, dict):
        return "object"
    if len(op.body) > _MAX_TEXT and _has_long_text(body):
        return "text"
    return next((wrong for check in CHECKS.get(op.kind, ()) if (wrong := check(op, body, caller))), "")


def _has_long_text(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _MAX_TEXT
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_long_text(inner) for inner in inside)
