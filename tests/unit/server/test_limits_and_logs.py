"""How much is read, how often a code may be tried, and what a log line may hold."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from visitapp.protocol.problems import TooLarge
from visitapp.server import limits
from visitapp.server.limits import WrongTries, read_at_most
from visitapp.server.logs import AllowedFields, hashed
from visitapp.server.signin import code_hash, new_code


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


def test_reading_stops_at_the_first_byte_too_many() -> None:
    assert asyncio.run(read_at_most(chunks(4, 6), 10)) == b"x" * 10
    with pytest.raises(TooLarge):
        asyncio.run(read_at_most(chunks(4, 7), 10))


def test_wrong_tries_are_counted_per_place_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    tries = WrongTries()
    for _ in range(20):
        assert tries.wait_s("here") == 0
        tries.note("here")
    assert tries.wait_s("here") == 901
    assert tries.wait_s("there") == 0
    now[0] += 901
    assert tries.wait_s("here") == 0


def test_a_flood_of_places_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    tries = WrongTries()
    for place in range(10_000):
        tries.note(str(place))
    now[0] += 1000
    tries.note("last")
    assert len(tries._seen) == 1


def test_only_allowed_fields_reach_the_log() -> None:
    secret = "Quillfeather"
    try:
        raise ValueError(secret)
    except ValueError:
        import sys

        record = logging.LogRecord("visitapp.server.x", logging.ERROR, "", 1, "failed", (), sys.exc_info())
    record.__dict__.update(route="/v1/push", body=secret, status=500)
    line = AllowedFields().format(record)
    assert secret not in line
    assert {"event": "failed", "route": "/v1/push", "status": 500}.items() <= json.loads(line).items()
    foreign = logging.LogRecord("sqlalchemy", logging.ERROR, "", 1, f"bad {secret}", (), None)
    assert json.loads(AllowedFields().format(foreign))["event"] == "library"


def test_ids_are_hashed_in_the_log() -> None:
    assert hashed("a") == hashed("a") != hashed("b")
    assert "a" * 20 not in hashed("a" * 20)


def test_codes_differ_and_read_well() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 14 and not set(code) & set("01ILO") for code in codes)
    code = codes.pop()
    assert code_hash(code) == code_hash(code.lower().replace("-", "  "))
