"""From fields to bodies and back, and the page that asks for them; no Qt."""

from datetime import date

import pytest

from tests.unit.ui import invented
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import NoSuchFamily, NotAValidDate, NotAValidNhsNumber, TextNeeded
from visitapp.ui.days import read_day
from visitapp.ui.family import forms, person_forms
from visitapp.ui.family.form_presenter import FormPresenter, Opened

BODY = invented.family_view().body | {"from_a_newer_version": {"kept": True}}


def typed(body, **changes):
    return dict(forms.family_values(body)) | changes


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3/12/2025", date(2025, 12, 3)), ("3 Dec 2025", date(2025, 12, 3)), ("03-12-25", date(2025, 12, 3)),
        ("3 december 2025", date(2025, 12, 3)), ("3.12.2025", date(2025, 12, 3)), ("2025-12-03", date(2025, 12, 3)),
        ("31/2/2025", None), ("12/31/2025", None), ("soon", None), ("", None), ("3 12", None), ("3/12/202", None),
    ],
)  # fmt: skip
def test_dates_are_read_day_first(text, day):
    assert read_day(text) == day


def test_saving_a_family_untouched_changes_nothing():
    changes = forms.family_changes(typed(BODY), BODY)
    changed = {key for key, value in changes.items() if value != BODY.get(key) and (value or BODY.get(key))}
    assert changed == set()


def test_keys_a_newer_version_wrote_stay():
    body = BODY | {"address": {**BODY["address"], "uprn": "1"}, "programmes": ["fnp", "future"]}
    changes = forms.family_changes(typed(body), body)
    assert changes["address"]["uprn"] == "1"
    assert "future" in changes["programmes"]
    assert "from_a_newer_version" not in changes


def test_an_alert_is_added_and_another_ended():
    values = typed(BODY) | {
        "end-alert-0": True, "alert-text": "Lift is broken", "alert-risk": "", "alert-source": "mother",
        "alert-review_on": "1 1 2026", "alert-restricted": False,
    }  # fmt: skip
    assert forms.family_changes(values, BODY)["alerts"] == [
        {"code": "note", "text": "Lift is broken", "source": "mother", "review_on": "2026-01-01", "restricted": False}
    ]


def test_a_date_that_is_none_is_named():
    with pytest.raises(NotAValidDate) as raised:
        forms.family_changes(typed(BODY, enrolled_on="yesterday-ish"), BODY)
    assert raised.value.what == "enrolled_on"


def test_new_family_with_twins_gives_each_its_own_body_and_colour():
    values = {
        "name": "Petrov", "mother-given_name": "Mila", "baby": "two", "born_on": "1/11/2025", "weeks": "34",
        "given_name-0": "Ana", "given_name-1": "Iva", "father-given_name": "",
    }  # fmt: skip
    family, people = forms.new_family_bodies(values)
    assert family == {"name": "Petrov"}
    assert [(p["role"], p.get("given_name"), p.get("colour")) for p in people] == [
        ("mother", "Mila", None), ("baby", "Ana", "teal"), ("baby", "Iva", "amber")
    ]  # fmt: skip
    assert people[1]["gestation_days"] == 34 * 7


def test_new_family_that_expects_has_an_unborn_and_no_name_is_asked():
    _, people = forms.new_family_bodies({"name": "Petrov", "baby": "expected", "due_on": "1/2/2026"})
    assert people == [{"role": "unborn", "due_on": "2026-02-01"}]
    assert "given_name-0" not in forms.new_family_fields("expected")


def test_only_fields_that_make_sense_for_a_role_are_saved():
    values = person_forms.person_values({"role": "baby", "given_name": "Ana", "pronouns": "she"})
    changes = person_forms.person_changes(values)
    assert "pronouns" not in changes
    assert "parental_responsibility" not in changes
    assert changes["given_name"] == "Ana"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_fields(role):
    shown = person_forms.person_fields(role)
    known = set(person_forms.person_form("", known=True).field_keys())
    assert {"role", "note"} <= shown <= known


def test_weeks_at_birth_are_reckoned_from_the_expected_day():
    assert person_forms.gestation_at(date(2025, 11, 1), date(2025, 11, 13)) == ("38", "2")
    assert person_forms.gestation_at(date(2025, 1, 1), date(2025, 11, 13)) == ("", "")


def test_births_of_twins_carry_a_name_each():
    births = person_forms.births_in(
        {"many": "2", "born_on": "1 11 2025", "weeks": "36", "days": "1", "given_name-0": "Ana", "given_name-1": "Iva"}
    )
    assert [(b.given_name, b.gestation_days) for b in births] == [("Ana", 253), ("Iva", 253)]


def test_birth_without_a_day_is_refused():
    with pytest.raises(NotAValidDate):
        person_forms.births_in({"many": "1", "born_on": ""})


def test_which_baby_is_asked_only_after_a_death_among_two():
    assert "baby" in forms.state_fields("baby_died", 2)
    assert "baby" not in forms.state_fields("baby_died", 1)
    assert "baby" not in forms.state_fields("moved", 2)


@pytest.mark.parametrize("state", list(FamilyState))
def test_words_about_a_state_explain_and_never_cheer(state):
    words = forms.state_explained(state, 1)
    assert words
    if state in (FamilyState.PREGNANCY_ENDED, FamilyState.BABY_DIED):
        assert not any(word in words.lower() for word in ("success", "done", "congrat", "!", "complete"))


class View:
    def __init__(self):
        self.forms, self.wrong, self.fields, self.values, self.introductions = [], [], None, {}, []

    def show_form(self, form):
        self.forms.append(form)

    def show_values(self, values):
        self.values.update(values)

    def show_fields(self, keys):
        self.fields = set(keys)

    def show_wrong(self, wrong):
        self.wrong.append(dict(wrong))

    def show_introduction(self, words):
        self.introductions.append(words)

    def show_busy(self, busy):
        pass


class BirthPage:
    done = "The birth has been recorded."

    def __init__(self):
        self.problem = None
        self.saved = []

    def load(self, argument):
        return Opened(
            person_forms.birth_form(),
            {"many": "1"},
            fields=lambda values: person_forms.birth_fields(str(values["many"])),
            fills=lambda values, key: {"weeks": "38"} if key == "born_on" else {},
        )

    def save(self, argument, values):
        if self.problem is not None:
            raise self.problem
        self.saved.append((argument, values))
        return argument.split("/", maxsplit=1)[0]


@pytest.fixture
def page():
    return BirthPage()


@pytest.fixture
def view():
    return View()


@pytest.fixture
def presenter(view, page, lanes, told):
    found = FormPresenter(view, page, lanes=lanes, navigate=told, notices=told)
    found.open("f1/p9")
    return found


def test_saved_page_says_so_and_goes_back_to_the_family(presenter, page, told):
    presenter.save({"many": "1"})
    assert page.saved == [("f1/p9", {"many": "1"})]
    assert told.words == ["The birth has been recorded."]
    assert told.places == [("family", "f1")]


@pytest.mark.parametrize(
    ("problem", "field"),
    [(NotAValidDate("born_on"), "born_on"), (NotAValidDate("gestation_days"), "weeks"), (NotAValidNhsNumber(), "nhs_number-0")],
)
def test_what_is_wrong_is_said_beside_its_field(presenter, view, page, told, problem, field):
    page.problem = problem
    presenter.save({})
    assert set(view.wrong[-1]) == {field}
    assert told.places == []


@pytest.mark.parametrize("problem", [NoSuchFamily(), TextNeeded("somewhere")])
def test_what_belongs_to_no_field_is_said_above_save(presenter, view, page, problem):
    page.problem = problem
    presenter.save({})
    assert list(view.wrong[-1]) == [""]
    assert view.wrong[-1][""].endswith(".")


def test_choices_bring_fields_and_dates_fill_others(presenter, view):
    assert "given_name-1" not in view.fields
    presenter.change("many", "2")
    assert "given_name-1" in view.fields
    presenter.change("born_on", "1 11 2025")
    assert view.values["weeks"] == "38"


def test_coming_back_finds_what_was_typed_and_another_family_does_not(presenter, view):
    presenter.open("f1/p9")
    assert len(view.forms) == 1
    presenter.open("f2/p1")
    assert len(view.forms) == 2


def test_cancelling_forgets_and_goes_back(presenter, view, told):
    presenter.cancel()
    presenter.open("f1/p9")
    assert told.places == [("family", "f1")]
    assert len(view.forms) == 2
