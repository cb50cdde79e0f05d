"""What is said about sync, and what the Sync screen shows; no Qt."""

import itertools
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ui import invented
from visitapp.actions.stuck import WAITS, Waiting, Way, ways_of
from visitapp.actions.syncing import SyncOverview
from visitapp.domain.ids import FamilyId
from visitapp.domain.problems import NoSuchFamily
from visitapp.protocol.rules import KINDS
from visitapp.store.arrivals import Arriving
from visitapp.store.changes import Changes
from visitapp.store.notices import GoneRow
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncLogRow
from visitapp.sync.problems import ClockWrong
from visitapp.sync.state import Blocked, Idle, NeedsSignIn, NotConnected, Offline, OutOfDate, Trouble, Working
from visitapp.ui.sync.attention import attention_of
from visitapp.ui.sync.presenter import SyncPresenter, page_of
from visitapp.ui.sync.sentence import sentence
from visitapp.ui.sync.status import SyncStatus

NOW = invented.NOW
CODES = (
    "",
    "kept",
    "server-only",
    "assignment",
    "body:signature",
    "unknown-kind",
    "overlap:phone",
    "state",
    "moved",
    "failed",
    "new",
)
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


COUNTS = st.builds(
    lambda unsent, notes, attention, held, arriving, synced: invented.counts(
        unsent=unsent,
        notes_here_only=min(notes, unsent),
        attention=attention,
        held=held,
        arriving=arriving,
        last_sync_at=NOW if synced else None,
    ),
    *(st.integers(0, 3) for _ in range(5)),
    st.booleans(),
)
STATE = st.sampled_from(
    [
        None, Idle(NOW), Idle(None, 3, 1), Offline(NOW, 0), Offline(NOW, 4), Working("sending", 1, 2), Working("fetching"),
        NeedsSignIn(0), Blocked(), Blocked(wipe=True), OutOfDate("2"), Trouble(ClockWrong()), NotConnected(),
    ]
)  # fmt: skip


@given(STATE, COUNTS)
def test_the_sentence_is_true_whatever_the_state_and_the_numbers(state, counts):
    words = sentence(state, counts, NOW).words
    assert "  " not in words
    if isinstance(state, NotConnected):
        assert "everything stays on this laptop" in words
        return
    assert ("on this laptop only" in words) == bool(counts.unsent)
    assert (f"{counts.attention} change" in words and "need" in words) == bool(counts.attention)
    assert ("for a person at your service" in words) == bool(counts.held)
    if "Everything is with your service" in words:
        assert (counts.unsent, counts.attention, counts.held, counts.arriving) == (0, 0, 0, 0)
        assert counts.last_sync_at is not None
    if counts.notes_here_only:
        assert re.search(rf"\b{counts.notes_here_only} notes?\b", words)
    if state is None or isinstance(state, Idle):
        assert ("Last sync" in words) == (counts.last_sync_at is not None)


def test_practice_says_that_nothing_leaves():
    assert say(NotConnected(), practice=True).words == "Practice: everything stays on this laptop."


def outbox(kind, state="waiting"):
    return OutboxRow("op", "", "f:f1", kind, "i", "f1", "put", state, "", 0, NOW - timedelta(hours=3), None, 10)


STUCK = Waiting(
    "op1", "family", "put", "", FamilyId("f1"), "Wiśniewska", "conflict", "", NOW - timedelta(hours=3), "4A21 0D55", (Way.DECIDE,)
)


def loaded(waiting=(), received=(), history=(), needs=(), arriving=(), decided=(), **counts):
    return SyncOverview(
        invented.counts(**counts),
        tuple(waiting),
        tuple(needs),
        tuple(received),
        tuple(history),
        NOW,
        False,
        tuple(arriving),
        tuple(decided),
    )


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


@pytest.mark.parametrize("state", sorted(WAITS))
def test_every_change_that_waits_is_told_in_words_with_a_button_for_each_way(state):
    for kind, act, code in itertools.product([*KINDS, "hologram"], ("put", "sign", "del", "move"), CODES):
        for restricted, signed in itertools.product((True, False), repeat=2):
            ways = ways_of(state, kind, act, code, restricted=restricted, is_signed=signed)
            told = attention_of(replace(STUCK, state=state, kind=kind, act=act, code=code, ways=ways), NOW)
            said = " ".join((told.title, told.happened, told.safe, *(words for _, words in told.ways)))
            assert len(told.ways) == len(ways) > 0
            assert all(words for _, words in told.ways)
            assert not [
                word for word in (code, f"{state} ", "None", "{") if word.strip(" abcdefghijklmnopqrstuvwxyz") and word in said
            ]


def test_what_is_with_the_service_desk_has_its_receipt_number():
    told = attention_of(replace(STUCK, state="held", code="body:signature", ways=(Way.HAND_ON,)), NOW)
    assert "Receipt number 4A21 0D55" in told.safe
    assert told.ways == ((Way.HAND_ON, "Give it to my supervisor"),)


def test_receipts_have_numbers_that_can_be_read_out():
    receipts = [ReceiptRow(f"01a207a2-3280-7f89-982d-73974a21000{n}", "f:f1", "visit", "v", "ok", 1, "", NOW) for n in range(3)]
    [group] = page_of(loaded(received=receipts), None, NOW).received
    assert group.detail == "09:12 · receipts 4A21 0000, 4A21 0001 and 1 more"


def test_a_first_sync_says_which_families_can_be_worked_with():
    families = [Arriving("f1", "Brandt", True), Arriving("f2", "Okafor", True), Arriving("f3", "", False)]
    arrival = page_of(loaded(arriving=families), None, NOW).arrival
    assert (arrival.words, arrival.here, arrival.of) == ("2 of 3 families are on this laptop", 2, 3)
    assert "Brandt, Okafor" in arrival.detail
    assert page_of(loaded(arriving=families[:2]), None, NOW).arrival is None


def test_the_last_problem_is_told_in_words_until_a_sync_went_well():
    bad = SyncLogRow(NOW, NOW, "offline", 0, 0, 100, 0, 1, "ServiceUnreachable")
    good = SyncLogRow(NOW, NOW, "done", 2, 0, 12_000, 3_400_000, 1, "")
    assert "Last problem, 09:12: Your service cannot be reached." in page_of(loaded(history=[bad, good]), None, NOW).detail
    page = page_of(loaded(history=[good, bad]), None, NOW)
    assert "problem" not in page.detail
    assert page.history[0].size == "12 KB up, 3.4 MB down"


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
        load=lambda: loaded(needs=[STUCK]),
        sync_now=lambda: calls.append("sync"),
        act_on=lambda op, way: calls.append((way, op)),
        take_note=calls.append,
        now=lambda: NOW,
        lanes=lanes,
        feed=feed,
        navigate=told,
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


def test_what_is_chosen_is_done_and_told(screen, told):
    _, presenter, calls = screen
    presenter.open()
    presenter.act("op1", Way.ASIDE)
    assert calls == [(Way.ASIDE, "op1")]
    assert told.words == ["Put aside. It stays in the history."]


def test_two_versions_are_decided_on_their_own_screen(screen, told):
    _, presenter, calls = screen
    presenter.open()
    presenter.act("op1", Way.DECIDE)
    assert (calls, told.places) == ([], [("disagreement", "op1")])


def test_what_was_settled_elsewhere_is_said(lanes, feed, told):
    def refuse(op, way):
        raise NoSuchFamily

    view = View()
    presenter = SyncPresenter(
        view,
        load=loaded,
        sync_now=list,
        act_on=refuse,
        take_note=list,
        now=lambda: NOW,
        lanes=lanes,
        feed=feed,
        navigate=told,
        notices=told,
    )
    presenter.open()
    presenter.act("op1", Way.AGAIN)
    assert isinstance(told.problems[0], NoSuchFamily)


class Frame:
    def __init__(self):
        self.sentences, self.count, self.told = [], None, []

    def tell(self, words):
        self.told.append(words)

    def show_sync(self, words, icon="", tone=""):
        self.sentences.append(words)

    def show_count(self, screen, count):
        self.count = (screen, count)


def test_status_bar_follows_commits_and_states(lanes, feed):
    frame, counts = Frame(), [invented.counts()]
    status = SyncStatus(frame, load=lambda: counts[-1], names=dict, now=lambda: NOW, practice=False, lanes=lanes, feed=feed)
    counts.append(invented.counts(unsent=1, notes_here_only=1, attention=2))
    feed.tell(Changes(sync=True))
    assert frame.sentences[-1].startswith("2 changes need you. 1 note is on this laptop only.")
    assert frame.count == ("sync", 2)
    feed.tell_sync(Offline(NOW, 1))
    assert frame.sentences[-1].startswith("No network.")
    status.show()
    assert len(frame.sentences) == 4


def test_a_family_that_goes_is_named_while_the_window_remembers_it(lanes, feed):
    frame, held = Frame(), [{"f1": "Okafor", "f2": "Brandt"}]
    counts = invented.counts()
    SyncStatus(frame, load=lambda: counts, names=lambda: held[-1], now=lambda: NOW, practice=False, lanes=lanes, feed=feed)
    held.append({"f2": "Brandt", "f3": "Petrov"})
    feed.tell(Changes(kinds=frozenset({"caseload"})))
    feed.tell(Changes(kinds=frozenset({"caseload"})))
    assert frame.told == ["Okafor has left your caseload. What you signed is with your service."]


def test_where_a_family_went_and_what_became_of_ones_work_is_told_until_it_was_read(screen, told):
    row = GoneRow("n1", "Ruth Bell", 2, 1, NOW - timedelta(days=1))
    [gone] = page_of(replace(loaded(), gone=(row,)), None, NOW).gone
    assert gone.words == "A family is now with Ruth Bell, yesterday 09:12. Your 2 signed notes arrived. Your draft went with it."
    _, presenter, calls = screen
    presenter.open()
    presenter.read_gone("n1")
    assert calls == ["n1"]
