"""No statement of the exchange reads a whole table, however large it has grown: planned with its values, and planned for any."""

import json
import re
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from tests.kit.service import ServiceKit, a_family, a_person, some_uuid
from visitapp.server import access, pull, records, signin
from visitapp.server.database import administering, driver_of, make_engine
from visitapp.server.signin import set_identity

ROWS = 100_000
MANY_ROWS = 1_000_000
LARGE = ("rec", "hist", "receipt", "scope", "assignment", "held", "device", "member", "nonce", "counter")

_GROW = (
    "set local statement_timeout = 0",
    "set local synchronous_commit = off",
    "insert into member(id, name, role, team) select 'user' || u, 'x', 'nurse', 'team' || u % 50 from generate_series(1, :rows / 100) u",
    "insert into device(id, user_id, public_key) select 'device' || u, 'user' || u, '' from generate_series(1, :rows / 100) u",
    "insert into counter(device, n) select 'device' || u, 1 from generate_series(1, :rows / 100) u",
    "insert into nonce(device, nonce, at_ms) select 'device' || u % (:rows / 100), u, u from generate_series(1, :rows) u",
    "insert into scope(id, seq) select 'f:' || gen_random_uuid(), 20 from generate_series(1, :rows / 20)",
    "insert into assignment(user_id, scope, role) select 'user' || row_number() over () % (:rows / 500), id, 'nurse' from scope",
    "insert into rec select s.id, gen_random_uuid()::text, 'person', g, 1, '', false, '', '', '', 0, 0, false, 'x'"
    " from scope s, generate_series(100, 119) g",
    "insert into hist select scope, id, 1, op, kind, 'ok', h, author, device, 0, 0, false, body from rec",
    "insert into receipt(scope, op, user_id, outcome, rev, seq) select scope, id, '', 'ok', 1, 1 from rec",
    "insert into held(scope, op, user_id, device, why, meta, raw) select scope, id, '', '', '', '', '' from rec limit :rows / 10",
)

_VALUES: dict[str, tuple[Any, ...]] = {
    "_LOCK": ("S",),
    "_ADVANCE": (1, 1, 1, "S"),
    "_RECEIPTS": ("S", ["I"]),
    "_HEAD": ("S",),
    "_ALL_OUTLINES": ("S",),
    "_OUTLINES": ("S", ["I"]),
    "_CURRENT": ("S", ["I"]),
    "_PAST_BODY": ("S", "I", 1),
    "_HAS_PAST": ("S", "I"),
    "_FEED": ("S", 0, 200),
    "_SUPERSEDE": ("S", ["I"]),
    "_PUT": ("S", ["I"], ["person"], [1], [1], [b""], [False], ["U"], [""], [""], [1], [1], [False], ["U"], [False], [b""]),
    "_KEEP": ("S", "ok", ["I"], ["person"], [1], [b""], ["U"], [""], [""], [1], [1], [False], ["U"], [False], [b""]),
    "_FILE": ("S", "U", ["O"], ["ok"], [1], [1], [""]),
    "_HOLD": ("S", "O", "U", "", "", "", b""),
}

_SIGNING_IN: dict[str, tuple[Any, ...]] = {
    "_DEVICE": ("D",),
    "_SPEND": ("D", "n" * 16, 1),
    "_COUNT": ("D", 1),
    "_FORGET": ("D", 1),
    "_MEMBER": ("U",),
}


@pytest.fixture(params=[ROWS, pytest.param(MANY_ROWS, marks=[pytest.mark.hunt, pytest.mark.timeout(1800)])])
def grown(service: ServiceKit, request: pytest.FixtureRequest) -> tuple[ServiceKit, str, str, str]:
    """A service with many families of other nurses, one nurse of our own with 25, and her first family."""
    laptop = service.laptop(service.user(service.team()))
    families = [a_family() for _ in range(25)]
    people = [a_person(family.id) for family in families]
    assert set(laptop.outcomes(*families, *people)) == {"ok"}
    with administering(service.owner) as connection:
        for statement in _GROW:
            connection.execute(text(statement), {"rows": request.param} if ":rows" in statement else {})
    with service.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("set statement_timeout = 0"))
        connection.execute(text("vacuum analyze"))
        connection.execute(text("reset statement_timeout"))
    return service, laptop.user, families[0].scope, families[0].id


def scanned(plan: Any) -> set[str]:
    """The tables a plan reads from end to end."""
    found: set[str] = set()
    pending = [json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"]]
    while pending:
        node = pending.pop()
        if node["Node Type"] == "Seq Scan":
            found.add(node["Relation Name"])
        pending += node.get("Plans", ())
    return found & set(LARGE)


def whole_tables(driver: Any, words: str, values: tuple[Any, ...]) -> set[str]:
    """The tables that a statement reads from end to end: with these values, or as the server plans it once for any values."""
    [plan] = driver.execute("explain (format json) " + words, values).fetchone()
    number = count(1)
    driver.execute("prepare any_values as " + re.sub("%[sb]", lambda _: f"${next(number)}", words))
    driver.execute("set local plan_cache_mode = force_generic_plan")
    [generic] = driver.execute(f"explain (format json) execute any_values({', '.join(['null'] * len(values))})").fetchone()
    driver.execute("set local plan_cache_mode = auto")
    driver.execute("deallocate any_values")
    return scanned(plan) | scanned(generic)


def _told(value: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_told(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def test_every_statement_finds_its_rows_by_an_index(grown: tuple[ServiceKit, str, str, str]) -> None:
    service, user, scope, record = grown
    statements = {name: words for name, words in vars(records).items() if name.isupper() and isinstance(words, str)}
    assert statements.keys() == _VALUES.keys()
    engine = make_engine(service.databases.serving_url, size=1)
    slow: dict[str, set[str]] = {}
    with engine.connect() as connection, connection.begin():
        driver = driver_of(connection)
        with administering(service.owner) as other:
            device = other.execute(text("select id from device where user_id = :user"), {"user": user}).scalar_one()
        set_identity(connection, user=user, team="t", device=device, grace="90 days")
        scopes = [row[0] for row in driver.execute("select scope from assignment where user_id = %s", (user,))]
        asked = [(name, statements[name], _VALUES[name]) for name in statements]
        asked += [(name, getattr(signin, name), values) for name, values in _SIGNING_IN.items()]
        asked += [("assignments", access._HELD, ("U",)), ("heads", pull._HEADS, (scopes,))]
        names = {"S": scope, "I": record, "U": user, "O": some_uuid(), "D": device}
        for name, words, values in asked:
            if tables := whole_tables(driver, words, tuple(_told(value, names) for value in values)):
                slow[name] = tables
    engine.dispose()
    assert slow == {}


def test_the_test_would_see_a_whole_table_read(service: ServiceKit) -> None:
    engine = make_engine(service.databases.owner_url, size=1)
    with administering(engine) as connection:
        assert whole_tables(driver_of(connection), "select * from rec where body = %s", (b"y",)) == {"rec"}
    engine.dispose()
