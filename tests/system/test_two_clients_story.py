# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""Two laptops and the real service: what one writes the other reads, byte for byte, and the loop of a review closes."""

from tests.kit.laptops import MakeLaptop, everything_written, laptop, team, text_of  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from visitapp.domain.clock import iso
from visitapp.store.answers import parts
from visitapp.store.incoming import cursors
from visitapp.store.outbox import disagreements, outbox_rows, sync_counts
from visitapp.store.people import families
from visitapp.store.reviews import queue, reviews
from visitapp.store.search import search_notes
from visitapp.store.visits import drafts, visit, visits


def test_visit_signed_offline_reaches_the_supervisor_with_the_same_bytes(laptop: MakeLaptop) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family("Łukasz")
    signed = nurse.sign(family, "She held him close", restricted="He shouted at her")
    assert nurse.ask(visit, signed).state == "signed"

    nurse.level()
    supervisor.level()

    assert nurse.ask(visit, signed).state == "received"
    theirs = supervisor.ask(visit, signed)
    assert theirs.hash == nurse.ask(visit, signed).hash
    assert theirs.state == "received"
    assert nurse.ask(sync_counts).unsent == 0
    assert [text_of({"answers": part.answers}) for part in nurse.ask(parts, signed)] == ["She held him close", "He shouted at her"]
    assert [text_of({"answers": part.answers}) for part in supervisor.ask(parts, signed)] == ["She held him close"]
    assert not any("shouted" in body.decode() for body in supervisor.ask(everything_written))
    assert [row.name for row in supervisor.ask(families)] == ["Łukasz"]


def test_restricted_words_are_found_by_the_nurse_who_holds_them_and_by_nobody_else(laptop: MakeLaptop) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    nurse.sign(family, "All calm", restricted="He shouted at her")
    assert not nurse.ask(search_notes, "shouted")

    nurse.level()
    supervisor.level()

    assert [found.restricted for found in nurse.ask(search_notes, "shouted")] == [True]
    assert not supervisor.ask(search_notes, "shouted")
    assert supervisor.ask(search_notes, "calm")


def test_review_returns_and_countersignature_close_the_loop(laptop: MakeLaptop) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    signed = nurse.sign(family, "A first visit")
    nurse.level()
    supervisor.level()
    assert [row.visit for row in supervisor.ask(queue)] == [signed]

    def judge(action: str, text: str = "") -> None:
        review = supervisor.ids()
        body = {"visit": signed, "family": family, "author": supervisor.user, "author_role": "supervisor", "action": action,
                "text": text, "at": iso(supervisor.clock.now()), "visit_hash": supervisor.ask(visit, signed).hash}  # fmt: skip
        supervisor.do(lambda w: w.put(f"f:{family}", "review", review, body))

    judge("returned", "Who was there?")
    supervisor.level()
    nurse.level()
    assert nurse.ask(visit, signed).state == "returned"
    assert [row.text for row in nurse.ask(reviews, signed)] == ["Who was there?"]
    assert not supervisor.ask(queue)

    addendum = nurse.ids()
    body = {"visit": signed, "family": family, "text": "Her sister", "kind": "addendum", "author": nurse.user,
            "written_at": iso(nurse.clock.now())}  # fmt: skip
    nurse.do(lambda w: w.put(f"f:{family}", "addendum", addendum, body))
    nurse.level()
    supervisor.level()
    assert [(row.visit, row.answered) for row in supervisor.ask(queue)] == [(signed, True)]

    judge("countersigned")
    supervisor.level()
    nurse.level()
    assert nurse.ask(visit, signed).state == "countersigned"
    assert not supervisor.ask(queue)


def test_draft_stays_with_its_author_and_goes_when_it_is_signed(laptop: MakeLaptop) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    draft = nurse.draft(family, "half a thought")
    nurse.level()
    supervisor.level()
    assert not any("thought" in body.decode() for body in supervisor.ask(everything_written))

    nurse.sign(family, "a whole thought", visit=draft)
    nurse.level()
    supervisor.level()
    assert not nurse.ask(drafts)
    assert [row.summary for row in supervisor.ask(visits, family)] == ["a whole thought"]
    assert not nurse.ask(outbox_rows)


def test_nothing_to_do_costs_one_small_request(laptop: MakeLaptop) -> None:
    nurse = laptop()
    for number in range(8):
        nurse.begin_family(f"Family {number}")
    nurse.level()
    nurse.level()
    nurse.line.requests.clear()
    before = nurse.client.traffic.up
    nurse.level()
    assert nurse.line.requests == ["/v1/pull"]
    assert nurse.client.traffic.up - before < 1200


def test_own_push_moves_the_cursor_so_that_nothing_comes_back_as_an_echo(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    nurse.sign(family, "A quiet visit")
    assert nurse.level().received == 0


def test_first_sync_of_a_second_laptop_brings_everything(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    signed = nurse.sign(family, "All of it")
    nurse.draft(family, "a draft")
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()
    assert second.ask(visit, signed).hash == nurse.ask(visit, signed).hash
    assert [row.family_name for row in second.ask(drafts)] == ["Okafor"]
    assert {c.scope: (c.seq, c.digest) for c in second.ask(cursors)} == {c.scope: (c.seq, c.digest) for c in nurse.ask(cursors)}


def test_same_field_of_a_draft_changed_on_two_laptops_keeps_both_texts(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    draft = nurse.draft(family, "the beginning")
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()

    nurse.draft(family, "written in the car", visit=draft)
    second.draft(family, "written at home", visit=draft)
    nurse.level()
    second.level()

    assert text_of(second.body(f"u:{nurse.user}", draft)) == "written at home"
    waiting = second.ask(disagreements)
    assert len(waiting) == 1
    assert waiting[0].outcome == "conflict"
    assert b"written at home" in waiting[0].mine
    assert b"written in the car" in waiting[0].theirs
    assert second.ask(sync_counts).attention == 1


def test_different_fields_of_a_family_changed_by_two_people_merge(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family(phone="01632 960001", note="gate code")
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()

    for one, changes in ((nurse, {"phone": "01632 960002"}), (second, {"note": "use the side door"})):
        body = {**one.body(f"f:{family}", family), **changes}
        one.do(lambda w, body=body: w.put(f"f:{family}", "family", family, body))
    nurse.level()
    second.level()
    nurse.level()

    for one in (nurse, second):
        body = one.body(f"f:{family}", family)
        assert (body["phone"], body["note"]) == ("01632 960002", "use the side door")
        assert not one.ask(disagreements)
        assert not one.ask(outbox_rows)
