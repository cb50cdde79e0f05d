"""Invented rows for the tests of screens: a small caseload with the cases that screens get wrong."""

from datetime import UTC, date, datetime, timedelta

from visitapp.actions.caseload import (
    BabyLine,
    CaseloadRow,
    Due,
    FamilyView,
    PlannedVisit,
    TodayView,
)
from visitapp.actions.needs import Need
from visitapp.domain.ids import FamilyId, PersonId, VisitId
from visitapp.domain.people import FamilyState, Person, Role
from visitapp.domain.programme import DueContact
from visitapp.domain.review import UserRole
from visitapp.store.rows import AlertRow, DraftRow, PlanRow, SyncCounts, VisitRow

TODAY = date(2025, 11, 24)
NOW = datetime(2025, 11, 24, 9, 12, tzinfo=UTC)
DOG = AlertRow("dog", "Large dog: ring first", "from_others", "home visit", date(2026, 1, 10))


def counts(**changes) -> SyncCounts:
    given = {
        "unsent": 0, "notes_here_only": 0, "drafts": 0, "attention": 0, "held": 0, "arriving": 0,
        "oldest_unsent_at": None, "last_sync_at": NOW - timedelta(minutes=12),
    }  # fmt: skip
    return SyncCounts(**(given | changes))


def contact(title="12-month review", closes=TODAY - timedelta(days=5), status="overdue", opens=None) -> DueContact:
    opens = opens or closes - timedelta(days=90)
    return DueContact("c", title, opens, closes, closes, status, True)


def due(family="f1", name="Wiśniewska", person="Łukasz", **told) -> Due:
    return Due(FamilyId(family), name, person, contact(**told))


def baby_line(name="Łukasz", age="12 months", colour="", unborn=False) -> BabyLine:
    return BabyLine(name, age, colour, unborn)


def caseload_row(family="f1", name="Wiśniewska", **changes) -> CaseloadRow:
    given = {
        "family": FamilyId(family), "name": name, "state": FamilyState.ACTIVE, "mother": "Zofia " + name,
        "babies": (baby_line(),), "phase": "infancy", "town": "Mossbridge", "nurse_name": "Nell Marsh",
        "last_visit_at": NOW - timedelta(days=9), "last_awake_at": NOW - timedelta(days=23),
        "next_due": due(family, name), "next_visit_on": None, "flags": (), "alerts": (), "drafts": 0, "unsent": 0,
        "sync": "received",
    }  # fmt: skip
    return CaseloadRow(**(given | changes))


def caseload_rows() -> tuple[CaseloadRow, ...]:
    ok = contact("Fortnightly visit", TODAY + timedelta(days=6), "upcoming", TODAY + timedelta(days=2))
    return (
        caseload_row(flags=("concern-3",), unsent=1, sync="waiting", alerts=(DOG,)),
        caseload_row(
            "f2", "Okafor-Lloyd", mother="Chidinma Okafor-Lloyd",
            babies=(
                baby_line("Amara", "5 weeks (1 week corrected)", "teal"),
                baby_line("Tobi", "5 weeks (1 week corrected)", "amber"),
            ),
            next_due=Due(FamilyId("f2"), "Okafor-Lloyd", "", ok), drafts=1,
        ),
        caseload_row("f3", "Rahman", mother="فاطمة Rahman", babies=(baby_line("Bump", "31 weeks", unborn=True),),
                     phase="pregnancy", last_awake_at=None, next_due=due("f3", "Rahman", "", title="Antenatal contact",
                     closes=TODAY + timedelta(days=20), status="due")),
        caseload_row("f4", "Sharma", mother="अमीना Sharma", babies=(baby_line("Dev", "22 months"),), phase="toddlerhood",
                     last_awake_at=NOW - timedelta(days=95), next_due=None, flags=("baby-not-seen",)),
        caseload_row("f5", "Hughes", mother="Siân Hughes", babies=(baby_line("Gwennan", ""),), phase="",
                     state=FamilyState.BABY_DIED, next_due=None, last_awake_at=None),
    )  # fmt: skip


def today_view(**changes) -> TodayView:
    given = {
        "day": TODAY, "person_name": "Nell Marsh", "role": UserRole.NURSE,
        "planned": (
            PlannedVisit(FamilyId("f2"), "Okafor-Lloyd", "Amara, Tobi", TODAY, "09:30", "4 Weaver Lane, Mossbridge", (),
                         VisitId("v1")),
            PlannedVisit(FamilyId("f1"), "Wiśniewska", "Łukasz", TODAY, "11:00", "12 Tannery Row, Mossbridge", (DOG,)),
            PlannedVisit(FamilyId("f4"), "Sharma", "Dev", TODAY, "14:30", "Flat 3, 81 Kiln Street, Mossbridge", ()),
        ),
        "due": (
            due(), due("f4", "Sharma", "Dev", title="2-year review", closes=TODAY + timedelta(days=3), status="due"),
            due("f3", "Rahman", "", title="Antenatal contact", closes=TODAY + timedelta(days=20), status="due"),
        ),
        "needs": (
            Need("returned", FamilyId("f4"), "Sharma", VisitId("v7"), NOW - timedelta(days=2)),
            Need("concern", FamilyId("f1"), "Wiśniewska", None, NOW - timedelta(days=9)),
            Need("unsigned", FamilyId("f2"), "Okafor-Lloyd", VisitId("v1"), NOW - timedelta(hours=30)),
        ),
        "week": (
            PlannedVisit(FamilyId("f3"), "Rahman", "Bump", TODAY + timedelta(days=1), "10:00", "", ()),
            PlannedVisit(FamilyId("f5"), "Petrov", "Mila", TODAY + timedelta(days=1), "13:30", "", ()),
            PlannedVisit(FamilyId("f6"), "Adeyemi", "Kofi", TODAY + timedelta(days=3), "", "", ()),
        ),
        "counts": counts(), "reviews_waiting": 0, "pack_warnings": (),
    }  # fmt: skip
    return TodayView(**(given | changes))


def person(id_="p1", role=Role.MOTHER, given="Zofia", family="Wiśniewska", **more) -> Person:
    return Person(PersonId(id_), FamilyId("f1"), role, given, family, **more)


def visit_row(id_="v1", **changes) -> VisitRow:
    at = NOW - timedelta(days=9)
    given = {
        "id": id_, "family": "f1", "state": "received", "author": "u1", "author_name": "Nell Marsh", "author_role": "Family nurse",
        "started_at": at, "ended_at": at + timedelta(hours=1), "signed_at": at + timedelta(hours=3), "received_at": at,
        "outcome": "completed", "mode": "home", "late": False, "babies_seen": "awake", "baby_ids": ("p2",), "phase": "infancy",
        "summary": "Łukasz pulled up to stand by the sofa and looked round for Zofia, who clapped.", "flags": (), "version": 1,
        "answered": False, "hash": "00",
    }  # fmt: skip
    return VisitRow(**(given | changes))


def draft_row(**changes) -> DraftRow:
    given = {
        "visit": "d1", "scope": "u:u1", "owner": "u1", "family": "f1", "family_name": "Wiśniewska", "author": "u1",
        "started_at": NOW - timedelta(hours=2), "updated_at": NOW - timedelta(hours=1), "step": "narrative",
        "outcome": "completed", "mode": "home", "baby_ids": ("p2",),
    }  # fmt: skip
    return DraftRow(**(given | changes))


def plan_row(id_, kind, text, **more) -> PlanRow:
    given = {"family": "f1", "family_name": "Wiśniewska", "who": "", "due_on": None, "at": "", "done_on": None}
    return PlanRow(**({"id": id_, "kind": kind, "text": text, "agreed": False, "from_visit": ""} | given | more))


def family_view(**changes) -> FamilyView:
    people = (
        person(pronouns="she/her", born_on=date(2005, 3, 9), nhs_number="9990000018", phone="01632 960 118",
               parental_responsibility=True),
        person("p2", Role.BABY, "Łukasz", born_on=date(2024, 11, 20), nhs_number="9990000026", colour="teal", sex="male"),
        person("p3", Role.BABY, "Zuzanna", born_on=date(2024, 11, 20), colour="amber", twin_of="p2", order=1, sex="female"),
        person("p4", Role.FATHER, "Marek", "Nowak", parental_responsibility=True, lives_here=False, phone="01632 960 119"),
    )  # fmt: skip
    given = {
        "row": caseload_row(flags=("concern-3",), alerts=(DOG,)),
        "body": {
            "id": "f1", "name": "Wiśniewska", "address": {"line": "12 Tannery Row", "town": "Mossbridge", "postcode": "ZZ9 4QX"},
            "phone": "01632 960 118", "safe_contact": "Text first. Not after six.", "gp": "Kiln Street Surgery",
            "languages": ["Polish", "English"],
            "interpreter": {"needed": True, "language": "Polish", "note": "same woman if possible"},
            "professionals": [{"role": "Social worker", "name": "J. Abara", "phone": "01632 960 200"}], "nurse_name": "Nell Marsh",
            "state": "active", "programmes": ["fnp", "hcp-england"],
            "alerts": [{"code": "dog", "text": "Large dog: ring first", "risk": "from_others", "source": "home visit",
                        "review_on": "2026-01-10"}],
        },
        "people": people, "ages": {"p2": "12 months (11 months corrected)", "p3": "12 months (11 months corrected)"},
        "due": (due(), due(person="Zuzanna"),
                due(person="", title="Fortnightly visit", closes=TODAY + timedelta(days=6), status="upcoming", opens=TODAY)),
        "visits": (
            visit_row(flags=("concern-3",), state="returned"),
            visit_row("v2", started_at=NOW - timedelta(days=23), outcome="no-access", babies_seen="not-seen",
                      summary="Rang twice, left a text.", state="seen"),
            visit_row("v3", started_at=NOW - timedelta(days=37), state="countersigned", late=True),
            visit_row("v4", started_at=NOW - timedelta(days=51), state="in_error", summary="Meant for another family."),
        ),
        "drafts": (), "begun_elsewhere": (),
        "plan": (
            plan_row("g1", "goal", "“I want us to have a bedtime that isn’t a fight.”", agreed=True),
            plan_row("t1", "task", "Bring the weaning leaflet in Polish", who="Nell", due_on=date(2025, 11, 28)),
            plan_row("n1", "next_visit", "", due_on=date(2025, 11, 28), at="10:30"),
        ),
        "measurements": (), "unseen_twice": False,
    }  # fmt: skip
    return FamilyView(**(given | changes))
