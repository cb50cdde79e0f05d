"""What is said about sync, and what the Sync screen shows; no Qt."""

from datetime import timedelta

import pytest

from tests.unit.ui import invented
from visitapp.actions.disagreements import TwoVersions
from visitapp.actions.syncing import SyncOverview
from visitapp.domain.ids import FamilyId
from visitapp.domain.problems import NoSuchFamily
from visitapp.store.changes import Changes
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncLogRow
from visitapp.sync.problems import ClockWrong
from visitapp.sync.state import Blocked, Idle, NeedsSignIn, NotConnected, Offline, OutOfDate, Trouble, Working
from visitapp.ui.sync.presenter import Loaded, SyncPresenter, page_of
from visitapp.ui.sync.sentence import sentence
from visitapp.ui.sync.status import SyncStatus

NOW = invented.NOW
BEHIND = {"unsent": 4, "notes_here_only": 3}


def say(state, practice=False, **counts):
    return sentence(state, invented.counts(**counts), NOW, practice=practice)


@pytest.mark.parametrize(
    ("state", "counts", "words"),
    [
        (None, {}, "Everything is with your service. Last sync 09:00."),
        (None, {"last_sync_at": None}, "Not synced yet."),
        (Idle(NOW), BEHIND, "3 notes and 1 other change are on this laptop only. Last sync 09:00."),
        (Idle(NOW), {"unsent": 1, "notes_here_only": 1}, "1 note is on this laptop only. Last sync 09:00."),
        (Idle(NOW), {"unsent": 1}, "1 change is on this laptop only. Last sync 09:00."),
        (Idle(NOW), {"attention": 1}, "1 change needs you. Last sync 09:00."),
        (Offline(NOW, 4), BEHIND, "No network. 3 notes and 1 other change are on this laptop only. Last sync 09:00."),
        (Offline(NOW, 0), {}, "No network. Nothing waits to be sent. Last sync 09:00."),
        (Working("sending", 2, 7), {}, "Sending 2 of 7 …"),
        (NeedsSignIn(3), BEHIND, "This laptop has to be connected again. 3 notes and 1 other change are on this laptop only."),
        (Blocked(), {}, "This laptop is blocked."),
        (OutOfDate(), {}, "A newer visitapp is needed before it can sync."),
    ],
)
def test_sentence_is_true_and_in_words(state, counts, words):
    assert say(state, **counts).words == words


def test_what_is_here_only_is_said_in_every_state_that_has_any():
    for state in (
        None,
        Idle(NOW),
        Offline(NOW, 4),
        Working("fetching"),
        NeedsSignIn(4),
        Blocked(),
        OutOfDate(),
        Trouble(ClockWrong()),
    ):
        assert "3 notes" in say(state, **BEHIND).words


def test_practice_says_that_nothing_leaves():
    assert say(NotConnected(), practice=True).words == "Practice: everything stays on this laptop."


def outbox(kind, state="waiting"):
    return OutboxRow("op", "", "f:f1", kind, "i", "f1", "put", state, "", 0, NOW - timedelta(hours=3), None, 10)


TWO = TwoVersions(
    "op1", "family", "conflict", "", FamilyId("f1"), "Wiśniewska",
    {"id": "f1", "phone": "01632 960 118", "note": "same", "enrolled_on": "2025-01-03"},
    {"id": "f1", "phone": "01632 960 555", "note": "same", "enrolled_on": "2025-01-03"}, NOW,
)  # fmt: skip


def loaded(waiting=(), received=(), history=(), two=(), **counts):
    overview = SyncOverview(invented.counts(**counts), tuple(waiting), (), tuple(received), tuple(history), NOW, False)
    return Loaded(overview, tuple(two))


def test_what_waits_and_what_travels_is_counted_by_kind():
    page = page_of(loaded([outbox("visit"), outbox("visit"), outbox("family"), outbox("person", "sent")]), None, NOW)
    assert [group.words for group in page.waiting] == ["1 family changed", "2 signed notes"]
    assert [group.words for group in page.travelling] == ["1 person changed"]


def test_receipts_of_one_sync_are_told_together_and_refusals_are_not_receipts():
    receipts = [
        ReceiptRow("o", "f:f1", "visit", "v", "ok", 1, "", NOW),
        ReceiptRow("o", "f:f1", "part", "p", "merged", 1, "", NOW),
        ReceiptRow("o", "f:f1", "family", "f", "conflict", 1, "", NOW),
    ]
    assert [group.words for group in page_of(loaded(received=receipts), None, NOW).received] == ["1 signed note, 1 part of a note"]


def test_conflict_shows_both_texts_of_what_differs_and_nothing_else():
    choice = page_of(loaded(two=[TWO]), None, NOW).choices[0]
    assert choice.title == "Wiśniewska · family changed"
    assert [(d.what, d.mine, d.theirs) for d in choice.differences] == [("Phone", "01632 960 118", "01632 960 555")]


@pytest.mark.parametrize("outcome", ["done", "partly", "offline", "stopped", "a-new-word"])
def test_history_never_shows_a_code(outcome):
    past = page_of(loaded(history=[SyncLogRow(NOW, NOW, outcome, 3, 14, 1, 1, 1, "SomeProblem")]), None, NOW).history[0]
    assert "SomeProblem" not in past.words
    assert "a-new-word" not in past.words


@pytest.mark.parametrize(("state", "may"), [(None, True), (Idle(NOW), True), (Working("sending"), False), (NotConnected(), False)])
def test_sync_now_can_be_pressed_when_it_would_do_something(state, may):
    assert page_of(loaded(), state, NOW).may_sync is may


class View:
    def __init__(self):
        self.pages = []

    def show_page(self, page):
        self.pages.append(page)


@pytest.fixture
def screen(lanes, feed, told):
    view, calls = View(), []
    presenter = SyncPresenter(
        view,
        load=lambda: loaded(two=[TWO]),
        sync_now=lambda: calls.append("sync"),
        decide_for_mine=lambda op: calls.append(("mine", op)),
        decide_for_theirs=lambda op: calls.append(("theirs", op)),
        now=lambda: NOW,
        lanes=lanes,
        feed=feed,
        notices=told,
    )
    return view, presenter, calls


def test_button_syncs_and_states_are_shown_as_they_come(screen, feed):
    view, presenter, calls = screen
    presenter.open()
    presenter.sync()
    feed.tell_sync(Working("sending", 1, 2))
    assert calls == ["sync"]
    assert view.pages[-1].sentence.words == "Sending 1 of 2 …"


def test_decision_is_taken_and_told(screen, told):
    _, presenter, calls = screen
    presenter.open()
    presenter.keep_mine("op1")
    presenter.take_theirs("op1")
    assert calls == [("mine", "op1"), ("theirs", "op1")]
    assert all("kept aside" in words for words in told.words)


def test_decision_that_was_taken_elsewhere_is_said(lanes, feed, told):
    def refuse(op):
        raise NoSuchFamily

    view = View()
    presenter = SyncPresenter(
        view, load=loaded, sync_now=list, decide_for_mine=refuse, decide_for_theirs=refuse, now=lambda: NOW,
        lanes=lanes, feed=feed, notices=told,
    )  # fmt: skip
    presenter.open()
    presenter.keep_mine("op1")
    assert isinstance(told.problems[0], NoSuchFamily)


class Frame:
    def __init__(self):
        self.sentences, self.count = [], None

    def show_sync(self, words, icon="", tone=""):
        self.sentences.append(words)

    def show_count(self, screen, count):
        self.count = (screen, count)


def test_status_bar_follows_commits_and_states(lanes, feed):
    frame, counts = Frame(), [invented.counts()]
    status = SyncStatus(frame, load=lambda: counts[-1], now=lambda: NOW, practice=False, lanes=lanes, feed=feed)
    counts.append(invented.counts(unsent=1, notes_here_only=1, attention=2))
    feed.tell(Changes(sync=True))
    assert frame.sentences[-1].startswith("2 changes need you. 1 note is on this laptop only.")
    assert frame.count == ("sync", 2)
    feed.tell_sync(Offline(NOW, 1))
    assert frame.sentences[-1].startswith("No network.")
    status.show()
    assert len(frame.sentences) == 4
