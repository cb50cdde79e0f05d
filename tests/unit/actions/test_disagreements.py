"""Two versions of a record, on a real record: both are read, one is chosen, the other is kept aside."""

import pytest

from tests.kit.desks import a_desk
from tests.kit.okafors import the_okafors
from visitapp.actions.disagreements import decide, decide_for_mine, decide_for_theirs, decided, disagreement, disagreements
from visitapp.actions.people import edit_family, family_at, new_family
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.bodies import dump
from visitapp.domain.differences import Chosen
from visitapp.domain.visits import content_hash
from visitapp.protocol.digest import body_hash, hash_start
from visitapp.protocol.messages import Rec, Receipt
from visitapp.store.outbox import mark_sent, next_batch, sync_counts
from visitapp.store.settlement import NothingToDecide, kept_bodies, settle


@pytest.fixture
def desk(tmp_path):
    found = a_desk(tmp_path)
    yield found
    found.record.close()


def sent(desk):
    with desk.record.reading() as r:
        ops = next_batch(r)
    with desk.record.writing() as w:
        mark_sent(w, ops)
    return ops


def answered(desk, receipt):
    with desk.record.writing() as w:
        settle(w, [receipt], (), author=desk.user.user, received_ms=1_000)


def in_two_versions(desk, mine, their):
    """A family that was changed here and at the server."""
    found = new_family(desk, {"name": "Petrov", "phone": "1"})
    [op] = sent(desk)
    answered(desk, Receipt(op.op, "ok", 1, 1))
    edit_family(desk, found, mine)
    [op] = sent(desk)
    theirs = {**family_at(desk, found), **their}
    answered(
        desk,
        Receipt(
            op.op,
            "conflict",
            2,
            2,
            record=Rec(found, "family", 2, hash_start(body_hash(dump(theirs))), False, "", 2_000, dump(theirs)),
        ),
    )
    return found


@pytest.fixture
def family(desk):
    """A family whose phone was changed here and at the server."""
    return in_two_versions(desk, {"phone": "mine"}, {"phone": "theirs"})


def kept(desk, family):
    with desk.record.reading() as r:
        return [body["phone"] for body in kept_bodies(r, f"f:{family}", family)]


def test_both_texts_are_told_with_the_familys_name(desk, family):
    [two] = disagreements(desk)
    assert (two.kind, two.why, two.family_name) == ("family", "conflict", "Petrov")
    assert two.theirs is not None
    assert (two.mine["phone"], two.theirs["phone"]) == ("mine", "theirs")


def test_mine_is_sent_again_upon_theirs_which_is_kept(desk, family):
    [two] = disagreements(desk)
    decide_for_mine(desk, two.op)
    op, decision = sent(desk)
    assert (op.base, decision.kind) == (2, "decision")
    assert family_at(desk, family)["phone"] == "mine"
    assert kept(desk, family) == ["theirs"]


def test_theirs_is_taken_and_mine_is_kept(desk, family):
    [two] = disagreements(desk)
    decide_for_theirs(desk, two.op)
    assert family_at(desk, family)["phone"] == "theirs"
    assert kept(desk, family) == ["mine"]
    with desk.record.reading() as r:
        assert sync_counts(r).attention == 0


def test_what_is_decided_cannot_be_decided_again(desk, family):
    [two] = disagreements(desk)
    decide_for_theirs(desk, two.op)
    assert disagreements(desk) == ()
    with pytest.raises(NothingToDecide):
        decide_for_mine(desk, two.op)


def test_a_text_made_from_both_is_sent_and_both_stand_in_the_signed_decision(desk):
    family = in_two_versions(desk, {"note": "Ring first.", "phone": "2"}, {"note": "Dog in the yard.", "phone": "3"})
    [two] = disagreements(desk)
    assert [place.path for place in two.places] == [("phone",), ("note",)]
    decide(desk, two.op, {("note",): Chosen("text", "Ring first. Dog in the yard."), ("phone",): Chosen("theirs")})
    now = family_at(desk, family)
    assert (now["note"], now["phone"]) == ("Ring first. Dog in the yard.", "3")
    [one] = decided(desk, family)
    assert (one.chosen, one.by, one.family_name) == ("combined", "Nia Morgan", "Petrov")
    assert [(field.mine, field.theirs) for field in one.fields] == [("2", None), ("Ring first.", "Dog in the yard.")]


def test_a_decision_is_signed_by_this_laptop(desk, family):
    [two] = disagreements(desk)
    id_ = decide_for_theirs(desk, two.op)
    with desk.record.reading() as r:
        body = r.body(f"f:{family}", id_)
    assert body["content_hash"] == content_hash(body)
    assert body["device"] == desk.device


def test_choosing_the_servers_text_everywhere_sends_nothing_but_the_decision(desk, family):
    [two] = disagreements(desk)
    decide(desk, two.op, {place.path: Chosen("theirs") for place in two.places})
    [op] = sent(desk)
    assert op.kind == "decision"
    [one] = decided(desk)
    assert (one.chosen, one.fields[0].mine) == ("theirs", "mine")
    with pytest.raises(NothingToDecide):
        disagreement(desk, two.op)


def test_a_draft_written_on_two_laptops_is_decided_question_by_question(desk):
    family = the_okafors(desk)
    visit = start_visit(desk, family)
    answered_all(desk)
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.section == "narrative")
    with desk.record.reading() as r:
        elsewhere = r.body(desk.drafts_scope, visit)
    story, words = "story", "client-words"
    save_answers(
        desk, visit, {sheet.key: [said(story, "Yusuf laughed. He slept at eleven."), said(words, "I am tired.")]}, step="plan"
    )
    theirs = [
        {**s, "answers": [said(story, "Yusuf laughed. She fed him.")]} if s["key"] == sheet.key else s for s in elsewhere["sheets"]
    ]
    [op] = sent(desk)
    raw = dump({**elsewhere, "sheets": theirs})
    answered(
        desk, Receipt(op.op, "conflict", 2, 2, record=Rec(visit, "draft", 2, hash_start(body_hash(raw)), False, "", 2_000, raw))
    )
    [two] = disagreements(desk)
    assert [(place.path[-1], place.is_written) for place in two.places] == [(story, True), (words, True)]
    assert all(place.sheet and place.question for place in two.places)
    place = {each.path[-1]: each.path for each in two.places}
    both = "Yusuf laughed. She fed him. He slept at eleven."
    decide(desk, two.op, {place[story]: Chosen("text", both), place[words]: Chosen("mine")})
    told = next(s for s in open_draft(desk, visit).sheets if s.key == sheet.key)
    assert list(told.answers) == [said(story, both), said(words, "I am tired.")]
    assert open_draft(desk, visit).step == "plan"
    [past] = decided(desk)
    assert {(field.mine, field.theirs) for field in past.fields} == {
        ("Yusuf laughed. He slept at eleven.", "Yusuf laughed. She fed him."), (None, "")
    }  # fmt: skip
    with desk.record.reading() as r:
        assert {scope for scope, _, _ in r.of_kind("decision")} == {desk.drafts_scope}


def said(link_id, text):
    return {"linkId": link_id, "answer": [{"valueString": text}]}


def answered_all(desk):
    for op in sent(desk):
        answered(desk, Receipt(op.op, "ok", op.base + 1, 1))
