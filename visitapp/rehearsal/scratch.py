"""The throw-away practice record: invented families in a temporary folder that goes when the record is closed."""

import shutil
import tempfile
from pathlib import Path

from visitapp.actions.opening import Opened
from visitapp.actions.session import Shipped
from visitapp.config.paths import places
from visitapp.domain.clock import Clock
from visitapp.rehearsal.caseload import families_of, size_named
from visitapp.rehearsal.cast import a_cast
from visitapp.rehearsal.records import fill_record, prepare_record
from visitapp.vault.keys import FLOOR
from visitapp.vault.secrets import FileSecretStore


def scratch_record(clinical: Shipped, clock: Clock) -> Opened:
    """Return a new practice record, open; closing it deletes everything it left on disk."""
    folder = Path(tempfile.mkdtemp(prefix="visitapp-practice-"))
    size = size_named("small")
    at = places(folder)
    player = a_cast(clock, size).nurses[0]
    prepared = prepare_record(at, player, FileSecretStore(at.secret_file), clinical, clock, kdf=FLOOR)
    fill_record(prepared.desk, families_of(0, size), size.visits_each)
    def forget() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    return Opened(prepared.vault, prepared.desk.record, prepared.desk, forget, backs_up=False)
