"""Packs of questionnaires: checked, then put where every laptop of the service finds them."""

from typing import Any

from sqlalchemy import Connection, text

from visitapp.forms.facts import Fact
from visitapp.forms.packs import PackRefused, check_pack
from visitapp.forms.published import bodies, read_published
from visitapp.forms.sentences import sentence
from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import MAX_BODY
from visitapp.server.admin.people import NotPossible, record_id
from visitapp.server.admin.publishing import dump, make_scope, publish
from visitapp.server.signin import is_signed_by_key

SCOPE = "g:"
_MOST_REASONS = 20


def publish_pack(connection: Connection, raw: bytes, signer: str = "") -> str:
    """Puts the questionnaires of a signed pack into the scope of everybody; answers in words what it did.

    The first pack decides who signs for this service; a pack by another key is taken only when `signer` names that key.
    A version that is there already can't come back with other content. Raises NotPossible with the reasons.
    """
    try:
        pack = check_pack(raw, is_signed_by_key)
        made = bodies(raw, is_signed_by_key)
    except PackRefused as refused:
        raise NotPossible(f"the pack is refused: {_reasons(refused.facts)}") from None
    make_scope(connection, SCOPE)
    there = _published(connection)
    known = {str(body.get("signature", {}).get("key")) for body in there.values()}
    key = str(pack.key)
    if signer and signer != key:
        raise NotPossible(f"the pack is signed by another key: {key}")
    if known and key not in known and not signer:
        raise NotPossible(f"{key} has not signed for this service before; if it may, say so with --signer")
    changed = 0
    for body, questionnaire in zip(made, pack.questionnaires, strict=True):
        id_ = record_id(f"questionnaire {questionnaire.canonical}")
        before = there.get(id_)
        if before is not None and _digest(before) != questionnaire.digest:
            raise NotPossible(f"{questionnaire.canonical} is there already with other content; give it a new version")
        if len(dump(body)) > MAX_BODY:
            raise NotPossible(f"{questionnaire.canonical} is too large to travel")
        changed += publish(connection, SCOPE, "questionnaire", id_, body)
    return f"published {pack.name} {pack.version}: questionnaires {len(made)}, new or changed {changed}\nsigned by {key}"


def _published(connection: Connection) -> dict[str, dict[str, Any]]:
    found = connection.execute(text("select id, body from rec where scope = 'g:' and kind = 'questionnaire' and not del"))
    return {str(row.id): read_json(bytes(row.body)) for row in found}


def _digest(body: dict[str, Any]) -> str:
    try:
        return read_published(body, is_signed_by_key).questionnaire.digest
    except PackRefused:
        return ""


def _reasons(facts: tuple[Fact, ...]) -> str:
    said = list(dict.fromkeys(sentence(fact) for fact in facts))
    rest = [f"and {len(said) - _MOST_REASONS} more"] if len(said) > _MOST_REASONS else []
    return "; ".join([*said[:_MOST_REASONS], *rest])
