"""Changes that wait for a person, on a real record: every one has a way on, and no way loses a word."""

import itertools

import pytest

from tests.kit.desks import a_desk
from tests.kit.disagreeing import accept_all, answer, refuse, send, stands
from tests.kit.okafors import the_okafors
from tests.kit.signed import USUAL, a_written_visit
from visitapp.actions.addenda import add_addendum
from visitapp.actions.disagreements import decided
from visitapp.actions.people import edit_family, family_at
from visitapp.actions.signing import sign_visit
from visitapp.actions.stuck import Way, act_on, needs_attention, receipt_number, ways_of
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.problems import NotAllowed
from visitapp.protocol.messages import Rec, Receipt
from visitapp.protocol.rules import KINDS
from visitapp.store.outbox import outbox_rows, sync_counts
from visitapp.store.reading import to_ms
from visitapp.store.reviews import addenda
from visitapp.store.settlement import NothingToDecide, kept_bodies


@pytest.fixture
def desk(tmp_path):
    made = a_desk(tmp_path)
    yield made
    made.record.close()


def write_story(desk, visit, text):
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.section == "narrative")
    save_answers(desk, visit, {sheet.key: [{"linkId": "story", "answer": [{"valueString": text}]}]})


def waiting(desk):
    [one] = needs_attention(desk)
    return one


def rest(desk):
    with desk.record.reading() as r:
        return [(row.kind, row.state) for row in outbox_rows(r)]


STATES = ("conflict", "gone", "frozen", "denied", "parked", "held")


@pytest.mark.parametrize("state", STATES)
def test_there_is_always_a_way_on(state):
    for kind, act, code, flag, signed in itertools.product(
        [*KINDS, "hologram"], ("put", "sign", "del", "move"), ("", "kept", "group", "assignment"), (True, False), (True, False)
    ):
        ways = ways_of(state, kind, act, code, restricted=flag, is_signed=signed)
        assert ways, (kind, act, code)
        assert not (flag and Way.HAND_ON in ways)


def test_a_change_that_was_denied_is_given_to_the_supervisor_and_stays_readable(desk):
    family = the_okafors(desk)
    accept_all(desk)
    edit_family(desk, family, {"note": "Moved in with her aunt."})
    refuse(desk, "denied")
    one = waiting(desk)
    assert (one.ways[0], one.family_name, one.number) == (Way.HAND_ON, "Okafor", receipt_number(one.op))
    act_on(desk, one.op, Way.HAND_ON)
    assert needs_attention(desk) == ()
    with desk.record.reading() as r:
        [(_, _, body)] = r.of_kind("handed_on")
    assert "note: Moved in with her aunt." in body["text"]
    assert "note" not in {key for key, value in family_at(desk, family).items() if value == "Moved in with her aunt."}
    [past] = decided(desk, family)
    assert "Moved in with her aunt." in (past.fields[0].mine or "")
    assert sorted(kind for kind, _ in rest(desk)) == ["decision", "handed_on"]


def test_a_restricted_text_is_not_given_away(desk):
    family = the_okafors(desk)
    accept_all(desk)
    with desk.record.writing() as w:
        w.put(f"r:{family}", "addendum", desk.ids(), {"visit": desk.ids(), "text": "secret", "author": desk.user.user})
    refuse(desk, "denied")
    one = waiting(desk)
    assert one.ways == (Way.ASIDE,)
    with pytest.raises(NotAllowed):
        act_on(desk, one.op, Way.HAND_ON)


def test_a_parked_change_is_sent_again_when_told(desk):
    the_okafors(desk)
    for _ in range(3):
        for op in send(desk):
            answer(desk, Receipt(op.op, "retry", 0, 0, "failed"))
    parked = [one for one in needs_attention(desk) if one.state == "parked"]
    for one in parked:
        act_on(desk, one.op, Way.AGAIN)
    assert parked
    assert needs_attention(desk) == ()


def test_a_draft_that_is_gone_is_kept_as_a_new_one(desk):
    family = the_okafors(desk)
    visit = start_visit(desk, family)
    accept_all(desk)
    write_story(desk, visit, "Yusuf laughed at the dog.")
    [op] = send(desk)
    answer(desk, Receipt(op.op, "gone", 2, 2, record=Rec(visit, "draft", 2, "00" * 8, True, "", 0, b"")))
    one = waiting(desk)
    assert one.ways == (Way.ANEW, Way.ASIDE)
    act_on(desk, one.op, Way.ANEW)
    with desk.record.reading() as r:
        [(_, id_, body)] = r.of_kind("draft")
    assert id_ == body["visit"] != visit
    assert "Yusuf laughed" in str(open_draft(desk, id_).sheets)


def complete(desk, family, story):
    return a_written_visit(desk, family, {**USUAL, "narrative": {"story": story}})


def test_a_second_signature_becomes_an_addendum_with_one_press(desk, monkeypatch):
    family = the_okafors(desk)
    visit = complete(desk, family, "Nobody was in. A neighbour says they are with the aunt.")
    accept_all(desk)
    sign_visit(desk, visit)
    ops = send(desk)
    [signature] = [op for op in ops if op.kind == "visit"]
    with desk.record.reading() as r:
        first = {**r.body(f"f:{family}", visit), "summary": "Nobody was in."}
    standing = stands(signature, first, desk.user.user, to_ms(desk.clock.now()))
    answer(
        desk,
        *(Receipt(op.op, "frozen", 1, 1, "" if op is signature else "group", standing if op is signature else None) for op in ops),
    )
    one = waiting(desk)
    assert (one.kind, one.ways[0]) == ("visit", Way.ADDENDUM)
    act_on(desk, one.op, Way.ADDENDUM)
    with desk.record.reading() as r:
        [added] = addenda(r, visit)
        assert r.body(f"f:{family}", visit)["summary"] == "Nobody was in."
        assert sync_counts(r).attention == 0
    assert "A neighbour says they are with the aunt." in added.text
    assert {kind for kind, _ in rest(desk)} == {"addendum", "decision"}


def test_a_visit_signed_here_and_written_on_elsewhere_can_still_be_signed(desk):
    family = the_okafors(desk)
    visit = complete(desk, family, "Nobody was in.")
    accept_all(desk)
    with desk.record.reading() as r:
        elsewhere = r.body(desk.drafts_scope, visit)
    elsewhere["sheets"][1]["answers"] = [{"linkId": "story", "answer": [{"valueString": "She rang back."}]}]
    sign_visit(desk, visit)
    ops = send(desk)
    [gone] = [op for op in ops if op.act == "del"]
    standing = stands(gone, elsewhere, desk.user.user, 1_000, 5)
    answer(desk, *(Receipt(op.op, "conflict", 5, 5, "" if op is gone else "group", standing if op is gone else None) for op in ops))
    one = waiting(desk)
    assert one.ways == (Way.SIGN, Way.ASIDE)
    act_on(desk, one.op, Way.SIGN)
    again = {(op.kind, op.act): op for op in send(desk)}
    assert again["draft", "del"].base == 5
    assert ("visit", "sign") in again
    [past] = decided(desk, family)
    assert "She rang back." in (past.fields[0].theirs or "")
    with desk.record.reading() as r:
        assert kept_bodies(r, desk.drafts_scope, visit)


def test_a_frozen_addendum_goes_out_under_a_new_name(desk):
    family = the_okafors(desk)
    visit = complete(desk, family, "Nobody was in.")
    sign_visit(desk, visit)
    accept_all(desk)
    first = add_addendum(desk, visit, "She rang back at noon.")
    refuse(desk, "frozen")
    one = waiting(desk)
    act_on(desk, one.op, one.ways[0])
    with desk.record.reading() as r:
        [added] = addenda(r, visit)
    assert (added.text, added.id != first) == ("She rang back at noon.", True)
    with pytest.raises(NothingToDecide):
        act_on(desk, one.op, Way.ANEW)


def test_a_receipt_number_can_be_read_out():
    assert receipt_number("01a207a2-3280-7f89-982d-73974a210d55") == "4A21 0D55"
