"""The keyring is reached through one class per platform, whatever the environment says."""

import sys
import types

import pytest
from keyring import errors
from keyring.backend import KeyringBackend

from visitapp.vault.problems import KeyringDismissed, KeyringFailed, KeyringIsLocked, KeyringUnavailable
from visitapp.vault.secrets import ALLOWED_BACKENDS, PlatformSecretStore


class ScriptedKeyring(KeyringBackend):
    """A keyring in memory, or one that fails as it is told."""

    priority = 5
    kept: dict[tuple[str, str], str]
    failure: Exception | None = None

    def get_password(self, service, username):
        if self.failure:
            raise self.failure
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.failure:
            raise self.failure
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def backend(monkeypatch):
    ScriptedKeyring.kept, ScriptedKeyring.failure, ScriptedKeyring.priority = {}, None, 5
    for module_name, class_name in ALLOWED_BACKENDS.values():
        module = types.ModuleType(module_name)
        setattr(module, class_name, ScriptedKeyring)
        monkeypatch.setitem(sys.modules, module_name, module)
    return ScriptedKeyring


def test_entries_lie_under_the_installation_and_the_vault(backend):
    store = PlatformSecretStore("install", platform="linux")
    store.set("vault", "secret")
    assert backend.kept == {("visitapp/install", "vault"): "secret"}
    assert store.get("vault") == "secret"
    store.delete("vault")
    store.delete("vault")
    assert store.get("vault") is None
    assert not store.reduced


def test_self_test_leaves_nothing_behind(backend):
    PlatformSecretStore("install", platform="darwin").self_test()
    assert backend.kept == {}


def test_self_test_finds_a_keyring_that_forgets(backend, monkeypatch):
    monkeypatch.setattr(backend, "set_password", lambda *_: None)
    with pytest.raises(KeyringFailed) as found:
        PlatformSecretStore("install", platform="linux").self_test()
    assert found.value.reason == "read-back"


def test_an_entry_on_windows_may_not_roam(backend, monkeypatch):
    persisted = []
    monkeypatch.setattr(backend, "set_password", lambda keyring, *_: persisted.append(getattr(keyring, "persist", "enterprise")))
    PlatformSecretStore("install", platform="win32").set("vault", "secret")
    PlatformSecretStore("install", platform="linux").set("vault", "secret")
    assert persisted == ["local machine", "enterprise"]


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (errors.KeyringLocked("secret-text"), KeyringIsLocked),
        (errors.InitError("Prompt dismissed secret-text"), KeyringDismissed),
        (errors.PasswordSetError("secret-text"), KeyringFailed),
        (OSError("secret-text"), KeyringFailed),
    ],
)
def test_a_failing_keyring_is_told_apart_without_its_text(backend, failure, problem):
    backend.failure = failure
    with pytest.raises(problem) as found:
        PlatformSecretStore("install", platform="linux").get("vault")
    assert "secret-text" not in repr(found.value)
    assert found.value.__cause__ is None


def test_a_platform_without_a_trusted_keyring_is_refused():
    with pytest.raises(KeyringUnavailable):
        PlatformSecretStore("install", platform="sunos5").get("vault")


def test_a_redirected_keyring_is_ignored(backend, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    (tmp_path / "python_keyring").mkdir()
    (tmp_path / "python_keyring" / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    store = PlatformSecretStore("install", platform="linux")
    store.set("vault", "secret")
    assert backend.kept
