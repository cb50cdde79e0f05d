"""Packs: questionnaires that travel together, with a source, effective dates, a checksum and a signature."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from visitapp.forms import wire
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity, has_errors
from visitapp.forms.inspection import unreadable

FORMAT = "visitapp-pack-1"
REQUIRED = ("name", "version", "source", "licence", "effective_from")

Sign = Callable[[bytes], bytes]
Verify = Callable[[str, bytes, bytes], bool]
"""Whether a signature by the key of that name over these bytes is good: (key, signed bytes, signature)."""


class PackRefused(Exception):
    """A pack that can't be taken in; `facts` say why."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__(", ".join(sorted({fact.rule for fact in facts})))
        self.facts = tuple(facts)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was built or checked; `key` names who signed it, None while nobody has."""

    name: str
    version: str
    source: str
    licence: str
    effective_from: date
    effective_until: date | None
    questionnaires: tuple[Questionnaire, ...]
    checksum: str
    raw: bytes
    key: str | None = None

    def is_effective(self, on: date) -> bool:
        """Whether the pack is in use on a day."""
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)


def build_pack(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Pack:
    """A pack of questionnaire files, unsigned; raises `PackRefused` with everything that is wrong with them."""
    facts = list(_of_manifest(manifest))
    texts, listed = [], []
    for name in sorted(files):
        try:
            questionnaire = load_questionnaire(files[name])
        except MalformedQuestionnaire as problem:
            facts += [_in_file(fact, name) for fact in problem.facts]
            continue
        facts += [
            _in_file(fact, name) for fact in (*questionnaire.facts, *unreadable(questionnaire)) if fact.severity is Severity.ERROR
        ]
        text = files[name].decode("utf-8-sig")
        texts.append(text)
        listed.append({"canonical": questionnaire.canonical, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    facts += _twice([entry["canonical"] for entry in listed])
    if has_errors(facts):
        raise PackRefused(facts)
    head = {key: value for key, value in manifest.items() if value is not None} | {"questionnaires": listed}
    return check_pack(wire.canonical({"format": FORMAT, "manifest": head, "texts": texts}), None)


def sign_pack(pack: Pack, key: str, sign: Sign) -> bytes:
    """The pack's bytes with a signature over its checksum by the key of that name."""
    body = wire.parse(pack.raw)
    signature = base64.b64encode(sign(bytes.fromhex(pack.checksum))).decode()
    return wire.canonical(body | {"signature": {"key": key, "value": signature}})


def check_pack(raw: bytes, verify: Verify | None, *, only: int | None = None) -> Pack:
    """The pack in these bytes; with `verify` only if its signature is good. Raises `PackRefused`.

    With `only` the bytes hold the one questionnaire at that place of the list, and the list of all.
    """
    try:
        body = wire.parse(raw)
    except wire.NotReadable as problem:
        raise PackRefused([_error("notReadable", reason=problem.reason)]) from None
    if not isinstance(body, Mapping) or body.get("format") != FORMAT:
        raise PackRefused([_error("packFormat")])
    manifest, texts = body.get("manifest"), body.get("texts")
    if not isinstance(manifest, Mapping) or not isinstance(texts, list):
        raise PackRefused([_error("packFormat")])
    facts = list(_of_manifest(manifest))
    if facts:
        raise PackRefused(facts)
    checksum = hashlib.sha256(wire.canonical(manifest)).hexdigest()
    key = _signed_by(body.get("signature"), checksum, verify)
    listed = manifest.get("questionnaires")
    if only is not None and isinstance(listed, list):
        listed = listed[only : only + 1]
    questionnaires = _questionnaires(listed, texts)
    until = manifest.get("effective_until")
    return Pack(
        name=manifest["name"],
        version=manifest["version"],
        source=manifest["source"],
        licence=manifest["licence"],
        effective_from=date.fromisoformat(manifest["effective_from"]),
        effective_until=date.fromisoformat(until) if until else None,
        questionnaires=questionnaires,
        checksum=checksum,
        raw=raw,
        key=key,
    )


def _signed_by(signature: Any, checksum: str, verify: Verify | None) -> str | None:
    if verify is None:
        return signature.get("key") if isinstance(signature, Mapping) else None
    if not isinstance(signature, Mapping):
        raise PackRefused([_error("packUnsigned")])
    key, value = signature.get("key"), signature.get("value")
    try:
        signed = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        # Characters beyond ASCII are no binascii.Error.
        signed = b""
    if not isinstance(key, str) or not signed or not verify(key, bytes.fromhex(checksum), signed):
        raise PackRefused([_error("packSignature", key=str(key)[:80])])
    return key


def _questionnaires(listed: Any, texts: list[Any]) -> tuple[Questionnaire, ...]:
    if not isinstance(listed, list) or len(listed) != len(texts):
        raise PackRefused([_error("packFormat")])
    facts: list[Fact] = []
    made = []
    for entry, text in zip(listed, texts, strict=True):
        if not isinstance(entry, Mapping) or not isinstance(text, str):
            raise PackRefused([_error("packFormat")])
        name = str(entry.get("canonical"))[:300]
        if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != entry.get("sha256"):
            facts.append(_error("packChecksum", name=name))
            continue
        try:
            questionnaire = load_questionnaire(text)
        except MalformedQuestionnaire as problem:
            facts += [_in_file(fact, name) for fact in problem.facts]
            continue
        if questionnaire.canonical != entry.get("canonical"):
            facts.append(_error("packChecksum", name=name))
        made.append(questionnaire)
    if facts:
        raise PackRefused(facts)
    return tuple(made)


def _of_manifest(manifest: Mapping[str, Any]) -> list[Fact]:
    facts = [_error("packManifest", element=key) for key in REQUIRED if not isinstance(manifest.get(key), str) or not manifest[key]]
    for key in ("effective_from", "effective_until"):
        said = manifest.get(key)
        try:
            if isinstance(said, str) and said:
                date.fromisoformat(said)
            elif said is not None:
                facts.append(_error("packManifest", element=key))
        except ValueError:
            facts.append(_error("packManifest", element=key))
    return list(dict.fromkeys(facts))


def _twice(canonicals: Sequence[str]) -> list[Fact]:
    return [_error("packTwice", name=each) for each in sorted(set(canonicals)) if canonicals.count(each) > 1]


def _in_file(fact: Fact, name: str) -> Fact:
    return Fact(fact.severity, fact.rule, fact.link_id, f"{name}: {fact.path}", fact.detail, fact.structural)


def _error(rule: str, **detail: Any) -> Fact:
    return Fact(Severity.ERROR, rule, None, "", detail, structural=True)
