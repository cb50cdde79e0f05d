"""What keeps a record safe on this laptop, for its nurse to see and use: passphrase, backups, checks of every page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from visitapp.store import backup
from visitapp.store.acknowledged import correct_sums
from visitapp.store.anchors import put_aside_in, thin_aside
from visitapp.store.backup import Backup
from visitapp.store.problems import RecordDamaged
from visitapp.store.record import Record
from visitapp.vault.problems import PassphraseTooWeak
from visitapp.vault.strength import strength
from visitapp.vault.vault import OpenVault

CHECK_EVERY: Final = timedelta(days=7)


@dataclass(frozen=True)
class KeepingView:
    """What there is: backups newest first, when every page was checked last, what lies aside, and whether others can let her in."""

    backups: tuple[Backup, ...]
    checked_at: datetime | None
    put_aside: int
    in_escrow: bool


class Keeping:
    """One open record and its vault, as far as keeping them goes; everything here takes a moment and belongs on a lane."""

    def __init__(self, record: Record, vault: OpenVault, user: str = "") -> None:
        self._record = record
        self._vault = vault
        self._user = user

    def view(self) -> KeepingView:
        """Look at what there is."""
        with self._record.reading() as r:
            checked = r.meta("checked_ms")
        return KeepingView(
            backups=backup.backups(self._record.path),
            checked_at=datetime.fromtimestamp(int(checked) / 1000, UTC) if checked else None,
            put_aside=len(put_aside_in(self._record.path)),
            in_escrow=self._vault.escrow is not None,
        )

    def change_passphrase(self, current: bytearray, new: bytearray) -> None:
        """Change the passphrase; not a page of the record is touched. Raises WrongPassphrase and its waits, PassphraseTooWeak."""
        judged = strength(new.decode(), (self._user,))
        if not judged.acceptable:
            for typed in (current, new):
                typed[:] = bytes(len(typed))
            raise PassphraseTooWeak(score=judged.score)
        self._vault.change_passphrase(current, new, clock=self._record.clock)
        with self._record.writing() as w:
            w.audit("passphrase_changed")

    def back_up(self) -> KeepingView:
        """Make a backup now, whatever the last one is. Raises BackupFailed, DiskFull."""
        backup.back_up(self._record)
        return self.view()

    def is_due(self, *, was_clean: bool) -> bool:
        """Whether every page is to be checked: after a program that ended badly, and weekly."""
        now = self._record.clock.now()
        with self._record.reading() as r:
            checked = int(r.meta("checked_ms", "0"))
        return not was_clean or now - datetime.fromtimestamp(checked / 1000, UTC) >= CHECK_EVERY

    def check(self) -> tuple[str, ...]:
        """Read every page, add up what was synced, thin out what lies aside; returns scopes that will be compared with the server.

        Takes seconds on a large record. Raises RecordDamaged.
        """
        if not self._record.is_intact():
            raise RecordDamaged
        thin_aside(self._record.path, self._record.clock)
        if self._record.rolled_back is not None:
            return ()
        with self._record.writing() as w:
            wrong = correct_sums(w)
            w.meta_set("checked_ms", str(round(self._record.clock.now().timestamp() * 1000)))
            if wrong:
                w.audit("sums_corrected", scopes=len(wrong))
        return wrong
