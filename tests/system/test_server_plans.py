"""No statement of the exchange reads a whole table, however large it has grown."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.kit.service import ServiceKit, a_family, a_person, some_uuid
from visitapp.server import access, pull, records
from visitapp.server.database import administering, driver_of, make_engine
from visitapp.server.signin import set_identity

ROWS = 100_000
LARGE = ("rec", "hist", "receipt", "scope", "assignment")

_GROW = (
    "insert into scope(id, seq) select 'f:' || gen_random_uuid(), 20 from generate_series(1, :rows / 20)",
    "insert into assignment(user_id, scope, role) select 'user' || row_number() over () % 200, id, 'nurse' from scope",
    "insert into rec select s.id, gen_random_uuid()::text, 'person', g, 1, '', false, '', '', '', 0, 0, false, 'x'"
    " from scope s, generate_series(100, 119) g",
    "insert into hist select scope, id, 1, op, kind, 'ok', h, author, device, 0, 0, false, body from rec",
    "insert into receipt(scope, op, user_id, outcome, rev, seq) select scope, id, '', 'ok', 1, 1 from rec",
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


@pytest.fixture
def grown(service: ServiceKit) -> tuple[ServiceKit, str, str, str]:
    """A service with many families of other nurses, one nurse of our own with 25, and her first family."""
    laptop = service.laptop(service.user(service.team()))
    families = [a_family() for _ in range(25)]
    people = [a_person(family.id) for family in families]
    assert set(laptop.outcomes(*families, *people)) == {"ok"}
    with administering(service.owner) as connection:
        for statement in _GROW:
            connection.execute(text(statement), {"rows": ROWS} if ":rows" in statement else {})
    with service.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
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


def test_every_statement_finds_its_rows_by_an_index(grown: tuple[ServiceKit, str, str, str]) -> None:
    service, user, scope, record = grown
    statements = {name: words for name, words in vars(records).items() if name.isupper() and isinstance(words, str)}
    assert statements.keys() == _VALUES.keys()
    names = {"S": scope, "I": record, "U": user, "O": some_uuid()}
    engine = make_engine(service.databases.serving_url, size=1)
    slow: dict[str, set[str]] = {}
    with engine.connect() as connection, connection.begin():
        set_identity(connection, user=user, team="t", device="d", grace="90 days")
        driver = driver_of(connection)
        for name, words in statements.items():
            values = tuple(
                [names.get(inner, inner) if isinstance(inner, str) else inner for inner in value]
                if isinstance(value, list)
                else names.get(value, value)
                if isinstance(value, str)
                else value
                for value in _VALUES[name]
            )
            [plan] = driver.execute("explain (format json) " + words, values).fetchone() or [None]
            slow |= {name: tables} if (tables := scanned(plan)) else {}
        scopes = [row[0] for row in driver.execute("select scope from assignment where user_id = %s", (user,))]
        for name, words, told in (("assignments", access._HELD, user), ("heads", pull._HEADS, scopes)):
            [plan] = driver.execute("explain (format json) " + words, (told,)).fetchone() or [None]
            slow |= {name: tables} if (tables := scanned(plan)) else {}
    engine.dispose()
    assert slow == {}


def test_the_test_would_see_a_whole_table_read(grown: tuple[ServiceKit, str, str, str]) -> None:
    service, *_ = grown
    with administering(service.owner) as connection:
        plan = connection.execute(text("explain (format json) select * from rec where body = 'y'")).scalar_one()
    assert scanned(plan) == {"rec"}
