"""What the pieces of a sync cost alone, and how much each side works: the floor under the benchmark's figures.

Each piece is done once for all records in one thread, the best of three, in seconds of work (not of the clock), so that a machine
with other things to do tells nearly the same; a request and what PostgreSQL does are told by the clock, for lack of better.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import psycopg
import sqlcipher3.dbapi2 as cipher
import zstandard

Row = tuple[str, str, bytes, str]
"""Scope, id, body, and its words."""

BATCH = 500
_ROUNDS = 3
_WORDS = "CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1, tokenize='unicode61')"
_TABLE = "CREATE TABLE rec (scope TEXT, id TEXT, rev INT, h BLOB, body BLOB, UNIQUE (scope, id))"


def _best(do: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    found = []
    for _ in range(_ROUNDS):
        start = clock()
        do()
        found.append(clock() - start)
    return round(min(found), 4)


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _written(connection: Any, statement: str, rows: Sequence[Any]) -> None:
    for batch in _batches(rows):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, batch)
        connection.execute("COMMIT")
    connection.close()


def _file(folder: Path, library: Any, setup: Sequence[str]) -> Any:
    path = folder / "piece.db"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = library.connect(path, isolation_level=None)
    for statement in setup:
        connection.execute(statement).close()
    return connection


def pieces(rows: Sequence[Row], folder: Path, address: str, server: Path) -> dict[str, float]:
    """Seconds for each piece, done for all rows."""
    bodies = [row[2] for row in rows]
    parse = msgspec.json.Decoder().decode
    joined = [b"\n".join(batch) for batch in _batches(bodies)]
    packed = [zstandard.ZstdCompressor(level=3).compress(batch) for batch in joined]
    plain = ("PRAGMA page_size=16384", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")
    keyed = (f"PRAGMA key=\"x'{'ab' * 32}'\"", "PRAGMA cipher_page_size=16384", *plain[1:])
    records = [(scope, id_, 1, hashlib.sha256(body).digest(), body) for scope, id_, body, _ in rows]
    words = [(number, row[3]) for number, row in enumerate(rows, 1)]
    insert, index = "INSERT INTO rec VALUES (?, ?, ?, ?, ?)", "INSERT INTO word (rowid, text) VALUES (?, ?)"
    return {
        "json_load_s": _best(lambda: [parse(body) for body in bodies] and None),
        "sha256_s": _best(lambda: [hashlib.sha256(body).digest() for body in bodies]),
        "zstd3_s": _best(lambda: [zstandard.ZstdCompressor(level=3).compress(batch) for batch in joined]),
        "unzstd_s": _best(lambda: [zstandard.ZstdDecompressor().decompress(batch) for batch in packed]),
        "sqlite_insert_s": _best(lambda: _written(_file(folder, sqlite3, (*plain, _TABLE)), insert, records)),
        "sqlcipher_insert_s": _best(lambda: _written(_file(folder, cipher, (*keyed, _TABLE)), insert, records)),
        "sqlcipher_words_s": _best(lambda: _written(_file(folder, cipher, (*keyed, _WORDS)), index, words)),
        "postgres_insert_s": _best(lambda: _into_postgres(server, records), time.perf_counter),
        "http_round_trip_s": _round_trip(address),
    }


def _into_postgres(server: Path, records: Sequence[Any]) -> None:
    port = json.loads((server / "running.json").read_text())["port"]
    password = json.loads((server / "passwords.json").read_text())["superuser"]
    insert = "insert into piece select * from unnest(%b::text[], %b::text[], %b::int[], %b::bytea[], %b::bytea[])"
    with psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres") as connection:
        connection.execute("drop table if exists piece")
        connection.execute("create table piece(scope text, id text, rev int, h bytea, body bytea, primary key(scope, id))")
        connection.execute("alter table piece alter body set storage external, set (toast_tuple_target = 8160)")
        connection.commit()
        for batch in _batches(records):
            connection.execute(insert, [list(column) for column in zip(*batch, strict=True)])
            connection.commit()
        connection.execute("drop table piece")


def _round_trip(address: str) -> float:
    with httpx2.Client(base_url=address, trust_env=False) as http:
        http.get("/v1/authority")
        found = []
        for _ in range(50):
            start = time.perf_counter()
            http.get("/v1/authority")
            found.append(time.perf_counter() - start)
    return round(sorted(found)[len(found) // 2], 5)


def work(service: int) -> dict[str, float]:
    """Seconds of work so far of this process, of the service and of its PostgreSQL; by process number, on Linux."""
    own = os.times()
    told = {"laptop": own.user + own.system, "service": _spent(service), "postgres": 0.0}
    for child in _children(service):
        told["postgres"] += _spent(child)
    return told


def _spent(process: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _children(process: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents.setdefault(int((place / "stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(int(place.name))
    found, pending = [], [process]
    while pending:
        children = parents.get(pending.pop(), [])
        found += children
        pending += children
    return found
