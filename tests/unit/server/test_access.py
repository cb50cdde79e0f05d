"""The judgement on an op: every relation a user may have to a scope, and what may be written in each."""

from datetime import UTC, datetime, timedelta

import pytest

from visitapp.protocol.messages import Act, CaseloadEntry, Op
from visitapp.server.access import Assignment, Assignments, judge, version_of
from visitapp.server.signin import Caller

FAMILY, ME, OTHER, TEAM = (f"018f0000-0000-7000-8000-00000000000{n}" for n in range(4))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NURSE = Caller(ME, "Ann", "nurse", "", TEAM, "d")
SUPERVISOR = Caller(ME, "Sue", "supervisor", "", TEAM, "d")
F, R = f"f:{FAMILY}", f"r:{FAMILY}"


def holding(*rows: tuple[str, str] | tuple[str, str, int, int], account: str = "nurse") -> Assignments:
    """Assignments as (scope, role) that last, or (scope, role, days ago from, days ago until)."""
    held = []
    for scope, role, *days in rows:
        start, end = (NOW - days[0] * DAY, NOW - days[1] * DAY) if days else (NOW - DAY, None)
        held.append(Assignment(scope, role, start, end))
    return Assignments(account, held, NOW, 90 * DAY)


def op(scope: str = F, kind: str = "person", act: Act = "put", base: int = 0, id_: str = OTHER) -> Op:
    return Op("o", "", scope, kind, id_, base, act, 0, 0, b"{}")


CASES = [
    ("nurse in her family", NURSE, holding((F, "nurse")), op(), 0, "yes"),
    ("nurse, review as a comment", NURSE, holding((F, "nurse")), op(kind="review"), 0, "yes"),
    ("nurse, unknown kind", NURSE, holding((F, "nurse")), op(kind="hologram"), 0, "yes"),
    ("nurse, draft in a family", NURSE, holding((F, "nurse")), op(kind="draft"), 0, "no"),
    ("nurse, no restricted grant", NURSE, holding((F, "nurse")), op(R, "part"), 0, "no"),
    ("nurse, restricted part", NURSE, holding((R, "restricted")), op(R, "part"), 0, "yes"),
    ("nurse, person in restricted", NURSE, holding((R, "restricted")), op(R), 0, "no"),
    ("supervisor reads restricted", SUPERVISOR, holding((R, "restricted")), op(R, "part"), 0, "no"),
    ("supervisor reviews", SUPERVISOR, holding((F, "review")), op(kind="review"), 0, "yes"),
    ("supervisor writes", SUPERVISOR, holding((F, "review")), op(), 0, "no"),
    ("supervisor, unknown kind", SUPERVISOR, holding((F, "review")), op(kind="hologram"), 0, "no"),
    ("own draft", NURSE, holding((f"u:{ME}", "own")), op(f"u:{ME}", "draft"), 0, "yes"),
    ("own profile", NURSE, holding((f"u:{ME}", "own")), op(f"u:{ME}", "profile"), 0, "no"),
    ("another's draft", NURSE, holding((f"u:{ME}", "own")), op(f"u:{OTHER}", "draft"), 0, "no"),
    ("team", NURSE, holding((f"t:{TEAM}", "team")), op(f"t:{TEAM}", "phone_card"), 0, "no"),
    ("everyone", NURSE, holding(("g:", "all")), op("g:", "questionnaire"), 0, "no"),
    ("stranger", NURSE, holding(), op(), 0, "no"),
    ("no scope at all", NURSE, holding(("x", "own")), op("x"), 0, "no"),
    ("a new family", NURSE, holding(), op(kind="family", id_=FAMILY), 0, "opens"),
    ("a new family, other id", NURSE, holding(), op(kind="family"), 0, "no"),
    ("a new family, not its first word", NURSE, holding(), op(kind="family", id_=FAMILY, base=1), 0, "no"),
    ("a new family by a supervisor", SUPERVISOR, holding(), op(kind="family", id_=FAMILY), 0, "no"),
    ("ended, done before", NURSE, holding((F, "nurse", 10, 2)), op(), 3, "late"),
    ("ended, done after", NURSE, holding((F, "nurse", 10, 2)), op(), 1, "held"),
    ("ended long ago", NURSE, holding((F, "nurse", 200, 91)), op(), 92, "held"),
    ("not begun yet", NURSE, holding((F, "nurse", -1, -9)), op(), 0, "held"),
    ("ended, then a reviewer", NURSE, holding((F, "nurse", 10, 2), (F, "review")), op(), 3, "no"),
    ("back again", NURSE, holding((F, "nurse", 10, 2), (F, "nurse")), op(), 5, "yes"),
    ("reviewer until yesterday", SUPERVISOR, holding((F, "review", 10, 1)), op(kind="review"), 2, "late"),
    ("reviewer until yesterday writes", SUPERVISOR, holding((F, "review", 10, 1)), op(), 2, "no"),
]


@pytest.mark.parametrize(("caller", "held", "change", "days_ago", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_judgement(caller: Caller, held: Assignments, change: Op, days_ago: int, wanted: str) -> None:
    assert judge(caller, held, change, NOW - days_ago * DAY).way == wanted


def test_a_caseload_names_each_scope_once_with_its_strongest_role() -> None:
    held = holding((F, "review"), (F, "nurse"), (R, "restricted", 9, 1), ("g:", "all"))
    assert held.caseload() == (CaseloadEntry(F, "nurse"), CaseloadEntry("g:", "all"))


def test_a_caseloads_version_follows_what_it_says() -> None:
    one, two = holding((F, "nurse")).caseload(), holding((F, "review")).caseload()
    assert version_of(one) == version_of(holding((F, "nurse"), (F, "review")).caseload())
    assert len({version_of(one), version_of(two), version_of(())}) == 3
    assert all(0 < version_of(listed) < 1 << 53 for listed in (one, two, ()))
