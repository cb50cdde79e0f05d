"""Pushing and pulling on a real PostgreSQL: nothing is lost, nothing is done twice, nothing is shown to strangers."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.kit.service import (
    ServiceKit,
    a_draft,
    a_family,
    a_part,
    a_person,
    a_review,
    a_visit,
    an_op,
    listed,
    some_uuid,
)
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.digest import fingerprint
from visitapp.protocol.requests import receipts_text
from visitapp.server.signin import ServerKey


class House:
    """One team with two nurses and a supervisor, each with a laptop, and a family of the first nurse."""

    def __init__(self, service: ServiceKit) -> None:
        self.team = service.team()
        self.ann, self.bea = (service.laptop(service.user(self.team, name=name)) for name in ("Ann", "Bea"))
        self.sue = service.laptop(service.user(self.team, "supervisor", "Sue"))
        opening = a_family()
        self.family = opening.id
        assert self.ann.outcomes(opening) == ["ok"]
        for laptop in (self.ann, self.bea, self.sue):
            laptop.pull()

    @property
    def scope(self) -> str:
        return f"f:{self.family}"


@pytest.fixture
def house(service: ServiceKit) -> House:
    return House(service)


def test_a_family_begun_offline_opens_its_scopes_for_nurse_and_reviewers(house: House) -> None:
    assert house.ann.caseload[house.scope] == "nurse"
    assert house.ann.caseload[f"r:{house.family}"] == "restricted"
    assert house.sue.caseload[house.scope] == "review"
    assert f"r:{house.family}" not in house.sue.caseload
    assert house.scope not in house.bea.caseload
    assert house.sue.body(house.scope, house.family)["name"] == "Testfamily"


def test_everyone_starts_with_profile_and_colleagues(house: House) -> None:
    ann = house.ann
    [profile] = ann.held[f"u:{ann.user}"].values()
    assert json.loads(profile.body)["team_name"] == "North"
    assert {json.loads(rec.body)["name"] for rec in ann.held[f"t:{house.team}"].values()} == {"Ann", "Bea", "Sue"}


def test_bodies_come_back_byte_for_byte(house: House) -> None:
    body = '{"visit":"V" ,  "text":"Łucja \\u0141 ☺","author":"A","x":1.50}'.replace("V", some_uuid()).replace("A", house.ann.user)
    op = an_op(house.scope, "addendum", some_uuid(), body.encode())
    assert house.ann.outcomes(op) == ["ok"]
    house.sue.pull()
    assert house.sue.held[house.scope][op.id].body == body.encode()


def test_a_lost_answer_is_given_again(house: House, service: ServiceKit) -> None:
    ops = (a_person(house.family), a_visit(house.family, house.ann.user))
    first = house.ann.push(*ops)
    before = service.sql("select count(*) from hist")
    for _ in range(3):
        again = house.ann.push(*ops)
        assert again.receipts == first.receipts
        assert again.signature == first.signature
    assert service.sql("select count(*) from rec where scope = :s", s=house.scope) == [(3,)]
    assert service.sql("select count(*) from hist") == before
    assert again.heads[0].before == again.heads[0].after == first.heads[0].after


def test_receipts_are_signed_by_the_server(house: House, service: ServiceKit) -> None:
    answer = house.ann.push(a_person(house.family))
    covered = receipts_text(answer.greeting.epoch, house.ann.device, answer.receipts)
    assert answer.signature == ServerKey(service.settings.key).sign(covered)


def test_own_push_moves_the_cursor_without_an_echo(house: House) -> None:
    answer = house.ann.push(a_person(house.family), a_person(house.family))
    [head] = answer.heads
    assert head.before == house.ann.cursors[house.scope][0]
    pulled = house.ann.ask([m.Cursor(head.scope, head.after, head.digest)])
    assert pulled.feeds == ()


def test_one_bad_op_of_five_hundred_is_held_and_the_rest_land(house: House, service: ServiceKit) -> None:
    ops = [a_person(house.family) for _ in range(500)]
    ops[249] = an_op(house.scope, "person", some_uuid(), b'{"id": broken')
    outcomes = house.ann.outcomes(*ops)
    assert outcomes.count("ok") == 499
    assert outcomes[249] == "held"
    assert service.sql("select raw, why from held") == [(b'{"id": broken', "body:json")]
    assert house.ann.outcomes(ops[249]) == ["held"]
    house.sue.pull()
    assert len(house.sue.held[house.scope]) == 500


def test_a_group_lands_whole_or_not_at_all(house: House) -> None:
    visit, draft_id = some_uuid(), some_uuid()
    assert house.ann.outcomes(a_draft(house.ann.user, house.family, draft_id)) == ["ok"]
    taken = a_part(house.family, visit)
    assert house.ann.outcomes(taken) == ["ok"]
    group = some_uuid()
    clash = an_op(house.scope, "part", taken.id, {**json.loads(taken.body), "title": "other"}, group=group)
    parts = [a_part(house.family, visit, group=group), a_part(house.family, visit, restricted=True, group=group), clash]
    signing = [
        *parts,
        a_visit(house.family, house.ann.user, visit, group=group, parts=listed(*parts)),
        a_draft(house.ann.user, house.family, draft_id, 1, group=group, act="del"),
    ]
    signing[-1] = m.Op(**{**_fields(signing[-1]), "body": b""})
    answer = house.ann.push(*signing, a_person(house.family))
    assert [r.outcome for r in answer.receipts] == ["frozen"] * 5 + ["ok"]
    assert [r.code for r in answer.receipts[:4]] == ["group", "group", "", "group"]
    house.ann.pull()
    assert visit not in house.ann.held[house.scope]
    assert not house.ann.held[f"u:{house.ann.user}"][draft_id].deleted
    whole = [m.Op(**{**_fields(op), "op": some_uuid()}) for op in signing if op is not clash]
    assert house.ann.outcomes(*whole) == ["ok"] * 4
    house.ann.pull()
    assert house.ann.held[f"u:{house.ann.user}"][draft_id].deleted
    assert len(house.ann.held[f"r:{house.family}"]) == 1


def _fields(op: m.Op) -> dict[str, Any]:
    return {name: getattr(op, name) for name in m.Op.__dataclass_fields__}


def test_a_guessed_family_looks_like_one_that_does_not_exist(house: House) -> None:
    stranger = house.bea
    for kind, op in (
        ("person", a_person),
        ("family", lambda family: a_family(family, base=1)),
        ("visit", lambda family: a_visit(family, stranger.user)),
    ):
        known, unknown = stranger.push(op(house.family)), stranger.push(op(some_uuid()))
        for answer in (known, unknown):
            [receipt] = answer.receipts
            assert (receipt.outcome, receipt.code, receipt.rev, receipt.seq, receipt.record) == ("denied", "", 0, 0, None), kind
            assert answer.heads == ()
    pulled = [stranger.ask([m.Cursor(f"{letter}:{family}", 0, 0)]) for letter in "fr" for family in (house.family, some_uuid())]
    assert {(feed.flag, feed.head, feed.count, feed.records) for answer in pulled for feed in answer.feeds} == {("gone", 0, 0, ())}


def test_nobody_writes_where_she_may_not(house: House, service: ServiceKit) -> None:
    visit = a_visit(house.family, house.ann.user)
    assert house.ann.outcomes(visit) == ["ok"]
    sue, bea = house.sue, house.bea
    assert sue.outcomes(a_review(house.family, visit.id, sue.user, "countersigned")) == ["ok"]
    assert sue.outcomes(a_person(house.family)) == ["denied"]
    assert sue.outcomes(a_part(house.family, visit.id, restricted=True)) == ["denied"]
    assert sue.outcomes(a_family()) == ["denied"]
    assert house.ann.outcomes(a_review(house.family, visit.id, house.ann.user, "countersigned")) == ["held"]
    assert house.ann.outcomes(a_visit(house.family, bea.user)) == ["held"]
    assert bea.outcomes(a_draft(house.ann.user, house.family)) == ["denied"]
    for scope, kind in ((f"u:{bea.user}", "profile"), (f"t:{house.team}", "phone_card"), ("g:", "questionnaire")):
        assert bea.outcomes(an_op(scope, kind, some_uuid(), {})) == ["denied"]
    assert service.sql("select count(*) from rec where author = :bea", bea=bea.user) == [(0,)]


def test_disjoint_changes_merge_and_a_hard_field_waits_for_a_person(house: House) -> None:
    person = a_person(house.family, phone="1", note="a", nhs_number="9990000018")
    assert house.ann.outcomes(person) == ["ok"]
    base = json.loads(person.body)
    assert house.ann.outcomes(_change(person, {**base, "phone": "2"})) == ["ok"]
    merging = house.ann.push(_change(person, {**base, "note": "b"}))
    [receipt] = merging.receipts
    assert (receipt.outcome, receipt.rev) == ("merged", 3)
    assert receipt.record is not None
    assert json.loads(receipt.record.body) == {**base, "phone": "2", "note": "b"}
    assert house.ann.outcomes(_change(person, {**base, "nhs_number": "9990000026"})) == ["merged"]
    [refused] = house.ann.push(_change(person, {**base, "nhs_number": "9990000034"})).receipts
    assert (refused.outcome, refused.code) == ("conflict", "overlap:nhs_number")
    house.ann.pull()
    assert house.ann.body(house.scope, person.id)["nhs_number"] == "9990000026"


def _change(op: m.Op, body: dict[str, Any], base: int = 1) -> m.Op:
    return an_op(op.scope, op.kind, op.id, body, base)


def test_every_text_ever_sent_is_kept(house: House, service: ServiceKit) -> None:
    draft = a_draft(house.ann.user, house.family, story="first")
    sent = [draft, *(_change(draft, {**json.loads(draft.body), "story": word}, base) for word, base in _EDITS)]
    outcomes = [house.ann.outcomes(op)[0] for op in sent]
    assert outcomes == ["ok", "ok", "ok", "conflict", "conflict"]
    kept = service.sql("select body from hist where id = :id union all select body from rec where id = :id", id=draft.id)
    stories = sorted(json.loads(bytes(row.body))["story"] for row in kept)
    assert stories == ["fifth", "first", "fourth", "second", "third"]


_EDITS = (("second", 1), ("third", 2), ("fourth", 1), ("fifth", 1))


def test_one_batch_may_change_a_record_several_times(house: House, service: ServiceKit) -> None:
    draft = a_draft(house.ann.user, house.family, story="first", note="x")
    base = json.loads(draft.body)
    chain = [draft, _change(draft, {**base, "story": "second"}), _change(draft, {**base, "story": "third"}, 2)]
    late = _change(draft, {**base, "note": "y"}, 2)
    assert house.ann.outcomes(*chain, late) == ["ok", "ok", "ok", "conflict"]
    merging = _change(draft, {**base, "story": "second", "note": "y"}, 2)
    assert house.ann.outcomes(merging) == ["merged"]
    house.ann.pull()
    assert house.ann.body(draft.scope, draft.id)["story"] == "third"
    assert house.ann.body(draft.scope, draft.id)["note"] == "y"
    revs = service.sql("select rev, outcome from hist where id = :id order by rev, outcome", id=draft.id)
    assert [tuple(row) for row in revs] == [(1, "ok"), (2, "ok"), (3, "conflict"), (3, "ok"), (4, "sent")]


def test_a_discarded_draft_does_not_rise_again(house: House) -> None:
    draft = a_draft(house.ann.user, house.family)
    gone = m.Op(**{**_fields(draft), "op": some_uuid(), "act": "del", "base": 1, "body": b""})
    assert house.ann.outcomes(draft, gone) == ["ok", "ok"]
    assert house.ann.outcomes(_change(draft, json.loads(draft.body), 2)) == ["gone"]
    house.ann.pull()
    assert house.ann.held[draft.scope][draft.id].deleted


def test_two_overlapping_commits_lose_nothing(house: House, service: ServiceKit) -> None:
    """A takes its number and waits, B pushes to the same family meanwhile, a reader pulls in between."""
    taken, may_commit = threading.Event(), threading.Event()
    ledger_write = service.app.state.service
    engine = ledger_write.engine
    result: list[list[str]] = []

    def slow_push() -> None:
        from visitapp.server import push
        from visitapp.server.signin import Caller

        caller = Caller(house.ann.user, "", "nurse", "", house.team, house.ann.device)
        with engine.begin() as connection:
            receipts = push.carry_out(connection, caller, service.settings, [a_person(house.family)]).receipts
            result.append([receipt.outcome for receipt in receipts])
            taken.set()
            may_commit.wait(10)

    slow = threading.Thread(target=slow_push)
    slow.start()
    assert taken.wait(10)
    quick = threading.Thread(target=lambda: result.append(house.ann.outcomes(a_person(house.family))))
    quick.start()
    quick.join(0.3)
    assert quick.is_alive(), "the second commit must wait for the scope's number"
    house.sue.pull()
    assert len(house.sue.held[house.scope]) == 1
    may_commit.set()
    slow.join(10)
    quick.join(10)
    house.sue.pull()
    assert result == [["ok"], ["ok"]]
    assert len(house.sue.held[house.scope]) == 3


def test_eight_writers_and_a_reader_agree_on_what_was_committed(house: House, service: ServiceKit) -> None:
    families = [house.family, *(op.id for op in (a_family(), a_family()) if house.ann.outcomes(op) == ["ok"])]
    committed: list[str] = []
    stop = threading.Event()

    def write() -> None:
        laptop = service.laptop(house.ann.user)
        for turn in range(12):
            ops = [a_person(families[(turn + place) % 3]) for place in range(2)]
            committed.extend(receipt.op for receipt in laptop.push(*ops).receipts if receipt.outcome == "ok")

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    while not stop.is_set():
        house.sue.pull()
        if not any(writer.is_alive() for writer in writers):
            stop.set()
    house.sue.pull()
    assert len(committed) == 4 * 12 * 2
    delivered = sum(len(house.sue.held[f"f:{family}"]) for family in families)
    assert delivered == len(committed) + len(families)


def test_a_pull_sees_one_moment_only(house: House, service: ServiceKit) -> None:
    """A change committed between the look at the heads and the look at the records must not tear the answer."""
    from visitapp.server import records

    house.ann.push(a_person(house.family))
    reading = records.feed

    def slow_feed(*args: Any) -> Any:
        records.feed = reading
        house.ann.push(a_person(house.family), a_family(house.family, base=1, name="Renamed"))
        return reading(*args)

    records.feed = slow_feed
    try:
        house.sue.pull()
    finally:
        records.feed = reading
    house.sue.pull()
    assert house.sue.body(house.scope, house.family)["name"] == "Renamed"


def test_a_long_feed_comes_in_pages_and_goes_on_where_it_stopped(house: House) -> None:
    ops = [a_person(house.family, note="x" * 2000) for _ in range(450)]
    assert set(house.ann.outcomes(*ops)) == {"ok"}
    requests = house.sue.pull(budget=100_000)
    assert requests > 3
    assert len(house.sue.held[house.scope]) == 451


def test_nothing_new_costs_one_small_answer(house: House) -> None:
    for _ in range(24):
        house.ann.push(a_family())
    house.ann.pull()
    cursors = [m.Cursor(scope, *house.ann.cursors.get(scope, (0, 0))) for scope in house.ann.caseload]
    told = fingerprint(house.ann.caseload_version, cursors)
    ask = codec.encode_pull(m.PullAsk(house.ann.hello(), house.ann.caseload_version, (), told))
    answer = house.ann.send("/v1/pull", ask)
    found = codec.decode_pull_answer(answer.content)
    assert (found.differs, found.caseload, found.feeds, found.more) == (False, None, (), False)
    assert len(ask) + len(answer.content) < 420
    house.ann.push(a_person(house.family))
    assert house.ann.ask((), fingerprint=told).differs


def test_a_damaged_copy_and_one_from_the_future_are_told(house: House) -> None:
    seq, digest = house.ann.cursors[house.scope]
    [resync] = house.ann.ask([m.Cursor(house.scope, seq, digest + 1)]).feeds
    [ahead] = house.ann.ask([m.Cursor(house.scope, seq + 1, digest)]).feeds
    assert (resync.flag, ahead.flag) == ("resync", "ahead")


def test_a_reassigned_family_leaves_one_laptop_and_reaches_the_other(house: House, service: ServiceKit) -> None:
    house.ann.push(a_person(house.family))
    service.assign(house.family, house.bea.user)
    service.assign(house.family, house.ann.user, until_at=datetime.now(UTC))
    house.bea.pull()
    house.ann.pull()
    assert len(house.bea.held[house.scope]) == 2
    assert house.scope not in house.ann.held
    service.assign(house.family, house.ann.user)
    house.ann.pull()
    assert house.ann.held[house.scope].keys() == house.bea.held[house.scope].keys()


def test_work_done_before_the_family_was_lost_still_arrives(house: House, service: ServiceKit) -> None:
    done = a_visit(house.family, house.ann.user)
    service.assign(house.family, house.ann.user, until_at=datetime.now(UTC))
    after = a_visit(house.family, house.ann.user)
    answer = house.ann.push(done, after)
    assert [(r.outcome, r.code) for r in answer.receipts] == [("ok", "late"), ("held", "assignment")]
    house.sue.pull()
    assert done.id in house.sue.held[house.scope]
    assert after.id not in house.sue.held[house.scope]
    assert service.sql("select late from rec where id = :id", id=done.id) == [(True,)]
    other = a_person(house.family, house.family)
    assert house.ann.push(other).receipts[0].record is None


def test_work_of_a_hundred_days_ago_waits_for_a_person(house: House, service: ServiceKit) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=100)
    with service.owner.begin() as connection:
        connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
        connection.execute(
            text("update assignment set from_at = :a, until_at = :b where user_id = :u"),
            {"a": long_ago - timedelta(days=1), "b": long_ago, "u": house.ann.user},
        )
    done = a_visit(house.family, house.ann.user, at_ms=int((long_ago - timedelta(hours=1)).timestamp() * 1000))
    assert house.ann.outcomes(done) == ["held"]
    assert service.sql("select op from held") == [(done.op,)]


def test_the_clock_alone_ends_an_assignment(house: House, service: ServiceKit) -> None:
    service.assign(house.family, house.bea.user, until_at=datetime.now(UTC) + timedelta(seconds=0.4), from_at=datetime.now(UTC))
    house.bea.pull()
    assert house.scope in house.bea.held
    threading.Event().wait(0.5)
    house.bea.pull()
    assert house.scope not in house.bea.held


def test_drafts_of_a_lost_family_go_to_its_new_nurse(house: House, service: ServiceKit) -> None:
    """Those on the server when the family goes, and one that comes in afterwards from a laptop that was offline."""
    ann, bea = house.ann, house.bea
    there, elsewhere = a_draft(ann.user, house.family, story="there"), a_draft(ann.user, some_uuid(), story="elsewhere")
    assert ann.outcomes(there, elsewhere) == ["ok", "ok"]
    service.assign(house.family, bea.user)
    service.assign(house.family, ann.user, until_at=datetime.now(UTC))
    late = a_draft(ann.user, house.family, story="in the car")
    assert ann.outcomes(late) == ["ok"]
    bea.pull()
    ann.pull()
    for draft in (there, late):
        left = bea.body(f"u:{bea.user}", draft.id)
        assert (left["author"], left["left_by"], left["left_by_name"]) == (bea.user, ann.user, "Ann")
        assert left["story"] == json.loads(draft.body)["story"]
        assert ann.held[f"u:{ann.user}"][draft.id].deleted
    assert not ann.held[f"u:{ann.user}"][elsewhere.id].deleted
    stories = service.sql("select body from hist where scope = :s and kind = 'draft'", s=f"u:{ann.user}")
    assert {json.loads(bytes(row.body))["story"] for row in stories} == {"there", "in the car"}


def test_drafts_stay_while_the_nurse_still_has_the_family_or_nobody_else_does(house: House, service: ServiceKit) -> None:
    draft = a_draft(house.ann.user, house.family)
    assert house.ann.outcomes(draft) == ["ok"]
    service.assign(house.family, house.bea.user)
    house.bea.pull()
    assert draft.id not in house.bea.held[f"u:{house.bea.user}"]
    service.assign(house.family, house.bea.user, until_at=datetime.now(UTC))
    service.assign(house.family, house.ann.user, until_at=datetime.now(UTC))
    house.ann.pull()
    assert not house.ann.held[f"u:{house.ann.user}"][draft.id].deleted
    service.assign(house.family, house.bea.user)
    house.bea.pull()
    assert draft.id in house.bea.held[f"u:{house.bea.user}"]


def test_a_draft_whose_tombstone_was_dropped_does_not_rise_again(house: House, service: ServiceKit) -> None:
    draft = a_draft(house.ann.user, house.family)
    gone = m.Op(**{**_fields(draft), "op": some_uuid(), "act": "del", "base": 1, "body": b""})
    assert house.ann.outcomes(draft, gone) == ["ok", "ok"]
    service.sql("delete from rec where id = :id returning id", id=draft.id)
    assert house.ann.outcomes(_change(draft, json.loads(draft.body), 2)) == ["gone"]
    never_seen = a_draft(house.ann.user, house.family, base=3)
    assert house.ann.outcomes(never_seen) == ["ok"], "what a restored server lost is taken"
