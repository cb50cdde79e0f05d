"""The visit presenter on a real record: what is shown, what is saved and when, and what it opens by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import a_desk
from tests.kit.okafors import PHONES, TWINS, the_okafors, with_phones
from tests.unit.ui.conftest import LanesAtOnce
from visitapp.actions.session import Desk
from visitapp.actions.signing import sign_visit
from visitapp.actions.visits import open_draft, start_visit
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import NoSuchVisit, Problem
from visitapp.domain.visits import Outcome, first_answer
from visitapp.forms import load_questionnaire
from visitapp.forms.filling import Row
from visitapp.ui.visit.heading import Heading
from visitapp.ui.visit.last_visit import LastVisit
from visitapp.ui.visit.pages import Block, StepPage
from visitapp.ui.visit.presenter import VisitPresenter
from visitapp.ui.visit.steps import Step, StepState


class Seen:
    """Stands in for the screen: keeps what was shown."""

    def __init__(self) -> None:
        self.heading: Heading | None = None
        self.steps: tuple[Step, ...] = ()
        self.current = ""
        self.page: StepPage | None = None
        self.saved: list[tuple[str, str]] = []
        self.notes: dict[str, str] = {}
        self.focus: list[tuple[str, str]] = []
        self.last: LastVisit | None = None
        self.rows: dict[str, tuple[Row, ...]] = {}

    def show_heading(self, heading: Heading) -> None:
        self.heading = heading

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        self.steps, self.current = tuple(steps), current

    def show_page(self, page: StepPage) -> None:
        self.page = page
        self.rows.update({block.key: block.rows for block in page.blocks})

    def show_rows(self, key: str, rows: Sequence[Row]) -> None:
        self.rows[key] = tuple(rows)

    def show_changed(self, key: str, rows: Sequence[Row]) -> None:
        new = {row.place: row for row in rows}
        self.rows[key] = tuple(new.get(row.place, row) for row in self.rows[key])

    def show_note(self, key: str, words: str) -> None:
        self.notes[key] = words

    def show_saved(self, words: str, tone: str) -> None:
        self.saved.append((words, tone))

    def show_time(self, words: str) -> None:
        self.time = words

    def show_last_visit(self, last: LastVisit) -> None:
        self.last = last

    def forget_pages(self) -> None:
        self.page = None
        self.rows = {}

    def focus_first(self) -> None:
        self.focus.append(("first", ""))

    def focus_place(self, key: str, place: str) -> None:
        self.focus.append((key, place))

    def block(self, name: str) -> Block:
        assert self.page is not None
        return next(block for block in self.page.blocks if block.key.startswith(name))

    def offered(self) -> dict[str, Any]:
        assert self.page is not None
        return {offer.name: offer for offer in self.page.offers}

    def step(self, code: str) -> Step:
        return next(step for step in self.steps if step.code == code)


class Waiting:
    """Calls that wait until the test lets time pass."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def __call__(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        self.calls.append(call)
        return lambda: self.calls.remove(call) if call in self.calls else None

    def let_pass(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


class Bench:
    """A presenter at work on one visit."""

    def __init__(self, desk: Desk, lanes: Any, told: Any, persons: Sequence[Any]) -> None:
        self.desk = desk
        self.told = told
        self.view = Seen()
        self.waiting = Waiting()
        self.family = the_okafors(desk, persons)
        self.visit = start_visit(desk, self.family)
        self.presenter = VisitPresenter(self.view, desk, lanes, told, told, self.waiting)
        self.presenter.open_visit(self.visit)

    def answer(self, name: str, link_id: str, value: Any) -> None:
        key = next(key for key in self.view.rows if key.startswith(name))
        row = next(row for row in self.view.rows[key] if row.item.link_id == link_id)
        self.presenter.answer(key, row.place, (row.options[value].value if row.options else value,))

    def held(self, section: str, link_id: str) -> Any:
        draft = open_draft(self.desk, self.visit)
        return next(
            (
                found
                for sheet in draft.sheets
                if sheet.section == section and (found := first_answer(sheet.answers, link_id)) is not None
            ),
            None,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = with_phones(a_desk(tmp_path))
    yield made
    made.record.close()


@pytest.fixture
def bench(desk: Desk, lanes: Any, told: Any) -> Bench:
    return Bench(desk, lanes, told, TWINS)


def test_the_top_says_which_family_and_which_babies_with_their_colours(bench: Bench) -> None:
    heading = bench.view.heading
    assert heading is not None
    assert heading.family == "Okafor"
    assert [(baby.name, baby.colour) for baby in heading.babies] == [("Yusuf", "teal"), ("Zara", "amber")]
    assert "corrected" in heading.babies[0].age


def test_what_is_typed_reaches_the_record_after_the_quiet_and_says_when(bench: Bench) -> None:
    bench.presenter.go_to("narrative")
    bench.waiting.let_pass()
    bench.answer("visit-narrative", "story", "We talked.")
    assert bench.held("narrative", "story") is None
    bench.waiting.let_pass()
    assert bench.held("narrative", "story") == "We talked."
    assert bench.view.saved[-1] == ("Saved on this laptop 09:00", "muted")


@pytest.mark.parametrize("way", ["field_left", "leave", "sign", "next_step"])
def test_leaving_saves_at_once_and_asks_nothing(bench: Bench, way: str) -> None:
    bench.presenter.go_to("narrative")
    bench.answer("visit-narrative", "story", "We talked.")
    getattr(bench.presenter, way)()
    assert bench.held("narrative", "story") == "We talked."


def test_opening_another_visit_first_saves_this_one(bench: Bench) -> None:
    bench.presenter.go_to("narrative")
    bench.answer("visit-narrative", "story", "The last words")
    other = start_visit(bench.desk, bench.family)
    bench.presenter.open_visit(other)
    assert bench.held("narrative", "story") == "The last words"


def test_a_draft_opens_at_the_step_where_it_was_left(bench: Bench) -> None:
    bench.presenter.go_to("health")
    bench.presenter.leave()
    bench.presenter.open_visit(bench.visit)
    assert bench.view.current == "health"
    assert bench.view.page is not None
    assert bench.view.page.title == "Health"


def test_coming_back_to_a_visit_that_is_signed_leads_to_the_note(bench: Bench) -> None:
    bench.presenter.go_to("risks")
    bench.answer("visit-risks", "risks-none", True)
    bench.presenter.leave()
    sign_visit(bench.desk, bench.visit)
    bench.presenter.open_visit(bench.visit)
    assert bench.told.places[-1] == ("note", bench.visit)
    assert bench.told.problems == []


def test_a_link_from_signing_leads_to_the_question(bench: Bench) -> None:
    key = next(sheet.key for sheet in open_draft(bench.desk, bench.visit).sheets if sheet.section == "risks")
    bench.presenter.open_argument(f"{bench.visit}|risks|{key}|risks-none")
    assert bench.view.current == "risks"
    assert bench.view.focus[-1] == (key, "risks-none")


def test_ctrl_enter_goes_through_all_steps_and_then_to_signing(bench: Bench) -> None:
    seen = [bench.view.current]
    for _ in range(8):
        bench.presenter.next_step()
        seen.append(bench.view.current)
    assert seen == [step.code for step in bench.view.steps]
    bench.presenter.next_step()
    assert bench.told.places == [("sign", bench.visit)]


def test_each_baby_of_twins_has_a_block_of_its_own_with_name_and_colour(bench: Bench) -> None:
    bench.presenter.go_to("health")
    assert bench.view.page is not None
    assert [(block.person, block.colour) for block in bench.view.page.blocks] == [("Yusuf", "teal"), ("Zara", "amber")]


def test_no_access_shortens_the_steps_and_completed_brings_them_back(bench: Bench) -> None:
    bench.answer("visit-arrival", "outcome", 1)
    assert [step.code for step in bench.view.steps] == ["arrival", "narrative", "risks", "plan"]
    bench.presenter.leave()
    assert open_draft(bench.desk, bench.visit).outcome is Outcome.NO_ACCESS
    bench.answer("visit-arrival", "outcome", 0)
    assert len(bench.view.steps) == 9


def test_a_save_that_fails_is_told_and_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise NoSuchVisit

    bench.presenter.go_to("narrative")
    bench.answer("visit-narrative", "story", "Do not lose me")
    with monkeypatch.context() as broken:
        broken.setattr("visitapp.actions.visits.save_answers", refuse)
        bench.presenter.field_left()
        bench.waiting.let_pass()
        bench.waiting.let_pass()
    assert len(bench.told.problems) == 1
    assert bench.view.saved[-1][1] == "danger"
    assert isinstance(bench.told.problems[-1], Problem)
    bench.waiting.let_pass()
    assert bench.held("narrative", "story") == "Do not lose me"
    assert bench.view.saved[-1][1] == "muted"


def test_item_9_opens_the_risk_now_page_and_the_step_needs_you_until_its_outcome(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    offer = bench.view.offered()["phq-9"]
    bench.presenter.add_questionnaire(offer.name, offer.subject)
    bench.answer("phq-9", "phq9-9", 0)
    assert bench.view.step("parents").state is not StepState.NEEDS_YOU
    bench.answer("phq-9", "phq9-9", 1)
    assert bench.view.step("parents").state is StepState.NEEDS_YOU
    page = bench.view.block("risk-now")
    assert [name for name, _phone, _when in page.phones] == [card["name"] for card in PHONES]
    bench.answer("risk-now", "rn-outcome", 0)
    assert bench.view.step("parents").state is not StepState.NEEDS_YOU
    bench.presenter.leave()
    assert bench.held("parents", "rn-outcome") == "safe-plan"


def test_neither_the_risk_now_page_nor_what_asks_for_it_can_be_taken_off(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    offer = bench.view.offered()["phq-9"]
    bench.presenter.add_questionnaire(offer.name, offer.subject)
    assert bench.view.block("phq-9").removable
    bench.answer("phq-9", "phq9-9", 1)
    bench.presenter.go_to("plan")
    bench.presenter.go_to("parents")
    assert not bench.view.block("phq-9").removable
    assert not bench.view.block("risk-now").removable


def test_a_disclosure_ticked_by_the_nurse_opens_the_risk_now_page_too(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    bench.answer("parent-note", "risk-disclosed", True)
    assert bench.view.step("parents").state is StepState.NEEDS_YOU
    assert bench.view.block("risk-now").rows


def test_words_about_harm_alone_open_nothing(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    bench.answer("parent-note", "parent-mood", "She spoke of suicide in a film.")
    assert bench.view.step("parents").state is not StepState.NEEDS_YOU


def test_the_minutes_say_how_far_they_add_up_to_the_visit(bench: Bench) -> None:
    bench.presenter.go_to("topics")
    key = bench.view.block("visit-topics").key
    bench.answer("visit-topics", "min-personal", 20)
    assert bench.view.notes[key].startswith("20 minutes so far.")
    bench.presenter.go_to("arrival")
    bench.answer("visit-arrival", "started", "09:00:00")
    bench.answer("visit-arrival", "ended", "10:00:00")
    bench.presenter.go_to("topics")
    assert bench.view.block("visit-topics").note == "20 of 60 minutes."
    bench.answer("visit-topics", "min-family", 40)
    assert bench.view.notes[key] == "60 of 60 minutes: they add up."


def test_the_risk_now_page_never_blocks_saving(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    offer = bench.view.offered()["phq-9"]
    bench.presenter.add_questionnaire(offer.name, offer.subject)
    bench.answer("phq-9", "phq9-9", 3)
    bench.presenter.field_left()
    assert bench.held("parents", "phq9-9") == "3"


def test_an_incomplete_score_has_no_total(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    offer = bench.view.offered()["gad-2"]
    bench.presenter.add_questionnaire(offer.name, offer.subject)
    key = bench.view.block("gad-2").key
    bench.answer("gad-2", "gad2-1", 3)
    assert bench.view.notes[key] == "1 of 2 answered: no total yet."
    bench.answer("gad-2", "gad2-2", 2)
    assert bench.view.notes[key].startswith("Total 5")


def test_safe_enquiry_opens_only_after_we_are_alone(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    assert bench.view.offered()["safe-enquiry"].locked
    assert not bench.view.offered()["whooley"].locked
    bench.presenter.say_alone()
    assert not bench.view.offered()["safe-enquiry"].locked


def test_a_questionnaire_taken_off_comes_back_with_its_answers(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    offer = bench.view.offered()["whooley"]
    bench.presenter.add_questionnaire(offer.name, offer.subject)
    bench.answer("whooley", "whooley-1", 1)
    bench.presenter.remove_questionnaire(bench.view.block("whooley").key)
    assert "whooley" in bench.view.offered()
    bench.told.undo()
    assert bench.held("parents", "whooley-1") == "yes"
    assert bench.view.block("whooley").rows


def test_a_group_taken_away_can_be_brought_back(bench: Bench) -> None:
    bench.presenter.go_to("plan")
    bench.answer("visit-plan", "plan-what", "Red book")
    key = bench.view.block("visit-plan").key
    group = next(row.place for row in bench.view.rows[key] if row.item.link_id == "plan-item")
    bench.presenter.add_group(key, group)
    assert bench.view.focus[-1][0] == key
    bench.presenter.remove_group(key, group)
    bench.presenter.leave()
    assert bench.held("plan", "plan-what") is None
    bench.told.undo()
    bench.presenter.leave()
    assert bench.held("plan", "plan-what") == "Red book"


def test_a_second_dyad_can_be_observed(bench: Bench) -> None:
    bench.presenter.go_to("observation")
    assert bench.view.page is not None
    with_father = next(offer for offer in bench.view.page.offers if offer.words == "Joel with Yusuf")
    bench.presenter.add_questionnaire("observation", with_father.subject, with_father.caregiver)
    assert "Joel with Yusuf" in [block.person for block in bench.view.page.blocks]


def test_a_draft_set_aside_is_brought_back_to_the_letter(bench: Bench) -> None:
    bench.presenter.go_to("narrative")
    bench.answer("visit-narrative", "story", "Begun by mistake?")
    bench.presenter.discard()
    assert bench.told.places[-1] == ("family", bench.family)
    with pytest.raises(NoSuchVisit):
        open_draft(bench.desk, bench.visit)
    bench.told.undo()
    assert bench.told.places[-1] == ("visit", bench.visit)
    assert bench.held("narrative", "story") == "Begun by mistake?"


def test_the_clock_tells_how_long_the_visit_has_lasted(bench: Bench) -> None:
    clock = bench.desk.clock
    assert isinstance(clock, FixedClock)
    clock.move(timedelta(minutes=65))
    bench.presenter.tick()
    assert bench.view.time == "begun 09:00 · 1 h 5 min"


def test_an_unborn_baby_has_no_health_step(desk: Desk, lanes: Any, told: Any) -> None:
    unborn = {"role": "unborn", "due_on": "2027-01-10"}
    bench = Bench(replace(desk), lanes, told, (TWINS[0], unborn))
    codes = [step.code for step in bench.view.steps]
    assert "health" not in codes
    assert "observation" in codes
    assert VisitId(bench.visit)


def test_what_the_library_has_beside_the_usual_can_be_asked_about_each_person(bench: Bench) -> None:
    bench.presenter.go_to("parents")
    assert bench.view.page is not None
    more = {name: {offer.name: offer for offer in offers} for name, offers in bench.view.page.more}
    parent = next(iter(more.values()))
    assert "epds-score" in parent
    assert "phq-9" not in parent, "the usual ones stand on the page"
    assert parent["hark"].locked, "a restricted one opens when they are alone"


def test_a_questionnaire_of_the_service_is_asked_like_any_other(bench: Bench) -> None:
    url = "https://forms.service.example/Questionnaire/bath-time"
    form = {"resourceType": "Questionnaire", "url": url, "version": "1", "title": "Bath time", "status": "active"}
    extension = [
        {"url": "https://visitapp.example/fhir/StructureDefinition/section", "valueCode": "health"},
        {"url": "https://visitapp.example/fhir/StructureDefinition/subject", "valueCode": "baby"},
    ]
    item = [{"linkId": "warm", "type": "boolean", "text": "Was it warm?"}]
    with_form = bench.desk.library.copy()
    with_form.add(load_questionnaire(form | {"extension": extension, "item": item}))
    desk = replace(bench.desk, library=with_form)
    presenter = VisitPresenter(bench.view, desk, LanesAtOnce(), bench.told, bench.told, bench.waiting)
    presenter.open_visit(bench.visit)
    presenter.go_to("health")
    assert bench.view.page is not None
    offered = [offer for _, offers in bench.view.page.more for offer in offers if offer.name == url]
    assert len(offered) == 2, "once for each of the twins"
    presenter.add_questionnaire(url, offered[0].subject)
    block = bench.view.block(url)
    assert block.title == "Bath time"
    assert [row.text for row in block.rows] == ["Was it warm?"]
    sheet = next(sheet for sheet in open_draft(desk, bench.visit).sheets if sheet.key.startswith(url))
    assert sheet.questionnaire == f"{url}|1"
