# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""What the service does when somebody calls: supervisors learn how sync stands, texts reach them, drafts of what ran out move on."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.kit.laptops import laptop, team, text_of  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from visitapp.protocol.messages import Cursor
from visitapp.store.people import families as families_held
from visitapp.store.reading import Reading


def health(laptop):
    def ask(r: Reading):
        return {body["name"]: body for _, _, body in r.of_kind("sync_health")}

    return laptop.ask(ask)


def notices(laptop):
    return laptop.ask(lambda r: [body for _, _, body in r.of_kind("notice")])


def heads(service, user):
    return service.sql("select seq from scope where id = :scope", scope=f"u:{user}")[0].seq


def test_a_supervisor_reads_offline_when_each_nurse_last_synced_and_what_she_had_unsent(laptop):
    supervisor, nurse = laptop("supervisor"), laptop()
    nurse.begin_family()
    nurse.level()
    supervisor.level()
    [told] = health(supervisor).values()
    assert (told["user"], told["unsent"]) == (nurse.user, 0)
    assert datetime.fromisoformat(told["last_sync_at"]) > datetime.now(UTC) - timedelta(minutes=10)


def test_it_is_told_anew_when_the_number_of_unsent_changes_is_another_and_not_at_every_sync(laptop, service):
    supervisor, nurse = laptop("supervisor"), laptop()
    nurse.begin_family()
    nurse.level()
    before = heads(service, supervisor.user)
    for _ in range(5):
        nurse.level()
    assert heads(service, supervisor.user) == before
    # Somebody else's family: nothing that she writes there is taken, so it stays unsent.
    stranger = nurse.ids()
    nurse.do(lambda w: w.put(f"f:{stranger}", "plan_item", nurse.ids(), {"text": "x"}))
    nurse.sync()
    nurse.sync()
    supervisor.level()
    [told] = health(supervisor).values()
    assert told["unsent"] == 1
    assert heads(service, supervisor.user) == before + 1


def test_a_nurses_sync_with_nothing_to_do_stays_one(laptop):
    laptop("supervisor")
    nurse = laptop()
    nurse.begin_family()
    nurse.level()
    nurse.level()
    nurse.line.requests.clear()
    assert nurse.level().received == 0
    assert nurse.line.requests == ["/v1/pull"]


def test_another_nurse_is_told_nothing_of_it(laptop):
    nurse, other = laptop(), laptop()
    nurse.level()
    other.level()
    assert health(other) == {}


def test_what_is_handed_to_the_supervisor_reaches_her_once(laptop):
    supervisor, nurse, other = laptop("supervisor"), laptop(), laptop()
    body = {
        "kind": "family",
        "text": "Moved in with her aunt.",
        "at": "2026-11-22T05:00:00Z",
        "author": nurse.user,
        "number": "4A21 0D55",
    }
    nurse.do(lambda w: w.put(f"u:{nurse.user}", "handed_on", nurse.ids(), body))
    nurse.level()
    nurse.level()
    for laptop_ in (supervisor, other):
        laptop_.level()
    [notice] = notices(supervisor)
    assert (notice["about"], notice["text"], notice["from"]) == ("handed_on", "Moved in with her aunt.", nurse.user)
    assert notices(other) == []


def test_drafts_move_when_an_assignment_runs_out_by_the_clock_at_anybodys_next_contact(laptop, service):
    service.app.state.service.contacts.looked_every_ms = 0
    supervisor, old, new = laptop("supervisor"), laptop(), laptop()
    family = old.begin_family()
    visit = old.draft(family, "Yusuf smiled at his mother.")
    old.level()
    service.assign(family, new.user)
    service.assign(family, old.user, until_at=datetime.now(UTC) + timedelta(milliseconds=300))
    supervisor.level()
    assert old.body(f"u:{old.user}", visit) is not None
    time.sleep(0.5)
    supervisor.level()
    new.level()
    left = new.body(f"u:{new.user}", visit)
    assert text_of(left) == "Yusuf smiled at his mother."
    assert left["left_by"] == old.user


def test_who_loses_a_family_is_told_once_to_whom_it_went_and_that_her_work_arrived(laptop, service):
    old, new = laptop(), laptop()
    family = old.begin_family()
    old.sign(family, "Yusuf smiled.")
    old.draft(family, "Zara slept.")
    old.level()
    service.assign(family, new.user)
    service.assign(family, old.user, until_at=datetime.now(UTC))
    service.assign(family, new.user)
    old.level()
    old.level()
    [told] = notices(old)
    name = service.sql("select name from member where id = :user", user=new.user)[0].name
    assert (told["about"], told["to_name"], told["notes"], told["drafts"]) == ("family_gone", name, 1, 1)
    assert family not in str(told)


def test_who_covers_is_told_for_whom_and_until_when(laptop, service):
    nurse, cover = laptop(), laptop()
    family = nurse.begin_family()
    nurse.level()
    now = datetime.now(UTC)
    service.assign(family, cover.user, from_at=now, until_at=now + timedelta(days=9))
    cover.level()
    [told] = notices(cover)
    name = service.sql("select name from member where id = :user", user=nurse.user)[0].name
    assert (told["about"], told["family"], told["for_name"]) == ("cover", family, name)
    assert datetime.fromisoformat(told["until"]) > now + timedelta(days=8)


def test_a_first_sync_brings_the_families_visited_today_before_the_others(laptop, service, monkeypatch):
    monkeypatch.setattr("visitapp.server.pull._WORTH_SORTING", 1)
    nurse = laptop()
    families = [nurse.begin_family(f"Family {n}") for n in range(4)]
    today = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    last = max(families)
    nurse.do(lambda w: w.put(f"f:{last}", "plan_item", nurse.ids(), {"text": "visit", "kind": "next_visit", "due_on": today}))
    nurse.level()
    second = laptop(user=nurse.user)
    answer = second.client.pull(0, [Cursor(f"f:{family}", 0, 0) for family in sorted(families)], budget=1)
    assert [feed.scope for feed in answer.feeds] == [f"f:{last}"]
    second.level()
    assert second.ask(lambda r: len(families_held(r))) == 4
