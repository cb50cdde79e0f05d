"""Finding people by any part of a name and notes by their words, in every script, accents aside."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.protocol.messages import CaseloadEntry
from visitapp.store.folding import excerpt, fold, words
from visitapp.store.incoming import set_caseload
from visitapp.store.record import Record
from visitapp.store.search import find_families, folded, matches, merge, search_notes

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
ids = Ids(CLOCK)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A new record."""
    made = Record.create(tmp_path / "record.db", b"k" * 32, clock=CLOCK)
    yield made
    made.close()


def family(record: Record, name: str, *people: str) -> str:
    """A family with people of these names."""
    id_ = ids()
    with record.writing() as w:
        w.put(f"f:{id_}", "family", id_, {"id": id_, "name": name})
        for person in people:
            given, _, surname = person.partition(" ")
            w.put(f"f:{id_}", "person", ids(), {"family": id_, "given_name": given, "family_name": surname})
    return id_


def note(record: Record, family_id: str, text: str, *, restricted: bool = False, id_: str = "") -> str:
    """A part of a note with this text; returns its id."""
    id_ = id_ or ids()
    items = [{"linkId": "g", "item": [{"linkId": "story", "answer": [{"valueString": text}]}]}]
    with record.writing() as w:
        scope = f"{'r' if restricted else 'f'}:{family_id}"
        w.put(scope, "part", id_, {"visit": ids(), "restricted": restricted, "answers": items})
    return id_


def found(record: Record, sought: str) -> list[str]:
    """Names of the families found."""
    with record.reading() as r:
        return [row.name for row in find_families(r, sought)]


def excerpts(record: Record, sought: str, family_id: str = "") -> list[str]:
    """Excerpts of the notes found."""
    with record.reading() as r:
        return [row.excerpt for row in search_notes(r, sought, family_id)]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Łukasz", "lukasz"), ("Søren", "soren"), ("Groß", "gross"), ("Ŵyn", "wyn"), ("O’Brien", "obrien"), ("O'Brien", "O’BRIEN"),
        ("Nguyễn", "nguyen"), ("Müller-Özil", "muller ozil"), ("Æsa", "aesa"), ("İbrahim", "ibrahim"), ("Đặng", "dang"),
        ("Ñoño", "nono"), ("Þóra", "thora"), ("Šárka", "sarka"), ("مُحَمَّد", "محمد"), ("अमीना", "अमीना"), ("தமிழ்", "தமிழ்"),
    ],
)  # fmt: skip
def test_names_are_found_as_people_type_them(record: Record, written: str, typed: str) -> None:
    family(record, written)
    assert found(record, typed) == [written]
    assert found(record, written) == [written]
    note(record, ids(), f"saw {written} today")
    assert len(excerpts(record, typed)) == 1
    assert matches(folded([written]), typed)


def test_any_part_of_any_name_finds_the_family_and_every_part_must_fit(record: Record) -> None:
    family(record, "Okafor", "Ada Okafor", "Chidi Evans")
    family(record, "Evans", "Ann Evans")
    assert found(record, "kaf") == ["Okafor"]
    assert found(record, "hid eva") == ["Okafor"]
    assert found(record, "evans") == ["Evans", "Okafor"]
    assert found(record, "okafor ann") == []
    assert found(record, "  ") == []


def test_name_that_was_changed_is_found_by_the_new_one_only(record: Record) -> None:
    id_ = family(record, "Okafor")
    with record.writing() as w:
        w.put(f"f:{id_}", "family", id_, {"id": id_, "name": "Eze"})
    assert found(record, "eze") == ["Eze"]
    assert found(record, "okafor") == []


@pytest.mark.parametrize("sought", ['"', "a* OR b", "NEAR(", "' OR 1=1 --", "col:x", "(", "-", "^zz", "%", "\x00"])
def test_nothing_that_can_be_typed_breaks_the_search(record: Record, sought: str) -> None:
    family(record, "Okafor")
    note(record, ids(), "a quiet visit")
    assert excerpts(record, sought) == []
    assert isinstance(found(record, sought), list)


def test_notes_need_every_word_and_the_last_may_be_begun(record: Record) -> None:
    one = ids()
    note(record, one, "The baby smiled at her grandmother")
    note(record, ids(), "The baby slept")
    assert excerpts(record, "baby smil") == ["The baby smiled at her grandmother"]
    assert excerpts(record, "smil baby") == []
    assert len(excerpts(record, "baby")) == 2
    assert excerpts(record, "baby", one) == ["The baby smiled at her grandmother"]


def test_changed_text_is_found_by_its_new_words_only(record: Record) -> None:
    one = ids()
    id_ = note(record, one, "smiled")
    note(record, one, "frowned", id_=id_)
    assert excerpts(record, "smiled") == []
    assert excerpts(record, "frowned") == ["frowned"]


def test_restricted_words_are_found_only_while_the_restricted_scope_is_held(record: Record) -> None:
    one = ids()
    note(record, one, "he shouted", restricted=True)
    assert excerpts(record, "shouted") == []
    with record.writing() as w:
        set_caseload(w, [CaseloadEntry(f"f:{one}", "nurse"), CaseloadEntry(f"r:{one}", "restricted")], 1)
    assert excerpts(record, "shouted") == ["he shouted"]


def test_restricted_sheet_of_a_draft_is_never_indexed(record: Record) -> None:
    sheets = [
        {"restricted": True, "answers": [{"linkId": "a", "answer": [{"valueString": "shouted"}]}]},
        {"restricted": False, "answers": [{"linkId": "b", "answer": [{"valueString": "smiled"}]}]},
    ]
    with record.writing() as w:
        w.put(f"u:{ids()}", "draft", ids(), {"family": ids(), "sheets": sheets})
    assert excerpts(record, "shouted") == []
    assert excerpts(record, "smiled") == ["smiled"]


def test_index_keeps_no_text_of_its_own(record: Record) -> None:
    note(record, ids(), "a very particular marmalade")
    with record.reading() as r:
        assert r.connection.exec_driver_sql("SELECT text FROM word").scalar_one() is None


def test_excerpt_is_cut_around_the_word_at_whole_words() -> None:
    text = " ".join(["before"] * 60 + ["quince"] + ["after"] * 60)
    cut = excerpt(text, ["quince"], 80)
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert " quince " in cut
    assert set(cut.strip("… ").split()) == {"before", "quince", "after"}
    assert excerpt("short", ["nothing"]) == "short"


def test_folding_is_its_own_fixed_point() -> None:
    for text in ("Łukasz O’Brien", "İSTANBUL", "Straße", "ÀÉÎÕÜ", "ﬁancée", "Ｆｕｌｌ", "نُور", "ŉ", "ǅ"):
        assert fold(fold(text)) == fold(text)
    assert words("Mary-Ann's  12.5 kg!") == ["mary", "anns", "12", "5", "kg"]


def test_pieces_of_the_index_are_put_together_later_and_every_word_is_still_found(record: Record) -> None:
    home = family(record, "Ahmed")
    for number in range(12):
        note(record, home, f"gurgled happily number{number}")
    assert len(excerpts(record, "gurgled")) == 12
    steps = 0
    more = True
    while more:
        with record.writing() as w:
            more = merge(w, 1)
        steps += more
    assert steps
    assert len(excerpts(record, "gurgled")) == 12
    assert excerpts(record, "number7") == ["gurgled happily number7"]
