"""The half of the key that never leaves this laptop: what is kept of it, and the places that keep it."""

import json
import os
import sys
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol, Self

from visitapp.vault import attempts as attempts_
from visitapp.vault.attempts import LATEST_MS, NO_ATTEMPTS, Attempts
from visitapp.vault.header import NO_COMMIT, Commit, write_durably
from visitapp.vault.keys import KEY_BYTES, code, expand
from visitapp.vault.problems import KeyringDismissed, KeyringFailed, KeyringIsLocked, KeyringUnavailable


@dataclass(frozen=True)
class DeviceSecret:
    """What the secret store holds for a vault: the secret, and anchors that a restored header cannot fake.

    `seen_ms` is the highest time (since 1970) at which the record was locked.
    """

    secret: bytes
    generation: int = 1
    attempts: Attempts = NO_ATTEMPTS
    commit: Commit = NO_COMMIT
    seen_ms: int = 0

    def written(self) -> str:
        """Return the text to keep."""
        return json.dumps(
            {
                "attempts": attempts_.written(self.attempts),
                "commit": [self.commit.counter, self.commit.head, self.commit.pages],
                "generation": self.generation,
                "seen_ms": self.seen_ms,
                "secret": b64encode(self.secret).decode("ascii"),
                "version": 1,
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """Take up the text that `written` gave; raises KeyringFailed on any other."""
        try:
            value = json.loads(text)
            counter, head, *rest = value["commit"]
            pages = rest[0] if rest else ""
            generation = value["generation"]
            secret = b64decode(value["secret"], validate=True)
            if value["version"] != 1 or len(secret) != KEY_BYTES or type(generation) is not int:
                raise ValueError("device secret")
            if type(counter) is not int or not isinstance(head, str) or not isinstance(pages, str) or len(rest) > 1:
                raise ValueError("device secret")
            seen_ms = value.get("seen_ms", 0)
            if type(seen_ms) is not int or not 0 <= seen_ms <= LATEST_MS:
                raise ValueError("device secret")
            return cls(secret, generation, attempts_.read(value["attempts"]), Commit(counter, head, pages), seen_ms)
        except (ValueError, KeyError, TypeError, AttributeError):
            # The text is half a key: it must not travel on in an exception.
            raise KeyringFailed(reason="entry") from None


def owner_code(device: DeviceSecret, user: str) -> str:
    """Return the keyed code by which a vault knows whose it is."""
    name = unicodedata.normalize("NFKC", user).strip().casefold()
    if not name:
        return ""
    return code(expand(device.secret, b"visitapp/owner/v1"), name.encode())[:16].hex()


class SecretStore(Protocol):
    """Whoever keeps device secrets, one text per vault."""

    @property
    def reduced(self) -> bool:
        """Whether this place protects less than the operating system's keyring."""

    def get(self, vault_id: str) -> str | None:
        """Return what is kept for a vault, or None; raises the keyring's problems."""

    def set(self, vault_id: str, secret: str) -> None:
        """Keep a text for a vault in place of any other; raises the keyring's problems."""

    def delete(self, vault_id: str) -> None:
        """Forget what is kept for a vault; nothing happens when there is nothing."""

    def self_test(self) -> None:
        """Find out, before anything depends on it, whether this place keeps, gives back and forgets."""


ALLOWED_BACKENDS = {
    "linux": ("keyring.backends.SecretService", "Keyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
}
"""The one backend class per platform; environment variables, settings files and plug-ins cannot redirect it."""


def _platform_backend(platform: str) -> Any:
    """Make the one allowed keyring backend of a platform; raises KeyringUnavailable."""
    if platform not in ALLOWED_BACKENDS:
        raise KeyringUnavailable(platform=platform)
    module_name, class_name = ALLOWED_BACKENDS[platform]
    try:
        kind = getattr(import_module(module_name), class_name)
        if kind.priority <= 0:
            raise KeyringUnavailable(platform=platform)
        backend = kind()
    except (ImportError, RuntimeError, OSError):
        raise KeyringUnavailable(platform=platform) from None
    if platform == "win32":
        # The library's own default, "enterprise", lets the entry roam to other machines.
        backend.persist = "local machine"
    return backend


class PlatformSecretStore:
    """The operating system's keyring, bound to this device."""

    def __init__(self, install_id: str, *, platform: str = sys.platform) -> None:
        self._service = f"visitapp/{install_id}"
        self._platform = platform

    @property
    def reduced(self) -> bool:
        """Never: this is the full protection."""
        return False

    def get(self, vault_id: str) -> str | None:
        """Return what the keyring holds for a vault, or None."""
        found = self._asked("get_password", vault_id)
        return found if isinstance(found, str) else None

    def set(self, vault_id: str, secret: str) -> None:
        """Keep a text in the keyring."""
        self._asked("set_password", vault_id, secret)

    def delete(self, vault_id: str) -> None:
        """Remove a vault's entry from the keyring."""
        if self.get(vault_id) is not None:
            self._asked("delete_password", vault_id)

    def self_test(self) -> None:
        """Write, read and delete an entry of chance; raises the keyring's problems when one of the three fails."""
        try_out(self)

    def _asked(self, verb: str, *args: str) -> object:
        # A backend per call: the Secret Service one keeps a bus connection that dies with a restarted daemon.
        # The library is slow to load, and the first window does not need it.
        from keyring import errors

        backend = _platform_backend(self._platform)
        try:
            answer: object = getattr(backend, verb)(self._service, *args)
        except errors.KeyringLocked:
            raise KeyringIsLocked from None
        except errors.InitError:
            raise KeyringDismissed from None
        except errors.KeyringError:
            raise KeyringFailed(reason=verb.removesuffix("_password")) from None
        except Exception as error:  # noqa: BLE001
            # Bus and Credential Manager errors come as many types, some of which quote the entry.
            if type(error).__name__ in {"LockedException", "PromptDismissedException"}:
                raise KeyringDismissed from None
            raise KeyringFailed(reason=verb.removesuffix("_password")) from None
        return answer


def try_out(store: "SecretStore") -> None:
    """Write, read and delete an entry of chance in a secret store."""
    name, value = f"self-test-{token_hex(8)}", token_hex(32)
    store.set(name, value)
    try:
        if store.get(name) != value:
            raise KeyringFailed(reason="read-back")
    finally:
        store.delete(name)
    if store.get(name) is not None:
        raise KeyringFailed(reason="delete")


class FileSecretStore:
    """Device secrets in a file that only its owner may read: less than a keyring, so it is always marked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def reduced(self) -> bool:
        """Always: whoever copies the disk has this half of the key."""
        return True

    def get(self, vault_id: str) -> str | None:
        """Return what the file holds for a vault, or None."""
        return self._all().get(vault_id)

    def set(self, vault_id: str, secret: str) -> None:
        """Keep a text in the file."""
        self._write({**self._all(), vault_id: secret})

    def delete(self, vault_id: str) -> None:
        """Remove a vault's text from the file."""
        kept = self._all()
        if kept.pop(vault_id, None) is not None:
            self._write(kept)

    def self_test(self) -> None:
        """Write, read and delete an entry of chance; raises KeyringFailed when one of the three fails."""
        try_out(self)

    def _write(self, entries: dict[str, str]) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._path, json.dumps(entries, sort_keys=True).encode())
        except OSError:
            raise KeyringFailed(reason="file") from None

    def _all(self) -> dict[str, str]:
        try:
            if os.name == "posix" and self._path.stat().st_mode & 0o077:
                raise KeyringFailed(reason="file-open-to-others")
            entries = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise KeyringFailed(reason="file") from None
        if not isinstance(entries, dict) or not all(isinstance(value, str) for value in entries.values()):
            raise KeyringFailed(reason="file")
        return entries
