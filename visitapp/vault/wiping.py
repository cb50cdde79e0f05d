"""Taking a vault off this laptop for good, step by step, so that it goes on where it was if it is cut off anywhere.

The keys go first: from then on what is left on the disk is noise, however the rest ends. What is deleted can no longer sign, so
the receipt is signed before, lies in the journal and is given out after the last step.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from visitapp.protocol.papers import Lease, WipeOrder, read_paper, sealed_info
from visitapp.protocol.problems import Malformed
from visitapp.vault.device import verify
from visitapp.vault.header import HEADER_FILE, canonical, sync_folder, write_durably
from visitapp.vault.problems import WipeRefused
from visitapp.vault.sealing import PUBLIC_BYTES, sealed_to
from visitapp.vault.secrets import SecretStore

JOURNAL_FILE: Final = "wipe.json"
SEALED_FILE: Final = "unsent.sealed"


class Step(StrEnum):
    """How far a wipe has come. ORDERED needs the record open; everything after goes on without any key."""

    ORDERED = "ordered"
    SETTLED = "settled"
    KEY_GONE = "key-gone"
    HEADER_GONE = "header-gone"
    DONE = "done"


@dataclass(frozen=True)
class Journal:
    """A wipe under way: the order as it came, how far it is, and the receipt to give out when it is done, and to whom.

    `service` is the address and `authority` the certificate (PEM) that it is known by; nothing else of the record outlives it.
    """

    order: str
    vault_id: str
    step: Step = Step.ORDERED
    receipt: str = ""
    service: str = ""
    authority: str = ""

    def write(self, folder: Path) -> Self:
        """Keep the journal so that it survives a power cut."""
        write_durably(folder / JOURNAL_FILE, canonical({**asdict(self), "step": self.step.value}))
        return self

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Take up the journal in a folder; None where there is none. One that cannot be read deletes nothing."""
        try:
            value = json.loads((folder / JOURNAL_FILE).read_bytes())
            told = {name: str(value.get(name, "")) for name in ("receipt", "service", "authority")}
            return cls(str(value["order"]), str(value["vault_id"]), Step(value["step"]), **told)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def checked_order(text: str, service_key: bytes, *, device: str, lease: Lease | None = None, known: frozenset[str]) -> WipeOrder:
    """Take up an order to wipe. `known` are the ids of orders met before. Raises WipeRefused.

    A lease that was given after the order shows that the service took the order back; one that comes again is a replay.
    """
    try:
        order = read_paper("wipe", text, lambda signature, message: verify(service_key, signature, message))
    except Malformed:
        raise WipeRefused(reason="forged") from None
    assert isinstance(order, WipeOrder)
    if order.device != device:
        raise WipeRefused(reason="another-device")
    if order.id in known or (lease is not None and lease.issued_ms >= order.issued_ms):
        raise WipeRefused(reason="replayed")
    if order.now and len(set(order.by)) < 2:
        raise WipeRefused(reason="unapproved")
    return order


def seal_unsent(folder: Path, work: bytes, to: bytes, order: str, device: str) -> bytes:
    """Seal work that cannot be sent to the service's key, keep only that, and return its bytes. Raises ValueError for a bad key."""
    if len(to) != PUBLIC_BYTES:
        raise ValueError("service's key")
    sealed = sealed_to(to, work, sealed_info(order, device))
    write_durably(folder / SEALED_FILE, sealed)
    return sealed


def finish(folder: Path, secret_store: SecretStore, *, reached: Callable[[Step], None] = lambda step: None) -> str:
    """Carry out what is left of a settled wipe and return the receipt; the record must be closed.

    Harmless to repeat at any point, by a program that knows no key. `reached` hears of each step when it is kept. Raises the
    keyring's problems: then nothing after that step has been done.
    """
    journal = Journal.read(folder)
    if journal is None or journal.step is Step.ORDERED:
        raise WipeRefused(reason="unsettled")
    vault_id = journal.vault_id
    deeds: tuple[tuple[Step, Callable[[], None]], ...] = (
        (Step.KEY_GONE, lambda: secret_store.delete(vault_id)),
        (Step.HEADER_GONE, lambda: _destroy_headers(folder)),
        (Step.DONE, lambda: _delete_rest(folder)),
    )
    order = list(Step)
    for step, deed in deeds:
        if order.index(journal.step) < order.index(step):
            deed()
            journal = replace(journal, step=step).write(folder)
            reached(step)
    return journal.receipt


def under_way(folder: Path) -> Step | None:
    """Say how far a wipe of this folder is, or None where there is none; such a folder is no vault to unlock once it is settled."""
    journal = Journal.read(folder)
    return journal.step if journal else None


def forget(folder: Path) -> None:
    """Delete journal, receipt and sealed work, once the service has them."""
    if under_way(folder) is not Step.DONE:
        raise WipeRefused(reason="unsettled")
    # The journal last: until it is gone, this can be done again.
    for name in (SEALED_FILE, JOURNAL_FILE):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()


def _destroy_headers(folder: Path) -> None:
    """Overwrite and delete everything that holds a wrapped key; some disks keep the old bytes, so the secret went first."""
    stem = Path(HEADER_FILE).stem
    for path in sorted(folder.glob(f"{stem}.*")):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    sync_folder(folder)


def _delete_rest(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path not in (folder / JOURNAL_FILE, folder / SEALED_FILE):
            path.unlink()
    sync_folder(folder)
