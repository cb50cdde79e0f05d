"""Random histories of several laptops and the real service on a line that fails: nothing is lost, nothing shown to strangers.

A history is up to 50 steps of what people do and of what befalls them. At its end every line works again, everybody syncs, and the
promises of the protocol are checked on every laptop and on the server.
"""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.kit.fleet import DAY, Fleet, FleetLaptop, agree, back_up_server, put_back, restarted, restore_server, rows_of, snapshot
from tests.kit.laptops import DriftingClock
from tests.kit.service import ServiceKit
from tests.kit.typed import Typed
from visitapp.domain.clock import iso
from visitapp.protocol.digest import add, body_hash, term
from visitapp.store.outbox import disagreements
from visitapp.store.people import families
from visitapp.store.settlement import keep_mine, take_theirs
from visitapp.store.visits import drafts, visits

STEPS = 50
LATER = "0.2.0"
WORDS = ("ok", "drop_before", "drop_after", "twice", "late", "cut:0", "cut:1", "cut:33", "cut:200", "cut:-3")

which = st.integers(0, 10**6)
faults = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)


class Histories(RuleBasedStateMachine):
    """Three to five laptops of one team."""

    service: ClassVar[ServiceKit]
    told: ClassVar[Counter[str]] = Counter()
    server_is_put_back: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        place = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="visitapp-history-", dir=place))
        self.fleet = Fleet(self.service, self.folder)
        self.typed = Typed(self.fleet)
        self.signed: dict[str, set[bytes]] = {}
        self.copies: dict[int, Path] = {}
        self.server_copy: Path | None = None
        self.was_put_back = False
        self.number = 0

    @initialize(second=st.booleans(), third=st.booleans())
    def begin(self, second: bool, third: bool) -> None:
        """Two nurses and a supervisor; sometimes a nurse has two laptops, sometimes there are three nurses."""
        ann = self.fleet.laptop()
        ann.begin_family("Family 0")
        self.fleet.laptop()
        self.fleet.laptop("supervisor")
        if second:
            self.fleet.laptop(user=ann.user)
        if third:
            self.fleet.laptop()

    @invariant()
    def is_counted(self) -> None:
        """A step was made."""
        self.told["steps"] += 1

    def words(self) -> str:
        """A text that is like no other."""
        self.number += 1
        return f"words-{self.number}-end"

    def laptop(self, number: int) -> FleetLaptop:
        """One of the laptops."""
        return self.fleet.laptops[number % len(self.fleet.laptops)]

    def nurse(self, number: int) -> FleetLaptop:
        """One of the nurses' laptops; the third laptop is the supervisor's."""
        nurses = [laptop for place, laptop in enumerate(self.fleet.laptops) if place != 2]
        return nurses[number % len(nurses)]

    def family_on(self, laptop: FleetLaptop, number: int) -> str:
        """A family that she sees, or "" if there is none."""
        seen = laptop.ask(families)
        return seen[number % len(seen)].id if seen else ""

    @rule(who=which)
    def begins_a_family(self, who: int) -> None:
        if len(self.laptop(who).ask(families)) < 4:
            self.nurse(who).begin_family(f"Family {self.number}")

    @rule(who=which, family=which, field=st.sampled_from(["note", "phone", "gp", "alerts"]))
    def changes_a_family(self, who: int, family: int, field: str) -> None:
        laptop = self.nurse(who)
        id_ = self.family_on(laptop, family)
        if id_:
            words = self.words()
            self.typed.note(laptop, id_, words)
            value: Any = [{"code": "note", "text": words}] if field == "alerts" else words
            whole = {**laptop.body(f"f:{id_}", id_), field: value}
            laptop.do(lambda w: w.put(f"f:{id_}", "family", id_, whole))

    @rule(who=which, family=which)
    def is_upgraded_and_writes_a_new_field(self, who: int, family: int) -> None:
        """A later version of the program, whose families have a field that the others have never heard of."""
        laptop = self.nurse(who)
        laptop.app = LATER
        restarted(laptop)
        id_ = self.family_on(laptop, family)
        if id_:
            words = self.words()
            self.typed.note(laptop, id_, words)
            whole = {**laptop.body(f"f:{id_}", id_), "of_a_later_version": words}
            laptop.do(lambda w: w.put(f"f:{id_}", "family", id_, whole))

    @rule(who=which, family=which, again=st.booleans())
    def writes_a_draft(self, who: int, family: int, again: bool) -> None:
        laptop = self.nurse(who)
        held = laptop.ask(drafts)
        words = self.words()
        if again and held:
            chosen = held[family % len(held)]
            self.typed.note(laptop, chosen.visit, words)
            laptop.draft(chosen.family, words, visit=chosen.visit)
        elif id_ := self.family_on(laptop, family):
            visit = laptop.ids()
            self.typed.note(laptop, visit, words)
            laptop.draft(id_, words, visit=visit)

    @rule(who=which, family=which, from_draft=st.booleans(), restricted=st.booleans())
    def signs_a_visit(self, who: int, family: int, from_draft: bool, restricted: bool) -> None:
        laptop = self.nurse(who)
        held = laptop.ask(drafts)
        id_ = self.family_on(laptop, family)
        visit = laptop.ids()
        if from_draft and held:
            chosen = held[family % len(held)]
            id_, visit = chosen.family, chosen.visit
            # What the draft said becomes the visit's text, as the signing action has it; the draft itself goes.
            self.typed.volatile.pop((self.fleet.laptops.index(laptop), visit), None)
        if id_ and laptop.body(f"f:{id_}", visit) is None:
            words = self.words()
            self.typed.note(laptop, visit, words)
            laptop.sign(id_, words, visit=visit, restricted="apart" if restricted else "")
            [row] = rows_of(laptop, "edit", "body", f"scope = 'f:{id_}' AND id = '{visit}'")
            self.signed.setdefault(visit, set()).add(bytes(row.body))

    @rule(who=which, chosen=which, kind=st.sampled_from(["addendum", "review"]))
    def says_more(self, who: int, chosen: int, kind: str) -> None:
        laptop = self.fleet.laptops[2] if kind == "review" else self.nurse(who)
        seen = [row for family in laptop.ask(families) for row in laptop.ask(visits, family.id)]
        if seen:
            row, words, id_ = seen[chosen % len(seen)], self.words(), laptop.ids()
            body = {"visit": row.id, "family": row.family, "author": laptop.user, "text": words}
            body |= {"action": "returned", "visit_hash": row.hash} if kind == "review" else {"kind": "addendum"}
            body["at" if kind == "review" else "written_at"] = iso(laptop.clock.now())
            self.typed.note(laptop, id_, words)
            laptop.do(lambda w: w.put(f"f:{row.family}", kind, id_, body))

    @rule(who=which, plan=faults)
    def syncs(self, who: int, plan: list[str]) -> None:
        laptop = self.laptop(who)
        laptop.faults[:] = plan
        laptop.sync()
        laptop.faults.clear()
        self.typed.after_sync(laptop)

    @rule(who=which)
    def syncs_on_a_good_line(self, who: int) -> None:
        self.syncs(who, [])

    @rule(order=st.permutations(range(5)), plan=faults)
    def all_sync(self, order: list[int], plan: list[str]) -> None:
        for who in order:
            if who < len(self.fleet.laptops):
                self.syncs(who, plan if who == order[0] else [])

    @rule(who=which, mine=st.booleans())
    def decides(self, who: int, mine: bool) -> None:
        laptop = self.laptop(who)
        waiting = [one for one in laptop.ask(disagreements) if one.outcome in ("conflict", "gone")]
        if waiting:
            self.typed.after_sync(laptop)
            decide = keep_mine if mine and waiting[0].mine else take_theirs
            laptop.do(lambda w: decide(w, waiting[0].op))

    @rule(family=which, to=which)
    def is_given_away(self, family: int, to: int) -> None:
        known = self.service.sql("select id from scope where team = :team and id like 'f:%' order by id", team=self.fleet.team)
        if known:
            id_ = known[family % len(known)][0][2:]
            new = self.nurse(to)
            holders = self.service.sql(
                "select distinct user_id from assignment where scope = :s and role = 'nurse' and until_at is null", s=f"f:{id_}"
            )
            if new.user not in {row[0] for row in holders}:
                self.service.assign(id_, new.user)
            for (user,) in holders:
                if user != new.user:
                    self.service.assign(id_, user, until_at=datetime.now(UTC) - timedelta(milliseconds=1))

    @rule(who=which, days=st.sampled_from([0, 0, 1, -1, 400, -3000]))
    def clock_jumps(self, who: int, days: int) -> None:
        clock = self.laptop(who).clock
        assert isinstance(clock, DriftingClock)
        clock.off_by = days * DAY

    @rule(who=which)
    def restarts(self, who: int) -> None:
        restarted(self.laptop(who))

    @rule(who=which)
    def is_backed_up(self, who: int) -> None:
        place = who % len(self.fleet.laptops)
        self.copies[place] = snapshot(self.laptop(who), self.folder / f"copy{place}.db")

    @rule(who=which)
    def is_put_back(self, who: int) -> None:
        place = who % len(self.fleet.laptops)
        if place in self.copies:
            laptop = self.laptop(who)
            self.typed.forget_what_only_lay_on(laptop, self.copies[place])
            put_back(laptop, self.copies[place])

    @rule(who=which)
    @precondition(lambda self: 3 <= len(self.fleet.laptops) < 5)
    def is_cloned(self, who: int) -> None:
        self.fleet.clone(self.nurse(who))

    @rule(back=st.booleans())
    @precondition(lambda self: self.server_is_put_back)
    def server_is_backed_up_or_put_back(self, back: bool) -> None:
        if back and self.server_copy:
            restore_server(self.service, self.server_copy)
            self.typed.forget_history()
            self.was_put_back = True
        else:
            self.server_copy = back_up_server(self.service, self.folder / "server.zip")

    def teardown(self) -> None:
        try:
            if self.fleet.laptops:
                self.come_level()
                self.check()
                type(self).told["histories"] += 1
        finally:
            self.fleet.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def come_level(self) -> None:
        """The lines work again; everybody syncs until nobody has anything new."""
        for _ in range(8):
            moved, before = 0, self.heads()
            for laptop in self.fleet.laptops:
                laptop.faults.clear()
                result = laptop.sync()
                assert result.complete, (laptop.folder.name, result.problem)
                moved += result.sent + result.received + len(result.purged)
                self.typed.after_sync(laptop)
            # What one of them says may have been written for somebody who had her turn before.
            if not moved and self.heads() == before:
                return
        raise AssertionError("they never come level")

    def heads(self) -> list[Any]:
        """Where every scope stands at the service."""
        return self.service.sql("select id, seq from scope where team = :team order by id", team=self.fleet.team)

    def check(self) -> None:
        """The promises."""
        note(f"{len(self.signed)} visits signed, {len(self.typed.firm)} texts sent, {len(self.typed.volatile)} not yet")
        self.check_server()
        agree(self.fleet)
        self.check_walls()
        self.check_signed()
        self.check_unknown_fields()
        lost = self.typed.lost()
        assert not lost, lost

    def check_server(self) -> None:
        """Sums are what the rows add up to; no op had two effects."""
        mine = "scope in (select id from scope where team = :team)"
        sums: dict[str, list[int]] = {}
        for row in self.service.sql(f"select scope, id, rev, body, h from rec where {mine}", team=self.fleet.team):
            total = sums.setdefault(row.scope, [0, 0])
            assert body_hash(bytes(row.body)) == bytes(row.h)
            total[0], total[1] = total[0] + 1, add(total[1], term(row.id, row.rev, bytes(row.h)))
        for row in self.service.sql("select id, n, dig from scope where team = :team", team=self.fleet.team):
            assert [row.n, row.dig] == sums.get(row.id, [0, 0]), row.id
        effects = f"select op from rec where {mine} union all select op from hist where outcome = 'ok' and {mine}"
        twice = self.service.sql(f"select op from ({effects}) found group by op having count(*) > 1", team=self.fleet.team)
        assert not twice

    def check_walls(self) -> None:
        """Nobody has a row of a scope that is not hers now; everybody has every scope that is."""
        for laptop in self.fleet.laptops:
            granted = {
                row[0]
                for row in self.service.sql(
                    "select scope from assignment where user_id = :user and (until_at is null or until_at > now())",
                    user=laptop.user,
                )
            }
            for table in ("rec", "edit", "kept", "part"):
                held = {row.scope for row in rows_of(laptop, table, "DISTINCT scope")}
                opening = {row.scope for row in rows_of(laptop, "outbox", "DISTINCT scope", "state NOT IN ('held')")}
                strange = held - granted - opening
                if self.was_put_back:
                    # What the service knew when it was copied may be less than what she rightly has: nobody takes that from her.
                    strange -= {row.scope for row in rows_of(laptop, "cursor", "scope", "lost = 2")}
                assert not strange, (laptop.folder.name, table, [(scope, self.told_of(laptop, scope)) for scope in strange])
            assert {row.scope for row in rows_of(laptop, "cursor", "scope", "lost = 0")} >= granted

    def told_of(self, laptop: FleetLaptop, scope: str) -> list[Any]:
        """What a laptop knows of a scope, for whoever reads a failure."""
        return [
            rows_of(laptop, "cursor", "role, seq, head, lost", f"scope = '{scope}'"),
            rows_of(laptop, "edit", "kind, base, deleted", f"scope = '{scope}'"),
            rows_of(laptop, "outbox", "kind, act, state, code, body IS NULL", f"scope = '{scope}'"),
        ]

    def check_unknown_fields(self) -> None:
        """A field that a later version wrote and the service took is never dropped by one that does not know it."""
        mine = "kind = 'family' and scope in (select id from scope where team = :team)"
        field = b'"of_a_later_version"'
        taken = self.service.sql(f"select id, body from hist where outcome = 'ok' and {mine}", team=self.fleet.team)
        written = {row.id for row in taken if field in bytes(row.body)}
        for row in self.service.sql(f"select id, body from rec where {mine}", team=self.fleet.team):
            assert field in bytes(row.body) or row.id not in written or self.was_put_back, row.id

    def check_signed(self) -> None:
        """What was signed is byte for byte what it was, and the same everywhere; of two signatures the first to arrive counts."""
        found = self.service.sql(
            "select id, body, rev from rec where kind = 'visit' and scope in (select id from scope where team = :team)",
            team=self.fleet.team,
        )
        held = [(row.id, bytes(row.body)) for row in found]
        assert all(row.rev == 1 for row in found)
        for laptop in self.fleet.laptops:
            held += [(row.id, bytes(row.body)) for row in rows_of(laptop, "rec", "id, body", "kind = 'visit'")]
        for id_, body in held:
            assert body in self.signed[id_], id_
        assert len(set(held)) == len({id_ for id_, _ in held})


def run(machine: Any, start: int, many: int, *phases: Phase) -> None:
    """So many histories, the same ones whenever they start from the same number."""
    chosen = settings(
        max_examples=many,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *phases],
    )
    run_state_machine_as_test(seed(start)(machine), settings=chosen, _min_steps=STEPS)
