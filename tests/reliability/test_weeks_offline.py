"""Sixty days without the service, then everything over a line of 64 kbit/s that breaks every twenty seconds: it ends, and resends little."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kit.fleet import DAY, Fleet, FleetLaptop, agree, fleet, on_server  # noqa: F401
from tests.kit.laptops import DriftingClock
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.throttle import ThrottledLine
from visitapp.protocol.papers import read_paper
from visitapp.server.admin import custody
from visitapp.server.database import administering
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.people import families
from visitapp.store.visits import visits
from visitapp.sync import exchange, sending
from visitapp.vault.lease import judged

DAYS = 60
SYLLABLES = (
    "she",
    "held",
    "him",
    "close",
    "and",
    "he",
    "smiled",
    "while",
    "the",
    "kettle",
    "boiled",
    "over",
    "again",
    "slowly",
    "for",
    "her",
)


def _prose(dice: random.Random, words: int) -> str:
    """Words that are as hard to pack as what people write: two thirds of them are like no other."""
    return " ".join(dice.choice(SYLLABLES) if dice.random() < 0.33 else f"{dice.getrandbits(28):x}" for _ in range(words))


def _weeks_of_work(nurse: FleetLaptop, changes: int) -> tuple[list[str], dict[str, str]]:
    """Visits on every day of sixty, some of them drafts for a while; notes on families between; returns families and visits' words."""
    dice, clock = random.Random(changes), nurse.clock
    assert isinstance(clock, DriftingClock)
    own = nurse.ask(families)
    told: dict[str, str] = {}
    for turn in range(changes):
        clock.off_by = -DAYS * DAY * (1 - turn / changes)
        family = own[turn % len(own)].id
        words = f"visit {turn} " + _prose(dice, 900)
        if turn % 5 == 4:
            whole = {**nurse.body(f"f:{family}", family), "note": words[:400]}
            nurse.do(lambda w, f=family, b=whole: w.put(f"f:{f}", "family", f, b))
            continue
        draft = nurse.draft(family, words[:200]) if turn % 3 == 0 else ""
        told[nurse.sign(family, words, visit=draft, restricted=_prose(dice, 40) if turn % 7 == 0 else "")] = words
    clock.off_by = 0 * DAY
    return [row.id for row in own], told


def _over_a_bad_line(laptop: FleetLaptop, monkeypatch: pytest.MonkeyPatch, most: int) -> ThrottledLine:
    """Exchange after exchange until one gets to its end, each as far as the line lasts."""
    line = ThrottledLine(laptop.service, cut_s=20)
    laptop.client.close()
    laptop.line = line
    laptop.client = laptop.connect()
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "monotonic", line.monotonic)
        patch.setattr(sending, "monotonic", line.monotonic)
        for _ in range(most):
            if laptop.sync().complete:
                return line
    raise AssertionError(f"never came to an end: {line.carried} bytes carried, {line.wasted} for nothing")


def _check_lease(fleet: Fleet, nurse: FleetLaptop) -> None:  # noqa: F811
    """By the service's policy she may work through all of it."""
    with administering(fleet.service.owner) as connection:
        custody.set_lease(connection, 90)
    nurse.client.lease_ms = 0
    nurse.level()
    lease: Any = read_paper("lease", nurse.client.lease, lambda signature, message: True)
    standing = judged(lease, datetime.now(UTC) + DAYS * DAY)
    assert standing.may_read_caseload
    assert standing.may_write


def _weeks(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, changes: int, own: int) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    for number in range(own):
        nurse.begin_family(f"Family {number:02}")
    nurse.level()
    fleet.service.sql("update assignment set from_at = from_at - interval '100 days' returning scope")
    _check_lease(fleet, nurse)
    held, told = _weeks_of_work(nurse, changes)
    line = _over_a_bad_line(nurse, monkeypatch, 3 * changes)
    assert line.cuts >= (2 if changes < 500 else 10)
    assert line.wasted <= 0.05 * line.carried, (line.wasted, line.carried, line.cuts)
    assert not nurse.ask(outbox_rows)
    assert not nurse.ask(disagreements)
    rows = on_server(fleet.service, "kind = 'visit'")
    assert sorted(row.id for row in rows) == sorted(told)
    assert all(row.rev == 1 for row in rows)
    print(
        f"\n{changes} changes: {line.carried} bytes in {line.now_s:.0f} s of line, {line.cuts} cuts, {line.wasted} bytes for nothing"
    )

    # Her supervisor's laptop has all of it before it over a line as bad.
    line = _over_a_bad_line(supervisor, monkeypatch, 3 * changes)
    assert line.wasted <= 0.05 * line.carried, (line.wasted, line.carried, line.cuts)
    assert {one.id for family in held for one in supervisor.ask(visits, family)} == set(told)
    print(f"first sync: {line.carried} bytes in {line.now_s:.0f} s of line, {line.cuts} cuts, {line.wasted} bytes for nothing")
    agree(fleet)


@pytest.mark.timeout(1200)
def test_a_hundred_visits_of_sixty_days_over_a_line_that_breaks(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    _weeks(fleet, monkeypatch, 125, 10)


@pytest.mark.hunt
@pytest.mark.timeout(0)
def test_twelve_hundred_changes_of_sixty_days_over_a_line_that_breaks(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    _weeks(fleet, monkeypatch, 1_200, 25)
