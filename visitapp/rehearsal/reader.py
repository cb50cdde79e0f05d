"""Opens a record by its passphrase alone and says the SHA-256 of a signed visit's body: the tour's independent witness."""

import argparse
import hashlib
import sys
from pathlib import Path

from visitapp.actions.people import family_scope
from visitapp.config.paths import places
from visitapp.domain.clock import SystemClock
from visitapp.rehearsal.cast import secrets_for
from visitapp.rehearsal.records import record_path
from visitapp.store.record import Record
from visitapp.store.visits import visit
from visitapp.vault.vault import Vault


def main(argv: list[str]) -> int:
    """Read the passphrase from standard input and print the hash; returns 1 when the visit is not there."""
    parser = argparse.ArgumentParser(prog="visitapp.rehearsal.reader")
    for name in ("data", "user", "visit"):
        parser.add_argument(f"--{name}", required=True)
    told = parser.parse_args(argv)
    at, clock = places(Path(told.data)), SystemClock()
    folder = at.vault_folders()[0]
    vault = Vault.open(folder, bytearray(sys.stdin.read().strip().encode()), secrets_for(at), clock=clock)
    record = Record.open(record_path(folder), vault.db_key(), clock=clock)
    try:
        with record.reading() as r:
            row = visit(r, told.visit)
            held = r.raw(family_scope(row.family), told.visit) if row else None
        if held is None:
            return 1
        print(hashlib.sha256(held.body).hexdigest())
        return 0
    finally:
        record.close()
        vault.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
