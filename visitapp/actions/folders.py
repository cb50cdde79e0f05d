"""What the folders of vaults tell while everything is locked: notes that wait, practice, a wipe under way; no name, no content."""

from collections.abc import Sequence
from pathlib import Path

from visitapp.actions.opening import PRACTICE_FILE

UNSENT_FILE = "unsent"
JOURNAL_FILE = "wipe.json"
"""As in `vault.wiping`, which the first window does not wait for; a test holds the two equal."""


def has_order(folder: Path) -> bool:
    """Whether a wipe of this folder is under way."""
    return (folder / JOURNAL_FILE).exists()


def is_settled(folder: Path) -> bool:
    """Whether a wipe of this folder goes on without any key; only its journal says so, and most folders have none."""
    if not has_order(folder):
        return False
    from visitapp.vault.wiping import Step, under_way

    return under_way(folder) not in (None, Step.ORDERED)


def unsent_in(folders: Sequence[Path]) -> int:
    """Return how many notes are on this laptop only, as counted when each record was closed; no name, no content."""
    total = 0
    for folder in folders:
        try:
            total += int((folder / UNSENT_FILE).read_text("ascii"))
        except (OSError, ValueError):
            continue
    return total


def practice_user(folders: Sequence[Path]) -> str:
    """The invented name of the first practice record's nurse, or nothing."""
    try:
        return (folders[0] / PRACTICE_FILE).read_text("utf-8").strip()
    except OSError:
        return ""
