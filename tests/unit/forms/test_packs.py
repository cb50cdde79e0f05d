"""Packs of questionnaires: built, signed, checked, and refused with a reason."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from visitapp.forms.packs import Pack, PackRefused, build_pack, check_pack, sign_pack

MANIFEST = {
    "name": "Sleep",
    "version": "1.0",
    "source": "The service",
    "licence": "CC0-1.0",
    "effective_from": "2026-01-01",
    "effective_until": "2026-12-31",
}
SECRET = b"only the service has this"


def sign(message: bytes) -> bytes:
    return hashlib.sha256(SECRET + message).digest()


def verify(key: str, message: bytes, signature: bytes) -> bool:
    return key == "service" and sign(message) == signature


def a_form(**more: Any) -> bytes:
    raw = {"resourceType": "Questionnaire", "url": "urn:sleep", "version": "1", "status": "active", "item": []}
    return json.dumps(raw | more, indent=1).encode()


def a_pack() -> Pack:
    return build_pack(MANIFEST, {"a.json": a_form(), "b.json": a_form(url="urn:naps", title="Cŵsg")})


def reasons(refused: pytest.ExceptionInfo[PackRefused]) -> set[str]:
    return {fact.rule for fact in refused.value.facts}


def test_a_signed_pack_comes_back_whole() -> None:
    pack = check_pack(sign_pack(a_pack(), "service", sign), verify)
    assert [each.canonical for each in pack.questionnaires] == ["urn:sleep|1", "urn:naps|1"]
    assert pack.questionnaires[1].source == a_form(url="urn:naps", title="Cŵsg")
    assert pack.key == "service"
    assert pack.is_effective(date(2026, 12, 31))
    assert not pack.is_effective(date(2027, 1, 1))


def test_an_unsigned_pack_is_refused() -> None:
    with pytest.raises(PackRefused) as refused:
        check_pack(a_pack().raw, verify)
    assert reasons(refused) == {"packUnsigned"}


@pytest.mark.parametrize("key", ["service", "stranger"])
def test_a_signature_that_is_not_good_is_refused(key: str) -> None:
    with pytest.raises(PackRefused) as refused:
        check_pack(sign_pack(a_pack(), key, lambda message: b"x" * 32 if key == "service" else sign(message)), verify)
    assert reasons(refused) == {"packSignature"}


def test_a_changed_questionnaire_is_refused_whoever_signed() -> None:
    body = json.loads(sign_pack(a_pack(), "service", sign))
    body["texts"][0] = body["texts"][0].replace("urn:sleep", "urn:sheep")
    with pytest.raises(PackRefused) as refused:
        check_pack(json.dumps(body).encode(), verify)
    assert reasons(refused) == {"packChecksum"}


def test_a_changed_list_breaks_the_signature() -> None:
    body = json.loads(sign_pack(a_pack(), "service", sign))
    body["manifest"]["effective_until"] = "2099-01-01"
    with pytest.raises(PackRefused) as refused:
        check_pack(json.dumps(body).encode(), verify)
    assert reasons(refused) == {"packSignature"}


def test_everything_wrong_with_the_files_is_said_at_once() -> None:
    files = {"a.json": a_form(status="done"), "b.json": b"{", "c.json": a_form(), "d.json": a_form()}
    with pytest.raises(PackRefused) as refused:
        build_pack({key: value for key, value in MANIFEST.items() if key != "source"}, files)
    assert reasons(refused) == {"packManifest", "status", "notReadable", "packTwice"}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"format":"visitapp-pack-1"}', b"\xff"])
def test_what_is_no_pack_is_refused(raw: bytes) -> None:
    with pytest.raises(PackRefused):
        check_pack(raw, verify)
