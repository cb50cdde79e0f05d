"""The organisation's audit on real PostgreSQL: what goes in, that nothing comes out or changes unnoticed, and its exported days."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.kit.service import ServiceKit, a_person, some_uuid
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.requests import anchor_text
from visitapp.server import audit
from visitapp.server.anchors import of_device
from visitapp.server.database import administering, make_engine
from visitapp.server.door import administer
from visitapp.server.roots import DayRoot, first_wrong, merkle_root, new_lines, read_roots
from visitapp.server.signin import ServerKey, set_identity

ENTRIES = 40
TRIES = 200


@pytest.fixture
def chain(service: ServiceKit) -> ServiceKit:
    with administering(service.owner) as connection:
        for at in range(ENTRIES):
            audit.note(connection, some_uuid(), f"act {at % 7}", some_uuid(), f"{at}")
    return service


def test_only_what_was_refused_or_done_goes_in_and_only_ids(service: ServiceKit) -> None:
    ann = service.laptop(service.user(service.team(), name="Ann Example"))
    family = some_uuid()
    assert ann.outcomes(a_person(family, given_name="Ludmila"), a_person(family)) == ["denied", "denied"]
    with administering(service.owner) as connection:
        (entry,) = list(audit.entries(connection))
    assert (entry.who, entry.what, entry.about, entry.told) == (ann.user, "denied push put person", f"f:{family}", "relation x2")
    assert "Ludmila" not in str(entry)
    assert "Example" not in str(entry)


def test_many_refusals_of_one_request_are_fifty_lines_and_their_number(service: ServiceKit) -> None:
    ann = service.laptop(service.user(service.team()))
    assert set(ann.outcomes(*(a_person(some_uuid()) for _ in range(70)))) == {"denied"}
    with administering(service.owner) as connection:
        found = list(audit.entries(connection))
    assert len(found) == 51
    assert (found[-1].what, found[-1].told) == ("denied more", "20 more")


def test_whoever_serves_adds_in_her_own_name_and_reads_nothing_but_an_auditor(service: ServiceKit) -> None:
    team = service.team()
    ann, auditor = service.user(team), service.user(team, "auditor")
    engine = make_engine(service.databases.serving_url, size=1)
    try:
        with engine.begin() as connection:
            set_identity(connection, user=ann, team=team)
            audit.note(connection, ann, "looked", some_uuid())
            assert list(audit.entries(connection)) == []
        with engine.begin() as connection:
            set_identity(connection, user=auditor, team=team)
            assert [entry.who for entry in audit.entries(connection)] == [ann]
            assert audit.verify(connection).broken == 0
        for statement in ("update audit set told = 'x'", "delete from audit"):
            with engine.connect() as connection, connection.begin():
                set_identity(connection, user=auditor, team=team)
                with pytest.raises(DBAPIError):
                    connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.mark.parametrize("table", ["audit", "anchor"])
@pytest.mark.parametrize("statement", ["update {} set n = n + 1000", "delete from {}"])
def test_entries_stay_even_for_the_owner(statement: str, table: str, chain: ServiceKit) -> None:
    with administering(chain.owner) as connection:
        connection.execute(text("insert into anchor(device, n, head, signature) values ('d', 1, 'x', 'x')"))
    with pytest.raises(DBAPIError, match="stay as they are"), administering(chain.owner) as connection:
        connection.execute(text(statement.format(table)))


def _edit(connection: Connection, chance: random.Random) -> None:
    column = chance.choice(("who", "what", "about", "told", "at"))
    value = "at + interval '1 second'" if column == "at" else f"{column} || 'x'"
    connection.execute(text(f"update audit set {column} = {value} where n = :n"), {"n": chance.randint(1, ENTRIES)})


def _remove(connection: Connection, chance: random.Random) -> None:
    at = chance.randint(1, ENTRIES - 1)
    connection.execute(text("delete from audit where n = :n"), {"n": at})


def _close_the_gap(connection: Connection, chance: random.Random) -> None:
    at = chance.randint(1, ENTRIES - 1)
    connection.execute(text("delete from audit where n = :n"), {"n": at})
    for later in range(at + 1, ENTRIES + 1):
        connection.execute(text("update audit set n = n - 1 where n = :n"), {"n": later})
    connection.execute(text("update audit_head set n = :n"), {"n": ENTRIES - 1})


def _swap(connection: Connection, chance: random.Random) -> None:
    one, two = chance.sample(range(1, ENTRIES + 1), 2)
    for before, after in ((one, 10_000), (two, one), (10_000, two)):
        connection.execute(text("update audit set n = :after where n = :before"), {"before": before, "after": after})


def _insert(connection: Connection, chance: random.Random) -> None:
    at = chance.randint(1, ENTRIES)
    connection.execute(text("update audit set n = n + 10000 where n > :n"), {"n": at})
    connection.execute(text("update audit set n = n - 9999 where n > 10000"))
    words = "insert into audit select n + 1, at, 'nobody', what, about, told, hash, sha256(hash) from audit where n = :n"
    connection.execute(text(words), {"n": at})
    connection.execute(text("update audit_head set n = n + 1"))


def _cut(connection: Connection, chance: random.Random) -> None:
    """The end is gone, and the head says so too."""
    _cut_to(connection, chance.randint(0, ENTRIES - 1))


def _rewrite(connection: Connection, chance: random.Random) -> None:
    """The end is written anew with hashes that fit, as long as it was, and the head too."""
    kept = chance.randint(0, ENTRIES - 1)
    told = connection.execute(text("select who, what, about, told from audit where n > :kept order by n"), {"kept": kept}).all()
    _cut_to(connection, kept)
    changed = chance.randrange(len(told))
    audit.note_all(
        connection, [(row.who, row.what + ("x" if at == changed else ""), row.about, row.told) for at, row in enumerate(told)]
    )


def _cut_to(connection: Connection, kept: int) -> None:
    connection.execute(text("delete from audit where n > :kept"), {"kept": kept})
    head = connection.execute(text("select hash from audit where n = :kept"), {"kept": kept}).scalar_one_or_none() or audit.START
    connection.execute(text("update audit_head set n = :kept, hash = :head"), {"kept": kept, "head": head})


TAMPERINGS: dict[str, Callable[[Connection, random.Random], None]] = {
    "edited": _edit,
    "removed": _remove,
    "removed and closed up": _close_the_gap,
    "swapped": _swap,
    "inserted": _insert,
    "cut": _cut,
    "written anew": _rewrite,
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found_by_the_chain_and_an_anchor(kind: str, chain: ServiceKit) -> None:
    chance = random.Random(kind)
    with administering(chain.owner) as connection:
        whole = audit.verify(connection)
    assert (whole.entries, whole.broken) == (ENTRIES, 0)
    anchor = audit.Anchor(whole.entries, whole.head)
    missed = 0
    with chain.owner.connect() as connection, connection.begin() as ours:
        connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
        connection.execute(text("alter table audit disable trigger audit_stays"))
        for _ in range(TRIES):
            with connection.begin_nested() as tried:
                TAMPERINGS[kind](connection, chance)
                missed += audit.verify(connection, [anchor]).broken == 0
                tried.rollback()
        assert audit.verify(connection, [anchor]).broken == 0, "what was undone leaves no trace"
        ours.rollback()
    assert missed == 0


def test_without_an_anchor_a_clever_cut_is_not_seen(chain: ServiceKit) -> None:
    """Why anchors are needed: whoever rules the database can shorten chain and head alike."""
    with chain.owner.connect() as connection, connection.begin() as ours:
        connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
        connection.execute(text("alter table audit disable trigger audit_stays"))
        _cut_to(connection, 30)
        assert audit.verify(connection).broken == 0
        assert audit.verify(connection, [audit.Anchor(31, bytes(32))]).why == "anchor"
        ours.rollback()


def test_a_laptop_leaves_heads_of_its_own_audit_and_hears_of_the_furthest(service: ServiceKit) -> None:
    ann = service.laptop(service.user(service.team()))

    def leave(n: int, head: bytes, signed: bytes | None = None) -> Any:
        proof = ann.key.sign(signed if signed is not None else anchor_text(ann.device, n, head))
        from base64 import b64encode

        ask = m.AnchorAsk(n, head.hex(), b64encode(proof).decode())
        return ann.send("/v1/anchor", codec.encode_plain(ask))

    def kept(answer: Any) -> m.AnchorKept:
        assert answer.status_code == 200, answer.text
        return codec.decode_plain(m.AnchorKept, answer.content)

    one, two, other = (bytes([at]) * 32 for at in (1, 2, 3))
    assert kept(leave(5, one)) == m.AnchorKept(5, one.hex())
    assert kept(leave(5, one)) == m.AnchorKept(5, one.hex())
    assert kept(leave(9, two)) == m.AnchorKept(9, two.hex())
    assert kept(leave(7, other)) == m.AnchorKept(9, two.hex()), "behind"
    assert kept(leave(9, other)) == m.AnchorKept(9, two.hex()), "another history"
    assert leave(10, one, signed=b"something else").json()["code"] == "signature"
    assert leave(0, one).status_code == leave(1, b"short").status_code == 400
    with administering(service.owner) as connection:
        assert [(one.n, one.head) for one in of_device(connection, ann.device)] == [(5, one), (7, other), (9, two), (9, other)]
        told = [(entry.what, entry.about, entry.told) for entry in audit.entries(connection)]
    assert told == [("laptop's audit behind", ann.device, "7 after 9"), ("laptop's audit behind", ann.device, "9 after 9")]


@pytest.fixture
def a_week(service: ServiceKit) -> Iterator[tuple[Connection, ServerKey]]:
    """An audit of a week, three to nine entries a day, a day without any in between."""
    chance = random.Random(7)
    start = datetime(2026, 11, 1, 9, tzinfo=UTC)
    with administering(service.owner) as connection:
        previous, n = audit.START, 0
        for day in (0, 1, 2, 4, 5):
            for minute in range(chance.randint(3, 9)):
                n += 1
                moment = start + timedelta(days=day, minutes=minute)
                entry = audit.Entry(n, moment, "who", "what", "about", "told", previous, b"")
                row = {**{name: getattr(entry, name) for name in entry.__slots__}, "hash": entry.computed()}
                connection.execute(text("insert into audit values (:n, :at, :who, :what, :about, :told, :previous, :hash)"), row)
                previous = entry.computed()
        connection.execute(text("update audit_head set n = :n, hash = :hash"), {"n": n, "hash": previous})
        yield connection, service.app.state.service.key


def test_days_that_are_over_are_exported_once_and_signed(a_week: tuple[Connection, ServerKey]) -> None:
    connection, key = a_week
    first = new_lines(connection, key, [], datetime(2026, 11, 3, 12, tzinfo=UTC))
    assert [day.day for day in read_roots(first)] == ["2026-11-01", "2026-11-02"]
    more = new_lines(connection, key, read_roots(first), datetime(2026, 11, 9, tzinfo=UTC))
    everything = read_roots(first + more)
    assert [day.day for day in everything] == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-05", "2026-11-06"]
    assert new_lines(connection, key, everything, datetime(2026, 11, 9, tzinfo=UTC)) == ""
    assert first_wrong(connection, key, everything) is None
    assert everything[-1].last == audit.verify(connection).entries


def test_an_exported_day_that_changed_is_named(a_week: tuple[Connection, ServerKey]) -> None:
    connection, key = a_week
    days = read_roots(new_lines(connection, key, [], datetime(2026, 11, 9, tzinfo=UTC)))
    assert first_wrong(connection, ServerKey(b"x" * 32), days) == days[0], "signed by somebody else"
    forged = DayRoot(days[1].day, days[1].first, days[1].last, days[1].head, "00" * 32, days[1].signature)
    assert first_wrong(connection, key, [days[0], forged, *days[2:]]) == forged
    assert first_wrong(connection, key, [days[0], *days[2:]]) == days[2], "a day left out"
    connection.execute(text("alter table audit disable trigger audit_stays"))
    connection.execute(text("update audit set told = 'x' where n = :n"), {"n": days[3].first})
    assert first_wrong(connection, key, days) is None, "a changed entry is the chain's to find: the tree is over the hashes"
    assert audit.verify(connection).broken == days[3].first
    connection.execute(text("delete from audit where n = :n"), {"n": days[3].last})
    assert first_wrong(connection, key, days) == days[3]


def test_the_root_depends_on_every_leaf_and_its_place() -> None:
    leaves = [bytes([at]) * 32 for at in range(9)]
    roots = {merkle_root(leaves[:size]) for size in range(10)}
    roots |= {merkle_root([*leaves[:at], bytes(31) + b"\xff", *leaves[at + 1 :]]) for at in range(9)}
    roots.add(merkle_root(leaves[::-1]))
    assert len(roots) == 10 + 9 + 1


def test_an_auditor_reads_judges_and_exports_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path / "server"))
    roots = tmp_path / "roots.jsonl"
    said: list[str] = []

    def run(*words: str) -> int:
        code = administer([*data, *words])
        told = capsys.readouterr()
        said.append((told.out + told.err).strip())
        return code

    assert run("add-team", "North") == 0
    team = said[-1]
    assert run("add-user", "Ann Example", "--role", "auditor", "--team", team) == 0
    assert run("audit", "--json") == 0
    rows = json.loads(said[-1])
    assert [(row["who"], row["what"], row["about"]) for row in rows] == [
        ("operator", "command add-team", ""),
        ("operator", "command add-user", team),
    ]
    assert run("audit", "--verify", "--json") == 0
    head = json.loads(said[-1])["head"]
    assert run("audit", "--verify", "--head", head) == 0
    assert said[-1].startswith("the audit is whole: 4 entries; write down 4:")
    assert run("audit", "--verify", "--head", head[:-2] + "zz") == 1
    assert run("audit", "--verify", "--head", f"3:{'0' * 64}") == 1
    assert "broken at entry 3 (anchor)" in said[-1]
    assert run("audit", "--export", str(roots)) == 0
    assert said[-1] == "0 days added", "today is not over"
    assert run("audit", "--verify", "--roots", str(roots)) == 0
    roots.write_text('{"day": "2026-11-01"}\n')
    assert run("audit", "--verify", "--roots", str(roots)) == 1
    assert said[-1] == "visitapp server: roots.jsonl is no export of an audit"
