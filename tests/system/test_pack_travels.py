# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""A pack of questionnaires on its way: signed by the service, published by its administrator, on every laptop after a sync."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.laptops import MakeLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.actions.packing import SigningKey, pack_folder, signing_key
from visitapp.actions.shelf import take_in
from visitapp.forms.library import Library
from visitapp.server.admin.packs import publish_pack
from visitapp.server.admin.people import NotPossible
from visitapp.server.database import administering
from visitapp.store.changes import Changes

URL = "https://forms.service.example/Questionnaire/bath-time"
MANIFEST = {"name": "Bath", "version": "1", "source": "us", "licence": "ours", "effective_from": "2026-01-01"}


def a_pack(folder: Path, key: SigningKey | None, **form: Any) -> bytes:
    folder.mkdir()
    (folder / "pack.json").write_text(json.dumps(MANIFEST))
    head = {"resourceType": "Questionnaire", "url": URL, "version": "1", "title": "Bath time", "status": "active"}
    item = [{"linkId": "warm", "type": "boolean", "text": "Was it warm?"}]
    (folder / "bath.json").write_text(json.dumps(head | {"item": item} | form, ensure_ascii=False))
    return pack_folder(folder, {}, key)[1]


def publish(service: ServiceKit, raw: bytes, signer: str = "") -> str:
    with administering(service.owner) as connection:
        return publish_pack(connection, raw, signer)


def test_a_published_pack_is_on_the_laptop_after_a_sync(service: ServiceKit, laptop: MakeLaptop, tmp_path: Path) -> None:
    nurse = laptop()
    key = signing_key(tmp_path / "key")
    heard: list[Changes] = []
    nurse.record.changes.subscribe(heard.append)
    said = publish(service, a_pack(tmp_path / "a", key, title="Amser bath ŵ"))
    assert "questionnaires 1, new or changed 1" in said
    assert key.name in said

    nurse.level()

    library = Library()
    assert take_in(nurse.record, library) == ()
    assert library.get(f"{URL}|1").title == "Amser bath ŵ"  # type: ignore[union-attr]
    assert any("questionnaire" in changes.kinds for changes in heard), "screens and the desk hear of it"


def test_publishing_again_changes_nothing_and_a_new_version_stands_beside_the_old(
    service: ServiceKit, laptop: MakeLaptop, tmp_path: Path
) -> None:
    nurse = laptop()
    key = signing_key(tmp_path / "key")
    publish(service, a_pack(tmp_path / "a", key))
    assert "new or changed 0" in publish(service, a_pack(tmp_path / "b", key))
    publish(service, a_pack(tmp_path / "c", key, version="2"))
    nurse.level()
    library = Library()
    take_in(nurse.record, library)
    assert {each.version for each in library} == {"1", "2"}


def test_a_version_that_is_there_keeps_its_content(service: ServiceKit, laptop: MakeLaptop, tmp_path: Path) -> None:
    laptop()
    key = signing_key(tmp_path / "key")
    publish(service, a_pack(tmp_path / "a", key))
    with pytest.raises(NotPossible, match="other content"):
        publish(service, a_pack(tmp_path / "b", key, title="Changed"))


def test_another_signer_is_taken_only_when_the_administrator_names_the_key(
    service: ServiceKit, laptop: MakeLaptop, tmp_path: Path
) -> None:
    laptop()
    first, second = signing_key(tmp_path / "first"), signing_key(tmp_path / "second")
    publish(service, a_pack(tmp_path / "a", first))
    stranger = a_pack(tmp_path / "b", second, version="2")
    with pytest.raises(NotPossible, match="has not signed"):
        publish(service, stranger)
    with pytest.raises(NotPossible, match="another key"):
        publish(service, stranger, signer=first.name)
    assert "published" in publish(service, stranger, signer=second.name)


@pytest.mark.parametrize("spoil", ["unsigned", "forged", "no pack"])
def test_what_is_unsigned_forged_or_no_pack_is_refused_with_the_reason(
    service: ServiceKit, laptop: MakeLaptop, tmp_path: Path, spoil: str
) -> None:
    laptop()
    raw = a_pack(tmp_path / "a", None if spoil == "unsigned" else signing_key(tmp_path / "key"))
    if spoil == "forged":
        raw = raw.replace(b"Was it warm?", b"Was it cold?")
    elif spoil == "no pack":
        raw = b"{}"
    reason = {"unsigned": "nobody has signed", "forged": "not what the pack's list says", "no pack": "no pack"}[spoil]
    with pytest.raises(NotPossible, match=reason):
        publish(service, raw)
