"""Branches of keys, papers and merging that everyday tests never enter: what is damaged, foreign, moved or in the way."""

import base64
import importlib
import json
import types
from pathlib import Path
from typing import Any

import pytest

from visitapp.domain.problems import SignatureDoesNotVerify
from visitapp.domain.visits import check_seal, sealed
from visitapp.protocol.digest import body_hash
from visitapp.protocol.messages import Op
from visitapp.protocol.papers import Lease, WipeReceipt, escrow_in, paper_text, read_paper, sealed_info
from visitapp.protocol.problems import Malformed
from visitapp.protocol.rules import Standing, Verdict, decide, needs_bodies
from visitapp.vault.problems import KeyringDismissed, KeyringFailed, KeyringUnavailable
from visitapp.vault.secrets import DeviceSecret, FileSecretStore, PlatformSecretStore, owner_code, try_out

OLD, NEW = b'{"a":1}', b'{"a":2}'


def at(rev: int, body: bytes, deleted: bool = False) -> Standing:
    return Standing(rev, body_hash(body), deleted, body)


def move(body: bytes, base: int = 0, kind: str = "person") -> Op:
    return Op("o", "g", "f:x", kind, "i", base, "move", 0, 0, body)


@pytest.mark.parametrize(
    ("op", "standing", "verdict"),
    [
        (move(b"", 1, "visit"), at(1, OLD), Verdict("denied", 1, code="kept")),
        (move(b"", 0, "visit"), None, Verdict("denied", 0, code="kept")),
        (move(b"", 2), at(2, OLD), Verdict("ok", 3, b"", deleted=True)),
        (move(b"", 1), at(2, OLD), Verdict("conflict", 2, code="moved")),
        (move(b"", 1), at(2, b"", True), Verdict("gone", 2)),
        (move(b"", 1), None, Verdict("gone", 0)),
        (move(NEW), None, Verdict("ok", 1, NEW)),
        (move(NEW), at(4, b"", True), Verdict("ok", 5, NEW)),
        (move(NEW), at(4, NEW), Verdict("same", 4)),
        (move(NEW), at(4, OLD), Verdict("conflict", 4, code="moved")),
    ],
)
def test_what_becomes_of_a_move(op: Op, standing: Standing | None, verdict: Verdict) -> None:
    assert decide(op, standing) == verdict
    assert not needs_bodies(op, standing)


def signed(message: bytes) -> bytes:
    return b"s" * 64


def test_papers_that_are_no_papers_are_malformed() -> None:
    lease = Lease("u", "d", ("nurse",), 1, 1, 2)
    text = paper_text(lease, signed)
    assert read_paper("lease", text, lambda *_: True) == lease
    content = text.split(".")[0]
    spaced = base64.urlsafe_b64encode(json.dumps({"user": "u"}).encode()).decode().rstrip("=")
    receipt = paper_text(WipeReceipt("o", "d", "none", 0, "", 1), signed)
    for wrong in ("", ".", content, f"{text}.{text}", "x" * 17_000, f"{spaced}.{text.split('.')[1]}", receipt, "\u202e.\u202e"):
        with pytest.raises(Malformed):
            read_paper("lease", wrong, lambda *_: True)
    with pytest.raises(Malformed):
        read_paper("lease", text, lambda *_: False)


@pytest.mark.parametrize("signature", ["é", "a", "====", "\u202e"])
def test_a_signature_that_is_no_base64_does_not_verify(signature: str) -> None:
    visit = sealed({"visit": "v", "parts": []}, signed)
    check_seal(visit, {}, lambda *_: True)
    with pytest.raises(SignatureDoesNotVerify):
        check_seal({**visit, "signature": signature}, {}, lambda given, _: given == b"s" * 64)


def test_what_is_sealed_is_bound_to_order_and_device() -> None:
    assert len({sealed_info("a", "b"), sealed_info("b", "a"), sealed_info("a", "c")}) == 3


def test_a_request_to_be_recovered_is_read_however_it_was_typed_and_anything_else_is_none() -> None:
    def line(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    good = {"vault": "v", "epoch": 3, "sealed": base64.urlsafe_b64encode(b"key").decode().rstrip("=")}
    assert escrow_in(f"VR1.{line(good)[:9]} \n{line(good)[9:]}") == ("v", 3, b"key")
    others = ({}, [], {**good, "epoch": "x"}, {**good, "sealed": 3}, {**good, "sealed": "é"})
    for wrong in ("", "VR2." + line(good), "VR1.", "VR1.é", "VR1." + "x" * 20_000, *("VR1." + line(other) for other in others)):
        assert escrow_in(wrong) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"secret": base64.b64encode(b"short").decode()},
        {"secret": "é"},
        {"generation": "1"},
        {"commit": ["1", "", ""]},
        {"commit": [1, 2, ""]},
        {"commit": [1, "", 3]},
        {"commit": [1, "", "", ""]},
        {"commit": []},
        {"seen_ms": -1},
        {"seen_ms": "now"},
        {"attempts": None},
    ],
    ids=str,
)
def test_a_changed_entry_of_the_keyring_is_refused_without_being_quoted(changes: dict[str, Any], entry: dict[str, Any]) -> None:
    with pytest.raises(KeyringFailed) as refused:
        DeviceSecret.read(json.dumps({**entry, **changes}))
    assert entry["secret"] not in repr(refused.value)


@pytest.fixture
def entry(tmp_path: Path) -> dict[str, Any]:
    """What a vault keeps in the keyring."""
    from tests.unit.vault.places import CHEAP, MemorySecretStore, a_clock, typed
    from visitapp.vault.vault import Vault

    store = MemorySecretStore()
    Vault.create(tmp_path / "vault", typed(), store, clock=a_clock(), kdf=CHEAP).close()
    [text] = store.kept.values()
    found: dict[str, Any] = json.loads(text)
    assert DeviceSecret.read(text).written() == text
    return found


def test_a_nameless_owner_has_no_code(entry: dict[str, Any]) -> None:
    secret = DeviceSecret.read(json.dumps(entry))
    assert owner_code(secret, "  ") == ""
    assert owner_code(secret, " ANN ") == owner_code(secret, "ann") != ""


@pytest.mark.parametrize("trouble", [ImportError("gone"), RuntimeError("no bus"), OSError("no socket")])
def test_a_keyring_that_cannot_be_loaded_is_told(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> Any:
        raise trouble

    monkeypatch.setattr("visitapp.vault.secrets.import_module", fails)
    with pytest.raises(KeyringUnavailable):
        PlatformSecretStore("i", platform="linux").get("v")


def test_a_keyring_that_calls_itself_unusable_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.SimpleNamespace(Keyring=types.SimpleNamespace(priority=0))
    monkeypatch.setattr("visitapp.vault.secrets.import_module", lambda name: module)
    with pytest.raises(KeyringUnavailable):
        PlatformSecretStore("i", platform="linux").get("v")


@pytest.mark.parametrize(
    ("name", "problem"),
    [("LockedException", KeyringDismissed), ("PromptDismissedException", KeyringDismissed), ("Other", KeyringFailed)],
)
def test_errors_of_the_bus_are_told_apart_by_their_type(
    name: str, problem: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Keyring:
        priority = 5

        def get_password(self, *_: str) -> str:
            raise type(name, (Exception,), {})("quotes the entry")

    monkeypatch.setattr("visitapp.vault.secrets.import_module", lambda module: types.SimpleNamespace(Keyring=Keyring))
    with pytest.raises(problem) as refused:
        PlatformSecretStore("i", platform="linux").get("v")
    assert "quotes" not in repr(refused.value)


def test_a_secret_file_that_is_no_list_of_texts_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    store = FileSecretStore(file)
    store.delete("nobody")
    assert not file.exists()
    for text in ("[]", '{"a": 1}', "{"):
        file.write_text(text)
        file.chmod(0o600)
        with pytest.raises(KeyringFailed):
            store.get("a")
    (tmp_path / "in the way").write_text("")
    with pytest.raises(KeyringFailed):
        FileSecretStore(tmp_path / "in the way" / "secrets.json").set("a", "b")


def test_a_store_that_deletes_nothing_fails_its_trial() -> None:
    class Keeps:
        reduced = False

        def __init__(self) -> None:
            self.kept: dict[str, str] = {}

        def get(self, vault_id: str) -> str | None:
            return self.kept.get(vault_id)

        def set(self, vault_id: str, secret: str) -> None:
            self.kept[vault_id] = secret

        def delete(self, vault_id: str) -> None:
            """Says that it does."""

        def self_test(self) -> None:
            try_out(self)

    with pytest.raises(KeyringFailed):
        Keeps().self_test()


def test_the_keyrings_that_are_allowed_exist() -> None:
    from visitapp.vault.secrets import ALLOWED_BACKENDS

    for module, name in ALLOWED_BACKENDS.values():
        assert importlib.util.find_spec(module) is not None, (module, name)
