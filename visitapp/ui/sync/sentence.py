"""The one true sentence about sync, for the status bar and the top of the Sync screen. No Qt."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from visitapp.store.rows import SyncCounts
from visitapp.sync.state import Blocked, Idle, NeedsSignIn, NotConnected, Offline, OutOfDate, SyncState, Trouble, Working
from visitapp.ui.wording import count, moment_words, words_for


@dataclass(frozen=True)
class Sentence:
    """What is said, with an icon and a tone that say the same."""

    words: str
    icon: str
    tone: str


_STEPS = {"sending": "Sending", "fetching": "Fetching", "clearing": "Tidying up"}


def sentence(state: SyncState | None, counts: SyncCounts, now: datetime, *, practice: bool = False) -> Sentence:
    """Say how things stand; what needs somebody and what is on this laptop only is said whatever else is the matter."""
    here = " ".join(part for part in (needs(counts), here_only(counts), with_the_desk(counts)) if part)
    last = f" Last sync {moment_words(counts.last_sync_at, now)}." if counts.last_sync_at else ""
    if state is None or isinstance(state, Idle):
        return _level(counts, here, last)
    words, icon, tone = _otherwise(state, here, last, practice=practice)
    return Sentence(" ".join(words.split()), icon, tone)


def _otherwise(
    state: NotConnected | Working | Offline | NeedsSignIn | Blocked | OutOfDate | Trouble, here: str, last: str, *, practice: bool
) -> tuple[str, str, str]:
    match state:
        case NotConnected():
            place = "Practice" if practice else "Not connected"
            said = f"{place}: everything stays on this laptop.", "laptop", "muted" if practice else "attention"
        case Working(step=step, done=done, of=of):
            said = f"{_STEPS[step]}{f' {done} of {of}' if of else ''} … {here}", "sync", "accent"
        case Offline():
            said = f"No network. {here or 'Nothing waits to be sent.'}{last}", "offline", "attention" if here else "muted"
        case NeedsSignIn():
            said = f"This laptop has to be connected again. {here}", "warning", "danger"
        case Blocked():
            said = f"This laptop is blocked. {here}", "danger", "danger"
        case OutOfDate():
            said = f"A newer visitapp is needed before it can sync. {here}", "warning", "danger"
        case Trouble(problem=problem):
            said = f"{words_for(problem).happened} {here}{last}", "warning", "attention"
        case _:
            assert_never(state)
    return said


def needs(counts: SyncCounts) -> str:
    """Say what waits for a person; empty when nothing does."""
    if not counts.attention:
        return ""
    return f"{count(counts.attention, 'change')} {'needs' if counts.attention == 1 else 'need'} you."


def with_the_desk(counts: SyncCounts) -> str:
    """Say what somebody at the service has to look at; empty when nothing."""
    if not counts.held:
        return ""
    return f"{count(counts.held, 'change')} {'waits' if counts.held == 1 else 'wait'} for a person at your service."


def here_only(counts: SyncCounts) -> str:
    """Say what is on this laptop only; empty when nothing is."""
    said = []
    if counts.notes_here_only:
        said.append(count(counts.notes_here_only, "note"))
    others = counts.unsent - counts.notes_here_only
    if others > 0:
        said.append(count(others, "other change" if said else "change"))
    if not said:
        return ""
    alone = counts.unsent == 1
    return f"{' and '.join(said)} {'is' if alone else 'are'} on this laptop only."


def _level(counts: SyncCounts, here: str, last: str) -> Sentence:
    if counts.attention:
        return Sentence(f"{here}{last}", "question", "attention")
    if here:
        return Sentence(f"{here}{last}", "laptop" if counts.unsent else "clock", "attention")
    if counts.last_sync_at is None:
        return Sentence("Not synced yet.", "laptop", "muted")
    if counts.arriving:
        return Sentence(f"{count(counts.arriving, 'family', 'families')} still to come.{last}", "sync", "accent")
    return Sentence(f"Everything is with your service.{last}", "received", "success")
