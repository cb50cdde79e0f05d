"""A server restored from a backup gets back what it lost from the laptops, as it was written and by whom."""

import json
from pathlib import Path

import pytest

from tests.kit.service import (
    Laptop,
    ServiceKit,
    a_draft,
    a_family,
    a_person,
    a_review,
    a_sealed_visit,
    an_assertion,
    an_op,
    some_uuid,
)
from visitapp.protocol import messages as m
from visitapp.server.admin import backup


class Lost:
    """A family whose newest ten records are only on the laptops, because the server was restored from last night's backup."""

    def __init__(self, service: ServiceKit, folder: Path) -> None:
        team = service.team()
        self.ann = service.laptop(service.user(team, name="Ann"))
        self.bea = service.laptop(service.user(team, name="Bea"))
        self.sue = service.laptop(service.user(team, "supervisor", "Sue"))
        # What the service writes of its own accord is not what is compared here.
        service.app.state.service.contacts.owner = None
        opening = a_family()
        family = opening.id
        self.known = a_person(family, note="night")
        self.family, self.scope = family, f"f:{family}"
        assert self.ann.outcomes(opening, self.known) == ["ok", "ok"]
        service.assign(family, self.bea.user)
        backup.back_up(service.owner, folder / "night.zip", b"k" * 32)
        self.visit = a_sealed_visit(self.ann, family)
        self.changed = an_op(self.scope, "person", self.known.id, {**json.loads(self.known.body), "note": "day"}, 1)
        ops = (self.visit, self.changed, *(a_person(family) for _ in range(7)))
        assert set(self.ann.outcomes(*ops)) == {"ok"}
        self.review = a_review(family, self.visit.id, self.sue.user)
        assert self.sue.outcomes(self.review) == ["ok"]
        for laptop in self.laptops:
            laptop.pull()
        self.before = dict(self.ann.held[self.scope])
        self.epoch = self.ann.ask(()).greeting.epoch
        backup.restore(service.owner, folder / "night.zip", folder)

    @property
    def laptops(self) -> tuple[Laptop, ...]:
        return self.ann, self.bea, self.sue

    def flag(self, laptop: Laptop) -> str:
        answer = laptop.ask([m.Cursor(self.scope, *laptop.cursors[self.scope])])
        return answer.feeds[0].flag if answer.feeds else "level"

    def must_be_whole(self) -> None:
        """Everyone holds everything again, byte for byte, with its author, and all digests agree."""
        for laptop in self.laptops:
            if self.flag(laptop) != "level":
                laptop.repair(self.scope)
            laptop.pull()
        for laptop in (*self.laptops, _afresh(self.bea)):
            laptop.pull()
            held = laptop.held[self.scope]
            assert {id_: (rec.rev, rec.body) for id_, rec in held.items() if id_ in self.before} == {
                id_: (rec.rev, rec.body) for id_, rec in self.before.items()
            }
            assert held[self.visit.id].author == self.ann.user


def _afresh(laptop: Laptop) -> Laptop:
    return Laptop(laptop.http, laptop.key, laptop.user, laptop.device)


@pytest.fixture
def lost(service: ServiceKit, tmp_path: Path) -> Lost:
    return Lost(service, tmp_path)


def test_a_restore_shows_in_the_epoch_and_in_the_cursor(lost: Lost) -> None:
    assert lost.ann.ask(()).greeting.epoch != lost.epoch
    assert lost.flag(lost.ann) == "ahead"


def test_what_was_lost_comes_back_from_the_one_who_wrote_it(lost: Lost) -> None:
    outcomes = lost.ann.repair(lost.scope)
    assert sorted(outcomes) == ["held", *["ok"] * 9], "the supervisor's review is not hers to give back as signed work"
    assert lost.sue.repair(lost.scope) == ["ok"]
    lost.must_be_whole()


def test_what_was_lost_comes_back_from_another_nurse_too(lost: Lost, service: ServiceKit) -> None:
    lost.bea.repair(lost.scope)
    lost.sue.repair(lost.scope)
    lost.must_be_whole()
    via = service.sql("select author, via, restored from rec where id = :id", id=lost.visit.id)
    assert [tuple(row) for row in via] == [(lost.ann.user, lost.bea.user, True)]


def test_a_server_that_others_wrote_to_meanwhile_is_found_by_its_digest(lost: Lost) -> None:
    head = lost.ann.cursors[lost.scope][0]
    fresh = _afresh(lost.bea)
    fresh.pull()
    while fresh.cursors[lost.scope][0] < head:
        assert fresh.outcomes(a_person(lost.family)) == ["ok"]
        fresh.pull()
    assert lost.flag(lost.ann) == "resync"
    lost.ann.repair(lost.scope)
    lost.sue.repair(lost.scope)
    lost.must_be_whole()
    lost.ann.pull()
    assert fresh.held[lost.scope].keys() <= lost.ann.held[lost.scope].keys()


def test_a_restore_that_hides_its_epoch_is_found_all_the_same(lost: Lost, service: ServiceKit) -> None:
    service.sql("update epoch set id = :old returning id", old=lost.epoch.split(".")[0])
    assert lost.ann.ask(()).greeting.epoch == lost.epoch
    assert lost.flag(lost.ann) == "ahead"
    lost.ann.repair(lost.scope)
    lost.sue.repair(lost.scope)
    lost.must_be_whole()


def test_a_change_that_lost_against_a_newer_one_is_kept_in_history(lost: Lost, service: ServiceKit) -> None:
    """After the restore someone else makes the same revision of the same record: both texts stay."""
    fresh = _afresh(lost.bea)
    other = an_op(lost.scope, "person", lost.known.id, {**json.loads(lost.known.body), "note": "other"}, 1)
    assert fresh.outcomes(other) == ["ok"]
    lost.ann.repair(lost.scope)
    kept = service.sql("select body from hist where id = :id union select body from rec where id = :id", id=lost.known.id)
    assert {json.loads(bytes(row.body))["note"] for row in kept} == {"night", "day", "other"}
    lost.ann.pull()
    assert lost.ann.body(lost.scope, lost.known.id)["note"] == "other"


def test_a_reader_may_hold_the_only_copy_but_not_write_it_in(lost: Lost, service: ServiceKit) -> None:
    outcomes = lost.sue.repair(lost.scope)
    assert sorted(outcomes) == [*["held"] * 9, "ok"]
    assert service.sql("select count(*) from held where why = 'assignment'") == [(9,)]


def test_a_visit_that_its_author_never_signed_is_not_let_in(lost: Lost) -> None:
    forged = a_sealed_visit(lost.bea, lost.family, author=lost.ann.user)
    torn = m.Rec(lost.visit.id, "visit", 1, "", False, "", 0, lost.visit.body.replace(b"smiled", b"cried!"))
    for op in (an_op(lost.scope, "visit", forged.id, forged.body, 1, act="assert"), an_assertion(lost.scope, torn)):
        [receipt] = lost.bea.push(op).receipts
        assert (receipt.outcome, receipt.code) == ("held", "body:signature")


def test_a_discarded_draft_comes_back_discarded(service: ServiceKit, tmp_path: Path) -> None:
    ann = service.laptop(service.user(service.team()))
    family = a_family()
    ann.outcomes(family)
    backup.back_up(service.owner, tmp_path / "night.zip", b"k" * 32)
    draft = a_draft(ann.user, family.id)
    gone = an_op(draft.scope, "draft", draft.id, b"", 1, act="del")
    assert ann.outcomes(draft, gone) == ["ok", "ok"]
    ann.pull()
    backup.restore(service.owner, tmp_path / "night.zip", tmp_path)
    assert ann.repair(draft.scope) == ["ok"]
    fresh = _afresh(ann)
    fresh.pull()
    assert fresh.held[draft.scope][draft.id].deleted


def test_a_restored_laptop_learns_what_it_forgot(service: ServiceKit) -> None:
    ann = service.laptop(service.user(service.team()))
    family = a_family()
    ann.outcomes(family, *(a_person(family.id) for _ in range(450)))
    ann.pull()
    held = ann.held[family.scope]
    for id_ in list(held)[::3]:
        del held[id_]
    assert ann.repair(family.scope) == []
    assert len(held) == 451
    ann.pull()


def test_checking_tells_a_stranger_nothing(lost: Lost, service: ServiceKit) -> None:
    stranger = service.laptop(service.user(service.team("South")))
    answers = []
    for scope in (lost.scope, f"f:{some_uuid()}"):
        found = stranger.check(scope)
        answers.append((found.flag, found.head, found.count, found.digest, found.put, found.want))
    assert answers == [("gone", 0, 0, 0, (), ())] * 2
