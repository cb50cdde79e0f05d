"""`visitapp forms pack`: built, signed with a key made at first use, verified, and refused with a reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from visitapp.actions.packing import KeyNotUsable, fingerprint, is_signed_by, main, pack_folder, signing_key
from visitapp.forms.packs import PackRefused, check_pack

FORM = {"resourceType": "Questionnaire", "url": "urn:bath", "version": "1", "status": "active", "item": []}
MANIFEST = {"name": "Bath time", "version": "1.0", "source": "us", "licence": "ours", "effective_from": "2026-12-01"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "forms"
    made.mkdir()
    save(made / "bath.json", FORM)
    save(made / "pack.json", MANIFEST)
    return made


def save(file: Path, content: Any) -> None:
    file.write_text(content if isinstance(content, str) else json.dumps(content))


def run(*words: object) -> int:
    return main([str(word) for word in words])


def test_a_folder_becomes_a_signed_pack_that_verifies(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "keys" / "pack-key"
    assert run(folder, "--key", key) == 0
    said = capsys.readouterr().out
    assert "A new signing key was made" in said
    made = folder / "bath-time-1.0.pack"
    pack = check_pack(made.read_bytes(), is_signed_by)
    assert [each.canonical for each in pack.questionnaires] == ["urn:bath|1"]
    assert pack.key == signing_key(key).name
    assert run(made) == 0
    assert pack.checksum in capsys.readouterr().out


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, again = signing_key(tmp_path / "key"), signing_key(tmp_path / "key")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.name == again.name
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("held", ["", "visitapp-pack-key-1 AAAA", "something else", "visitapp-pack-key-1 é"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(folder: Path, tmp_path: Path, held: str) -> None:
    file = tmp_path / "key"
    file.write_text(held)
    with pytest.raises(KeyNotUsable):
        signing_key(file)
    assert run(folder, "--key", file) == 2
    assert file.read_text() == held


def test_the_same_questionnaires_give_the_same_pack(folder: Path, tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key")
    assert pack_folder(folder, {}, key)[1] == pack_folder(folder, {}, key)[1]


def test_a_changed_pack_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--key", tmp_path / "key", "--out", tmp_path / "a.pack") == 0
    body = json.loads((tmp_path / "a.pack").read_bytes())
    body["manifest"]["effective_from"] = "2020-01-01"
    save(tmp_path / "b.pack", body)
    assert run(tmp_path / "b.pack") == 1
    assert "signature" in capsys.readouterr().err


def test_a_pack_signed_in_the_name_of_another_key_is_refused(folder: Path, tmp_path: Path) -> None:
    mine, theirs = signing_key(tmp_path / "mine"), signing_key(tmp_path / "theirs")
    body = json.loads(pack_folder(folder, {}, mine)[1])
    body["signature"]["key"] = theirs.name
    with pytest.raises(PackRefused):
        check_pack(json.dumps(body).encode(), is_signed_by)
    assert not is_signed_by("ed25519:zz", b"", b"")
    assert not is_signed_by("somebody", b"", b"")
    assert fingerprint(mine.name).replace(" ", "") in mine.name


def test_what_the_manifest_lacks_can_be_said_on_the_command_line(folder: Path, tmp_path: Path) -> None:
    save(folder / "pack.json", {key: said for key, said in MANIFEST.items() if key != "source"})
    assert run(folder, "--key", tmp_path / "key") == 1
    assert not (tmp_path / "key").exists(), "no key is made for a pack that is refused"
    assert run(folder, "--key", tmp_path / "key", "--source", "the team", "--effective-until", "2027-01-01") == 0
    pack = check_pack((folder / "bath-time-1.0.pack").read_bytes(), is_signed_by)
    assert (pack.source, str(pack.effective_until)) == ("the team", "2027-01-01")


def test_a_refusal_names_the_file_and_the_reason(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(folder / "bad.json", FORM | {"url": "urn:bad", "item": [{"linkId": "a", "type": "nothing"}]})
    assert run(folder, "--key", tmp_path / "key") == 1
    said = capsys.readouterr().err
    assert "bad.json: a: the type 'nothing' can't be used" in said
    assert not list(folder.glob("*.pack"))


def test_without_a_manifest_it_says_how_to_write_one(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pack.json").unlink()
    assert run(folder, "--key", tmp_path / "key") == 1
    assert '"effective_from"' in capsys.readouterr().err


def test_what_cannot_be_read_exits_with_2(folder: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "none", "--key", tmp_path / "key") == 2
    save(tmp_path / "no.pack", "{")
    assert run(tmp_path / "no.pack") == 2
    save(folder / "pack.json", "{")
    assert run(folder, "--key", tmp_path / "key") == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    save(empty / "pack.json", MANIFEST)
    assert run(empty, "--key", tmp_path / "key") == 2
