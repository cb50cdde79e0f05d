"""Which families the Caseload shows and what it says of them; no Qt."""

from dataclasses import replace

import pytest

from tests.unit.ui import invented
from visitapp.actions.caseload import Found
from visitapp.domain.ids import FamilyId
from visitapp.domain.people import FamilyState
from visitapp.store.changes import Changes
from visitapp.ui.caseload.presenter import CaseloadPresenter, Column, Filter, table_row


class View:
    def __init__(self):
        self.pages = []
        self.filters = None

    def show_page(self, page):
        self.pages.append(page)

    def show_filters(self, filters):
        self.filters = set(filters)

    @property
    def names(self):
        return [row.cells[Column.FAMILY].words for row in self.pages[-1].rows]


@pytest.fixture
def view():
    return View()


@pytest.fixture
def presenter(view, lanes, feed, told):
    found = CaseloadPresenter(
        view,
        load=invented.caseload_rows,
        find=lambda text: [Found("note", FamilyId("f4"), "Sharma", None, "…", None)] if text == "teething" else [],
        now=lambda: invented.NOW,
        lanes=lanes,
        feed=feed,
        navigate=told,
    )
    found.open("")
    return found


def cell(column, **changes):
    return table_row(invented.caseload_row(**changes), invented.TODAY).cells[column]


@pytest.mark.parametrize("typed", ["lukasz", "ŁUKASZ", "wisn", "niews luk", "zofia"])
def test_any_part_of_a_name_finds_it_whatever_the_accents(view, presenter, typed):
    presenter.search(typed)
    assert view.names == ["Wiśniewska"]


def test_names_in_other_scripts_are_found(view, presenter):
    presenter.search("فاطمة")
    assert view.names == ["Rahman"]


def test_a_word_of_a_note_finds_its_family_and_says_so(view, presenter):
    presenter.search("teething")
    assert view.names == ["Sharma"]
    assert view.pages[-1].rows[0].cells[Column.FAMILY].said.endswith("in a note")


def test_filters_narrow_and_phases_widen_each_other(view, presenter):
    presenter.narrow([Filter.OVERDUE])
    assert view.names == ["Wiśniewska"]
    presenter.narrow([Filter.PREGNANCY, Filter.TODDLERHOOD])
    assert view.names == ["Rahman", "Sharma"]
    presenter.narrow([Filter.PREGNANCY, Filter.OVERDUE])
    assert view.names == []


def test_sentence_counts_what_is_shown(view, presenter):
    assert view.pages[-1].sentence == "5 families"
    presenter.narrow([Filter.ALERT])
    assert view.pages[-1].sentence == "1 of 5 families"


def test_today_can_open_it_on_what_is_overdue(view, presenter):
    presenter.open("overdue")
    assert view.filters == {Filter.OVERDUE}
    assert view.names == ["Wiśniewska"]


def test_baby_never_seen_awake_is_said():
    assert cell(Column.BABY_SEEN, last_awake_at=None).words == "not yet"


@pytest.mark.parametrize("state", [FamilyState.BABY_DIED, FamilyState.PREGNANCY_ENDED])
def test_after_a_loss_nothing_is_due_or_asked(state):
    row = invented.caseload_row(state=state, next_due=None, last_awake_at=None)
    cells = table_row(row, invented.TODAY).cells
    assert cells[Column.BABY_SEEN].words == ""
    assert "due" not in cells[Column.NEXT_DUE].words
    assert cells[Column.NEXT_DUE].tone == "muted"


def test_flags_and_unsigned_notes_are_words():
    flags = cell(Column.FLAGS, flags=("concern-3",), drafts=2)
    assert [chip[0] for chip in flags.chips] == ["concern, level 3", "2 notes not signed"]


@pytest.mark.parametrize(
    ("sync", "words"), [("received", "received"), ("waiting", "not sent"), ("attention", "needs you"), ("arriving", "arriving")]
)
def test_sync_is_a_word(sync, words):
    assert cell(Column.SYNC, sync=sync, unsent=2).words == words


def test_twins_of_one_age_say_it_once():
    row = invented.caseload_rows()[1]
    assert table_row(row, invented.TODAY).cells[Column.BABIES].quiet == "5 weeks (1 week corrected)"


def test_changes_reload_in_front_only(view, presenter, feed):
    feed.tell(Changes(kinds=frozenset({"family"})))
    presenter.leave()
    feed.tell(Changes(kinds=frozenset({"family"})))
    assert len(view.pages) == 2


def test_choosing_opens_the_family(presenter, told):
    presenter.choose("f3")
    presenter.begin_family()
    assert told.places == [("family", "f3"), ("new-family", "")]


def test_sort_keys_put_the_longest_unseen_first():
    rows = [table_row(row, invented.TODAY) for row in invented.caseload_rows()]
    ordered = sorted(rows, key=lambda row: row.cells[Column.BABY_SEEN].key)
    assert [row.cells[Column.FAMILY].words for row in ordered][2:] == ["Sharma", "Wiśniewska", "Okafor-Lloyd"]


def test_family_that_moved_says_so_in_place_of_a_contact():
    assert table_row(
        replace(invented.caseload_row(), state=FamilyState.MOVED), invented.TODAY
    ).cells[Column.NEXT_DUE].words == "Moved away"  # fmt: skip
