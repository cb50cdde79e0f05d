"""What screens ask of the record: the caseload, a family's visits, their states, the queue of notes to review."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from visitapp.domain.clock import FixedClock, iso
from visitapp.domain.ids import Ids
from visitapp.protocol.messages import CaseloadEntry
from visitapp.store.acknowledged import Acknowledged, put_rows
from visitapp.store.answers import parts, parts_of_questionnaire
from visitapp.store.directory import colleagues, phone_cards, profile
from visitapp.store.incoming import set_caseload, show
from visitapp.store.people import families, family, has_family, holds_restricted, people, people_by_nhs_number
from visitapp.store.plan import measurements, next_visits, open_tasks, plan_items, referrals
from visitapp.store.projections import PROJECTORS
from visitapp.store.record import Record
from visitapp.store.reviews import addenda, error_mark, queue, reviews
from visitapp.store.visits import begun, draft, draft_body, drafts, visit, visit_body, visits, visits_between

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOCK = FixedClock(NOON)
ids = Ids(CLOCK)
ME = ids()


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A new record."""
    made = Record.create(tmp_path / "record.db", b"k" * 32, clock=CLOCK)
    yield made
    made.close()


class Family:
    """A family in the record, and what happens to it."""

    def __init__(self, record: Record, name: str = "Okafor", **body: Any) -> None:
        self.record = record
        self.id = ids()
        self.put("family", self.id, id=self.id, name=name, state="active", **body)

    def put(self, record_kind: str, id_: str = "", scope: str = "", **body: Any) -> str:
        """Write one record of the family; returns its id."""
        id_ = id_ or ids()
        with self.record.writing() as w:
            w.put(scope or f"f:{self.id}", record_kind, id_, body)
        return id_

    def person(self, role: str, given: str, **body: Any) -> str:
        """Somebody of the family."""
        return self.put("person", role=role, given_name=given, family=self.id, **body)

    def visit(self, days_ago: float = 0, **body: Any) -> str:
        """A signed visit some days ago."""
        id_, then = ids(), iso(NOON - timedelta(days=days_ago))
        told = {"visit": id_, "author": ME, "author_name": "Nia", "started_at": then, "signed_at": then, "outcome": "completed"}
        return self.put("visit", id_, **{**told, "babies_seen": "awake", "flags": [], "summary": "s", **body})

    def review(self, visit_id: str, action: str, after: float = 0, **body: Any) -> str:
        """A step of a review, some minutes from now."""
        at = iso(NOON + timedelta(minutes=after))
        return self.put("review", visit=visit_id, action=action, author="sup", author_name="Sue", at=at, **body)

    def received(self, kind: str, id_: str) -> None:
        """Let the server acknowledge a record."""
        with self.record.writing() as w:
            held = w.raw(f"f:{self.id}", id_)
            assert held is not None
            put_rows(w, [Acknowledged(f"f:{self.id}", id_, kind, 1, False, ME, 5_000, held.body)])
            w.connection.exec_driver_sql("DELETE FROM edit WHERE id = ?", (id_,))
            w.connection.exec_driver_sql("DELETE FROM outbox WHERE id = ?", (id_,))
            show(w, [(f"f:{self.id}", kind, id_, held.body)])

    @property
    def row(self) -> Any:
        """Its line of the caseload."""
        return self.ask(family, self.id)

    def ask(self, question: Any, *values: Any) -> Any:
        """One question to the record."""
        with self.record.reading() as r:
            return question(r, *values)


def test_caseload_says_when_a_baby_was_last_seen_awake(record: Record) -> None:
    okafor = Family(record)
    okafor.visit(1, outcome="no-access", babies_seen="not-seen")
    okafor.visit(5, babies_seen="not-seen")
    okafor.visit(9, babies_seen="asleep", phase="infancy")
    okafor.visit(30, babies_seen="awake")
    row = okafor.row
    assert row.last_visit_at == NOON - timedelta(days=1)
    assert row.last_completed_at == NOON - timedelta(days=5)
    assert row.last_seen_at == NOON - timedelta(days=9)
    assert row.last_awake_at == NOON - timedelta(days=30)
    assert row.visit_count == 4


def test_visit_entered_in_error_counts_for_nothing(record: Record) -> None:
    okafor = Family(record)
    struck = okafor.visit(1, flags=["concern-3"])
    okafor.visit(20)
    mark = okafor.put("error_mark", visit=struck, reason="wrong family", author=ME, author_name="Nia", at=iso(NOON))
    assert okafor.row.last_awake_at == NOON - timedelta(days=20)
    assert okafor.row.flags == ()
    assert okafor.ask(visit, struck).state == "in_error"
    assert okafor.ask(error_mark, struck).reason == "wrong family"
    assert okafor.ask(error_mark, struck).id == mark
    assert not any(row.visit == struck for row in okafor.ask(queue))
    assert len(okafor.ask(visits, okafor.id)) == 2


def test_caseload_row_carries_people_alerts_plan_and_flags(record: Record) -> None:
    alert = {"code": "dog", "text": "Ring first", "risk": "from_others", "review_on": "2026-12-01"}
    okafor = Family(record, alerts=[alert], programmes=["fnp"], address={"line": "1 Low Road", "postcode": "ZZ1 1ZZ"},
                    interpreter={"needed": True, "language": "Polish"}, nurse=ME)  # fmt: skip
    okafor.person("mother", "Ada", order=1)
    okafor.person("baby", "Chidi", order=2, born_on="2026-05-01", gestation_days=230, colour="teal")
    okafor.visit(2, flags=["concern-2"], phase="infancy")
    okafor.put("referral", state="sent", to="Speech", person="p", reason="late talker", state_on="2026-11-01")
    okafor.put("plan_item", kind="next_visit", text="Next visit", due_on="2026-11-27", at="10:30")
    okafor.put("plan_item", kind="task", text="Call GP", due_on="2026-11-21")
    row = okafor.row
    assert [person.given_name for person in row.people] == ["Ada", "Chidi"]
    assert row.people[1].born_on == date(2026, 5, 1)
    assert [(a.code, a.risk, a.review_on) for a in row.alerts] == [("dog", "from_others", date(2026, 12, 1))]
    assert (row.flags, row.last_phase, row.open_referrals) == (("concern-2",), "infancy", 1)
    assert row.next_visit_on == date(2026, 11, 27)
    assert (row.line, row.postcode, row.interpreter_needed, row.language) == ("1 Low Road", "ZZ1 1ZZ", True, "Polish")
    assert okafor.ask(next_visits, "2026-11-27", "2026-11-28")[0].at == "10:30"
    assert [item.text for item in okafor.ask(open_tasks)] == ["Call GP"]
    assert [item.text for item in okafor.ask(plan_items, okafor.id)] == ["Call GP", "Next visit"]
    assert [found.reason for found in okafor.ask(referrals, okafor.id)] == ["late talker"]
    assert okafor.ask(has_family, okafor.id)


def test_families_come_in_order_of_name_whatever_the_script(record: Record) -> None:
    for name in ("Żak", "evans", "Álvarez", "Łukasz", "Morgan"):
        Family(record, name)
    with record.reading() as r:
        assert [row.name for row in families(r)] == ["Álvarez", "evans", "Łukasz", "Morgan", "Żak"]


def test_sync_word_of_a_family_tells_waiting_arriving_attention_and_received(record: Record) -> None:
    okafor = Family(record)
    assert okafor.row.sync == "waiting"
    okafor.received("family", okafor.id)
    with record.writing() as w:
        set_caseload(w, [CaseloadEntry(f"f:{okafor.id}", "nurse")], 7)
    assert (okafor.row.sync, okafor.row.role) == ("arriving", "nurse")
    with record.writing() as w:
        w.connection.exec_driver_sql("UPDATE cursor SET at_ms = 1")
    assert okafor.row.sync == "received"
    okafor.person("mother", "Ada")
    with record.writing() as w:
        w.connection.exec_driver_sql("UPDATE outbox SET state = 'conflict'")
    assert okafor.row.sync == "attention"
    with record.writing() as w:
        assert set_caseload(w, [], 8) == (f"f:{okafor.id}",)
    assert okafor.row.leaving


def test_states_of_a_note_follow_server_and_supervisor(record: Record) -> None:
    okafor = Family(record)
    note = okafor.visit()

    def state() -> str:
        return str(okafor.ask(visit, note).state)

    assert state() == "signed"
    okafor.received("visit", note)
    assert state() == "received"
    okafor.review(note, "comment", 1, text="?")
    assert state() == "received"
    okafor.review(note, "seen", 2)
    assert state() == "seen"
    okafor.review(note, "returned", 3, text="who?")
    assert state() == "returned"
    assert okafor.row.returned == 1
    okafor.review(note, "countersigned", 4)
    assert state() == "countersigned"
    assert [row.action for row in okafor.ask(reviews, note)] == ["comment", "seen", "returned", "countersigned"]


def test_returned_note_comes_back_to_the_queue_when_its_author_has_answered(record: Record) -> None:
    okafor = Family(record)
    note = okafor.visit()
    assert [row.visit for row in okafor.ask(queue)] == [note]
    comment = okafor.review(note, "comment", 1, text="?")
    returned = okafor.review(note, "returned", 2, text="who?")
    assert okafor.ask(queue) == ()
    told = {"visit": note, "text": "Her aunt", "written_at": iso(NOON + timedelta(minutes=3)), "replies_to": returned}
    okafor.put("addendum", author="somebody else", **told)
    assert okafor.ask(queue) == ()
    okafor.put("addendum", author=ME, **told)
    assert [(row.visit, row.answered) for row in okafor.ask(queue)] == [(note, True)]
    assert [(row.text, row.state) for row in okafor.ask(addenda, note)] == [("Her aunt", "waiting")] * 2
    okafor.review(note, "resolved", 5, replies_to=comment)
    assert [row.resolved for row in okafor.ask(reviews, note)] == [True, False, False]


def test_queue_has_flags_first_then_the_oldest(record: Record) -> None:
    okafor = Family(record)
    recent, old = okafor.visit(1), okafor.visit(9)
    flagged = okafor.visit(3, flags=["risk-now"])
    assert [row.visit for row in okafor.ask(queue)] == [flagged, old, recent]


def test_draft_is_listed_until_it_is_signed_and_others_see_only_that_it_was_begun(record: Record) -> None:
    okafor = Family(record)
    id_, then = ids(), iso(NOON - timedelta(hours=2))
    okafor.put("draft", id_, scope=f"u:{ME}", visit=id_, family=okafor.id, author=ME, started_at=then, step="plan", baby_ids=["b"])
    okafor.put("begun", visit=id_, author=ME, author_name="Nia", started_at=then, closed=False)
    row = okafor.ask(draft, id_)
    assert (row.family_name, row.step, row.owner, row.baby_ids) == ("Okafor", "plan", ME, ("b",))
    assert okafor.ask(draft_body, id_)["author"] == ME
    assert (okafor.row.drafts, okafor.row.unsigned_since, okafor.row.begun) == (1, NOON - timedelta(hours=2), 1)
    assert [mark.visit for mark in okafor.ask(begun)] == [id_]
    with record.writing() as w:
        w.put(f"f:{okafor.id}", "visit", id_, {"visit": id_, "started_at": then})
        w.delete(f"u:{ME}", id_, "draft")
    assert okafor.ask(drafts) == ()
    assert okafor.ask(begun) == ()
    assert okafor.ask(visit_body, id_) == {"visit": id_, "started_at": then}


def test_parts_come_in_the_order_the_visit_lists_them(record: Record) -> None:
    okafor = Family(record)
    made = [ids() for _ in range(3)]
    note = okafor.visit(parts=[{"id": id_} for id_ in reversed(made)])
    for number, id_ in enumerate(made):
        okafor.put("part", id_, visit=note, section="s", questionnaire=f"q{number}|1", answers=[{"linkId": "a"}], title=str(number),
                   subject={"kind": "person", "id": "p", "role": "baby"})  # fmt: skip
    found = okafor.ask(parts, note)
    assert [part.title for part in found] == ["2", "1", "0"]
    assert found[0].subject_role == "baby"
    assert found[0].answers == ({"linkId": "a"},)
    assert [part.title for part in okafor.ask(parts_of_questionnaire, okafor.id, "q1")] == ["1"]
    assert okafor.ask(parts_of_questionnaire, okafor.id, "q_") == ()


def test_replaced_and_struck_measurements_are_left_out(record: Record) -> None:
    okafor = Family(record)
    wrong = okafor.put("measurement", person="p", code="weight", value=400, unit="g", taken_on="2026-05-01")
    okafor.put("measurement", person="p", code="weight", value=4000, unit="g", taken_on="2026-05-01", replaces=wrong)
    struck = okafor.visit()
    okafor.put("measurement", person="p", code="weight", value=9, unit="g", taken_on="2026-06-01", visit=struck)
    okafor.put("error_mark", visit=struck, reason="x", at=iso(NOON))
    assert [(m.value, m.unit) for m in okafor.ask(measurements, "p", "weight")] == [(4000.0, "g")]


def test_people_are_found_by_nhs_number(record: Record) -> None:
    okafor, evans = Family(record), Family(record, "Evans")
    okafor.person("baby", "Chidi", nhs_number="9990000018")
    evans.person("baby", "Chidi", nhs_number="9990000018")
    assert {p.family for p in okafor.ask(people_by_nhs_number, "9990000018")} == {okafor.id, evans.id}
    assert okafor.ask(people_by_nhs_number, "") == ()
    assert [p.given_name for p in okafor.ask(people, evans.id)] == ["Chidi"]


def test_person_of_another_family_cannot_be_filed_here_by_its_body(record: Record) -> None:
    okafor, evans = Family(record), Family(record, "Evans")
    okafor.put("person", family=evans.id, role="baby", given_name="Chidi")
    assert [p.given_name for p in okafor.row.people] == ["Chidi"]
    assert evans.row.people == ()


def test_directory_reads_what_the_service_published(record: Record) -> None:
    with record.writing() as w:
        cards = b'{"cards":[{"name":"Crisis line","phone":"01632 960000","hours":"24 h","when":"now"},{"name":7}]}'
        told = b'{"user":"u1","name":"Nia","role":"nurse","job_title":"Family nurse","team":"t1","team_name":"North"}'
        put_rows(w, [Acknowledged("t:1", ids(), "phone_card", 1, False, "", 0, cards),
                     Acknowledged("u:u1", ids(), "profile", 1, False, "", 0, told),
                     Acknowledged("t:1", ids(), "colleague", 1, False, "", 0, told)])  # fmt: skip
    with record.reading() as r:
        assert phone_cards(r)[0].phone == "01632 960000"
        found = profile(r, "u1")
        assert found is not None
        assert found.team_name == "North"
        assert profile(r, "u2") is None
        assert [row.name for row in colleagues(r)] == ["Nia"]
        assert not holds_restricted(r, "x")


FOREIGN = (
    {},
    {"name": 7, "alerts": "x", "address": [], "programmes": {}, "state": None, "languages": [1]},
    {"started_at": "yesterday", "flags": "x", "baby_ids": 3, "late": "yes", "subject": 1, "value": []},
)


@pytest.mark.parametrize("body", FOREIGN)
@pytest.mark.parametrize("kind", [*PROJECTORS, "something new"])
def test_body_of_another_version_is_kept_and_breaks_no_screen(record: Record, kind: str, body: dict[str, Any]) -> None:
    okafor = Family(record)
    scope = f"u:{ME}" if kind == "draft" else f"f:{okafor.id}"
    id_ = okafor.id if kind == "family" else ids()
    with record.writing() as w:
        w.put(scope, kind, id_, body)
    with record.reading() as r:
        assert r.body(scope, id_) == body
        for question in (families, queue, drafts, begun, open_tasks, referrals):
            question(r)
        visits(r, okafor.id)
        visits_between(r, 0, 1 << 45)
