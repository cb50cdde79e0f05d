"""Rules about people, ids, signed visits and reviews that hold without any machine."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitapp.domain.bodies import changed, dump, load, sha256
from visitapp.domain.clock import FixedClock, iso, moment
from visitapp.domain.ids import Ids, is_id, new_id
from visitapp.domain.people import (
    Role,
    checked_nhs_number,
    checked_person,
    family_name_for,
    person_from_body,
    safe_text,
    shown_nhs_number,
)
from visitapp.domain.problems import NotAllowed, NotAValidDate, NotAValidNhsNumber, SignatureDoesNotVerify, TextNeeded
from visitapp.domain.review import ReviewAction, answers_return, check_review
from visitapp.domain.visits import check_seal, content_hash, first_answer, is_late, sealed, sheet_key

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_ids_grow_even_when_the_clock_jumps_back() -> None:
    clock = FixedClock(NOON)
    ids = Ids(clock)
    made = [ids() for _ in range(500)]
    clock.move(timedelta(days=-30))
    made += [ids() for _ in range(500)]
    assert made == sorted(made)
    assert len(set(made)) == 1000
    assert all(is_id(id_) for id_ in made)


def test_an_id_holds_its_time_version_and_variant() -> None:
    id_ = new_id(1_795_435_200_000, bytes(range(10)))
    assert int(id_.replace("-", "")[:12], 16) == 1_795_435_200_000
    assert id_[14] == "7"
    assert id_[19] in "89ab"


@pytest.mark.parametrize(("given_number", "kept"), [("999 000 0018", "9990000018"), ("943-476-5919", "9434765919"), ("", "")])
def test_an_nhs_number_is_kept_as_ten_digits(given_number: str, kept: str) -> None:
    assert checked_nhs_number(given_number) == kept


@pytest.mark.parametrize("wrong", ["9990000019", "123", "99900000180", "abcdefghij"])
def test_a_wrong_nhs_number_is_refused(wrong: str) -> None:
    with pytest.raises(NotAValidNhsNumber):
        checked_nhs_number(wrong)


def test_an_nhs_number_is_shown_3_3_4() -> None:
    assert shown_nhs_number("9434765919") == "943 476 5919"


@pytest.mark.parametrize(
    "changes",
    [
        {"born_on": "2026-11-24"},
        {"born_on": "yesterday"},
        {"born_on": "2026-11-01", "died_on": "2026-10-31"},
        {"due_on": "2028-01-01"},
        {"gestation_days": 100},
    ],
)
def test_impossible_dates_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotAValidDate):
        checked_person(changes, TODAY)


def test_a_person_with_unknown_role_and_dates_is_still_readable() -> None:
    person = person_from_body({"id": "p", "family": "f", "role": "godmother", "born_on": "some day"})
    assert person.role is Role.OTHER
    assert person.born_on is None


def test_a_family_needs_a_name() -> None:
    with pytest.raises(TextNeeded):
        family_name_for({"name": "  "})


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.lists(st.text()))))
def test_a_body_reads_back_as_it_was_written(body: dict[str, object]) -> None:
    clean = {safe_text(key): value for key, value in body.items()}
    once = load(dump(clean))
    assert load(dump(once)) == once
    assert b"\n" not in dump(clean)


def test_keys_nobody_knows_survive_a_change() -> None:
    assert changed({"a": 1, "from-a-later-version": [1]}, {"a": None, "b": 2}) == {"from-a-later-version": [1], "b": 2}


def test_a_changed_part_or_visit_breaks_the_seal() -> None:
    part = dump({"answers": []})
    visit = {"visit": "v", "parts": [{"id": "p", "sha256": sha256(part)}]}
    signed = sealed(visit, lambda digest: b"s" * 64)
    check_seal(signed, {"p": part})
    check_seal(signed, {})
    with pytest.raises(SignatureDoesNotVerify):
        check_seal(signed, {"p": part + b" "})
    with pytest.raises(SignatureDoesNotVerify):
        check_seal({**signed, "visit": "w"}, {"p": part})
    with pytest.raises(SignatureDoesNotVerify):
        check_seal(signed, {}, lambda signature, message: False)
    assert content_hash(signed) == content_hash(dict(reversed(signed.items())))


def test_a_late_entry_is_one_signed_more_than_a_day_after() -> None:
    assert not is_late(NOON, NOON + timedelta(hours=24))
    assert is_late(NOON, NOON + timedelta(hours=24, seconds=1))


def test_answers_are_found_wherever_they_stand() -> None:
    answers = [
        {"linkId": "g", "item": [{"linkId": "q", "answer": [{"valueCoding": {"code": "S"}, "item": [{"linkId": "e", "answer": [{"valueString": "x"}]}]}]}]}
    ]
    assert first_answer(answers, "q") == "S"
    assert first_answer(answers, "e") == "x"
    assert first_answer(answers, "none", "default") == "default"


def test_sheets_of_twins_differ() -> None:
    assert sheet_key("observation-nb", "a", "mother") != sheet_key("observation-nb", "b", "mother")


def test_who_may_do_what_in_a_review() -> None:
    check_review("supervisor", ReviewAction.COUNTERSIGNED, "", "nurse", "sue")
    check_review("nurse", ReviewAction.COMMENT, "Thank you", "nurse", "nurse")
    with pytest.raises(NotAllowed):
        check_review("nurse", ReviewAction.SEEN, "", "other", "nurse")
    with pytest.raises(NotAllowed):
        check_review("safeguarding", ReviewAction.COMMENT, "Read", "other", "lea")
    with pytest.raises(NotAllowed):
        check_review("supervisor", ReviewAction.RETURNED, "Why?", "sue", "sue")
    with pytest.raises(TextNeeded):
        check_review("supervisor", ReviewAction.RETURNED, " ", "nurse", "sue")


def test_only_an_addendum_after_the_last_return_answers_it() -> None:
    returned = [("returned", "2026-11-20T10:00:00Z"), ("returned", "2026-11-22T10:00:00Z")]
    assert not answers_return(returned, ["2026-11-21T10:00:00Z"])
    assert answers_return(returned, ["2026-11-22T11:00:00Z"])
    assert not answers_return([("seen", "2026-11-20T10:00:00Z")], ["2026-11-21T10:00:00Z"])


def test_moments_are_written_in_utc_and_read_back() -> None:
    assert iso(NOON) == "2026-11-23T12:00:00Z"
    assert moment(iso(NOON)) == NOON
    with pytest.raises(ValueError, match="zone"):
        moment("2026-11-23T12:00:00")
