"""A questionnaire as a service publishes it: one of a signed pack, with all that proves it was in the pack."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from visitapp.forms import wire
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.packs import FORMAT, Pack, PackRefused, Verify, check_pack

MAX_BODY = 200_000
"""What a record's body may weigh, less some room for what is beside the questionnaire; a longer text travels folded."""


@dataclass(frozen=True, slots=True)
class Published:
    """A questionnaire that came with a signed pack; `pack` says when it is in use and who signed."""

    questionnaire: Questionnaire
    pack: Pack


def bodies(raw: bytes, verify: Verify) -> tuple[dict[str, Any], ...]:
    """One record body for each questionnaire of a signed pack. Raises `PackRefused`."""
    pack = check_pack(raw, verify)
    body = wire.parse(raw)
    manifest = wire.canonical(body["manifest"]).decode()
    made = []
    for questionnaire, text in zip(pack.questionnaires, body["texts"], strict=True):
        head = {"url": questionnaire.url, "version": questionnaire.version, "title": questionnaire.title}
        made.append(head | {"manifest": manifest, "signature": dict(body["signature"])} | _text(text))
    return tuple(made)


def read_published(body: Mapping[str, Any], verify: Verify) -> Published:
    """The questionnaire in a record's body, once its place in a pack with a good signature is proved.

    Raises `PackRefused`.
    """
    text = _text_of(body)
    try:
        manifest = wire.parse(str(body.get("manifest")))
    except wire.NotReadable as problem:
        raise _refused("notReadable", reason=problem.reason) from None
    listed = manifest.get("questionnaires") if isinstance(manifest, Mapping) else None
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    at = [n for n, entry in enumerate(listed if isinstance(listed, list) else ()) if _is_of(entry, digest)]
    if not at:
        raise _refused("packChecksum", name=str(body.get("url"))[:300])
    signed = wire.canonical({"format": FORMAT, "manifest": manifest, "texts": [text], "signature": body.get("signature")})
    pack = check_pack(signed, verify, only=at[0])
    found = pack.questionnaires[0]
    if (found.url, found.version) != (body.get("url"), body.get("version")):
        raise _refused("packChecksum", name=str(body.get("url"))[:300])
    return Published(found, pack)


def _is_of(entry: Any, digest: str) -> bool:
    return isinstance(entry, Mapping) and entry.get("sha256") == digest


def _text(text: str) -> dict[str, str]:
    if len(text) <= MAX_BODY // 2:
        return {"text": text}
    return {"folded": base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode()}


def _text_of(body: Mapping[str, Any]) -> str:
    text, folded = body.get("text"), body.get("folded")
    if isinstance(text, str):
        return text
    try:
        # Bounded: a few kilobytes can unfold to gigabytes.
        opened = zlib.decompressobj().decompress(base64.b64decode(str(folded), validate=True), wire.MAX_BYTES)
        return opened.decode("utf-8", "surrogatepass")
    except (binascii.Error, zlib.error, ValueError):
        raise _refused("notReadable", reason="not-unfolded") from None


def _refused(rule: str, **detail: Any) -> PackRefused:
    return PackRefused([Fact(Severity.ERROR, rule, None, "", detail, structural=True)])
