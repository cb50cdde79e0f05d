"""The service as tests use it: its administrator, and laptops that sign what they send."""

import base64
import json
import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from starlette.testclient import TestClient

from visitapp.domain.visits import sealed
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.digest import add, body_hash, term
from visitapp.protocol.requests import HEADER, Mark, enrolment_text, request_text, write_header
from visitapp.server.admin import people
from visitapp.server.admin.people import NewUser
from visitapp.server.app import create_app
from visitapp.server.database import administering, make_engine
from visitapp.server.folder import Databases
from visitapp.server.ids import new_id
from visitapp.server.settings import Settings


def now_ms() -> int:
    """The real time in milliseconds."""
    return time.time_ns() // 1_000_000


class ServiceKit:
    """The service on a database, with shortcuts for its administrator."""

    def __init__(self, databases: Databases, **settings: Any) -> None:
        self.databases = databases
        self.settings = Settings(databases.serving_url, b"k" * 32, databases.owner_url, **{"pool": 5, "per_minute": 0, **settings})
        self.app = create_app(self.settings)
        self.owner = make_engine(databases.owner_url, size=3)
        self.http = TestClient(self.app, raise_server_exceptions=False)

    def close(self) -> None:
        """Lets go of every connection."""
        self.http.close()
        self.app.state.service.close()
        self.owner.dispose()

    def team(self, name: str = "North") -> str:
        """A new team's id."""
        with administering(self.owner) as connection:
            return people.add_team(connection, name)

    def user(self, team: str, role: str = "nurse", name: str = "Ann Example") -> str:
        """A new user's id."""
        with administering(self.owner) as connection:
            return people.add_user(connection, NewUser(name, role, team, "Family nurse"))

    def code(self, user: str) -> str:
        """A one-use code."""
        with administering(self.owner) as connection:
            return people.give_code(connection, user)

    def laptop(self, user: str) -> "Laptop":
        """An enrolled laptop."""
        laptop = Laptop(self.http)
        laptop.enrol(self.code(user))
        return laptop

    def assign(self, family: str, user: str, **moments: Any) -> None:
        """Gives a family to someone, or ends it."""
        with administering(self.owner) as connection:
            people.assign(connection, family, user, **moments)

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Rows of a query as the owner, administering."""
        with administering(self.owner) as connection:
            return list(connection.execute(text(statement), values).all())


@dataclass
class Laptop:
    """A device that signs what it sends and keeps what it pulls, by scope and id."""

    http: TestClient
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    user: str = ""
    device: str = ""
    offset_ms: int = 0
    caseload: dict[str, str] = field(default_factory=dict)
    caseload_version: int = 0
    cursors: dict[str, tuple[int, int]] = field(default_factory=dict)
    held: dict[str, dict[str, m.Rec]] = field(default_factory=dict)
    counter: int = 0

    def enrol(self, code: str) -> m.Enrolled:
        """Spends a code."""
        public = self.key.public_key().public_bytes_raw()
        proof = self.key.sign(enrolment_text(code, public))
        ask = m.EnrolAsk(code, base64.b64encode(public).decode(), base64.b64encode(proof).decode())
        answer = self.http.post("/v1/enrol", content=codec.encode_plain(ask))
        assert answer.status_code == 200, answer.text
        enrolled = codec.decode_plain(m.Enrolled, answer.content)
        self.user, self.device = enrolled.user, enrolled.device
        _keys[self.user] = self.key
        return enrolled

    def hello(self) -> m.Hello:
        """Line 0 of the next request; its number is above that of every earlier request of this run, whichever object made it."""
        self.counter = max(self.counter + 1, time.monotonic_ns() // 1000)
        return m.Hello("0.1.0", self.device, self.counter, "", now_ms())

    def send(self, path: str, body: bytes, **changed: Any) -> Any:
        """A signed request; `changed` replaces parts of the mark or the whole header."""
        mark = Mark(
            changed.get("device", self.device),
            changed.get("at_ms", now_ms() + self.offset_ms),
            changed.get("nonce", secrets.token_urlsafe(16)),
        )
        header = write_header(mark, self.key.sign(request_text("POST", path, changed.get("signed", body), mark)))
        headers = {HEADER: changed.get("header", header), "Content-Encoding": "zstd"}
        return self.http.post(path, content=body, headers=headers)

    def push(self, *ops: m.Op) -> m.PushAnswer:
        """Pushes a batch that must be answered."""
        answer = self.send("/v1/push", codec.encode_push(m.Push(self.hello(), ops)))
        assert answer.status_code == 200, answer.text
        return codec.decode_push_answer(answer.content)

    def outcomes(self, *ops: m.Op) -> list[str]:
        """What became of each op of a batch."""
        return [receipt.outcome for receipt in self.push(*ops).receipts]

    def ask(self, cursors: Sequence[m.Cursor], **more: Any) -> m.PullAnswer:
        """One pull, exactly as asked."""
        ask = m.PullAsk(self.hello(), more.pop("caseload_version", self.caseload_version), tuple(cursors), **more)
        answer = self.send("/v1/pull", codec.encode_pull(ask))
        assert answer.status_code == 200, answer.text
        return codec.decode_pull_answer(answer.content)

    def pull(self, budget: int = m.DEFAULT_BUDGET) -> int:
        """Pulls until level, checks every hash and digest, drops what is no longer held; answers how many requests it took."""
        for requests in range(1, 1000):
            scopes = list(self.caseload)
            answer = self.ask([m.Cursor(s, *self.cursors.get(s, (0, 0))) for s in scopes], budget=budget)
            self.caseload_version = answer.greeting.caseload_version
            if answer.caseload is not None:
                self.caseload = {entry.scope: entry.role for entry in answer.caseload}
                for lost in set(self.held) - set(self.caseload):
                    del self.held[lost]
                    self.cursors.pop(lost, None)
            for feed in answer.feeds:
                self._take(feed)
            if not answer.more and set(scopes) == set(self.caseload):
                return requests
        raise AssertionError("never level")

    def _take(self, feed: m.Feed) -> None:
        if feed.flag == "gone":
            self.held.pop(feed.scope, None)
            self.cursors.pop(feed.scope, None)
            return
        assert feed.flag == "", feed.flag
        held = self.held.setdefault(feed.scope, {})
        for rec in feed.records:
            assert body_hash(rec.body)[:8].hex() == rec.hash_start
            held[rec.id] = rec
        digest = add(0, *(term(rec.id, rec.rev, body_hash(rec.body)) for rec in held.values()))
        if feed.last == feed.head:
            assert (digest, len(held)) == (feed.digest, feed.count)
        self.cursors[feed.scope] = (feed.last, digest)

    def check(self, scope: str) -> m.CheckAnswer:
        """Compares one scope record by record, and takes what the server says."""
        held = self.held.get(scope, {})
        holdings = tuple(m.Holding(rec.id, rec.rev, rec.hash_start) for rec in held.values())
        answer = self.send("/v1/check", codec.encode_check(m.CheckAsk(self.hello(), scope, holdings)))
        assert answer.status_code == 200, answer.text
        return codec.decode_check_answer(answer.content)

    def repair(self, scope: str) -> list[str]:
        """Gives back what the server lost, takes what it has, and is level; answers what became of each assertion."""
        found = self.check(scope)
        held = self.held.setdefault(scope, {})
        asserted = [held[id_] for id_ in found.want]
        outcomes = self.outcomes(*(an_assertion(scope, rec) for rec in asserted)) if asserted else []
        for rec, outcome in zip(asserted, outcomes, strict=True):
            if outcome == "held":
                del held[rec.id]
        held.update({rec.id: rec for rec in found.put})
        if asserted:
            found = self.check(scope)
            held.update({rec.id: rec for rec in found.put})
        digest = add(0, *(term(rec.id, rec.rev, body_hash(rec.body)) for rec in held.values()))
        self.cursors[scope] = (found.head, digest)
        return outcomes

    def body(self, scope: str, id_: str) -> dict[str, Any]:
        """A pulled record's body."""
        found: dict[str, Any] = json.loads(self.held[scope][id_].body)
        return found


def an_op(scope: str, kind: str, id_: str, body: dict[str, Any] | bytes, base: int = 0, **more: Any) -> m.Op:
    """A put of one record, made now."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    told = {"op": new_id(), "group": "", "act": "put", "at_ms": now_ms(), "offset_ms": 0, **more}
    return m.Op(scope=scope, kind=kind, id=id_, base=base, body=data, **told)


def a_family(id_: str = "", **fields: Any) -> m.Op:
    """The first word of a family begun offline."""
    family = id_ or new_id()
    base = fields.pop("base", 0)
    return an_op(f"f:{family}", "family", family, {"id": family, "name": "Testfamily", **fields}, base)


def a_person(family: str, id_: str = "", base: int = 0, **fields: Any) -> m.Op:
    """A member of a family."""
    person = id_ or new_id()
    body = {"id": person, "family": family, "role": "mother", "given_name": "Ada", **fields}
    return an_op(f"f:{family}", "person", person, body, base)


def a_sealed_visit(laptop: Laptop, family: str, **fields: Any) -> m.Op:
    """A visit that is really signed, by the laptop's key."""
    visit = new_id()
    body = {"visit": visit, "family": family, "author": laptop.user, "parts": [], "summary": "Łucja smiled", **fields}
    return an_op(f"f:{family}", "visit", visit, sealed(body, laptop.key.sign), act="sign")


_keys: dict[str, Ed25519PrivateKey] = {}


def a_visit(family: str, author: str, id_: str = "", **fields: Any) -> m.Op:
    """A signed visit, sealed with the key of the author's newest laptop."""
    visit = id_ or new_id()
    more = {name: fields.pop(name) for name in ("group", "at_ms", "op") if name in fields}
    body = {"visit": visit, "family": family, "author": author, "parts": [], "summary": "Łucja smiled", **fields}
    sign = _keys[author].sign if author in _keys else lambda digest: bytes(64)
    return an_op(f"f:{family}", "visit", visit, sealed(body, sign), **{"act": "sign", **more})


def listed(*parts: m.Op) -> list[dict[str, Any]]:
    """Parts as their visit lists them."""
    return [{"id": part.id, "sha256": body_hash(part.body).hex(), "restricted": part.scope[0] == "r"} for part in parts]


def a_part(family: str, visit: str, restricted: bool = False, **more: Any) -> m.Op:
    """One part of a signed visit."""
    body = {"visit": visit, "section": "narrative", "questionnaire": "q|1", "answers": [], "subject": {}}
    scope = f"{'r' if restricted else 'f'}:{family}"
    return an_op(scope, "part", new_id(), {**body, "restricted": restricted}, **more)


def a_draft(user: str, family: str, id_: str = "", base: int = 0, **fields: Any) -> m.Op:
    """A draft in the author's own scope."""
    visit = id_ or new_id()
    more = {name: fields.pop(name) for name in ("group", "act") if name in fields}
    body = {"visit": visit, "family": family, "author": user, **fields}
    return an_op(f"u:{user}", "draft", visit, body, base, **more)


def a_review(family: str, visit: str, author: str, action: str = "seen", **fields: Any) -> m.Op:
    """What a reviewer says about a visit."""
    body = {"visit": visit, "family": family, "author": author, "action": action, **fields}
    return an_op(f"f:{family}", "review", new_id(), body)


def an_assertion(scope: str, rec: m.Rec) -> m.Op:
    """What a server lost, handed in again."""
    return an_op(scope, rec.kind, rec.id, rec.body, rec.rev, act="assert", at_ms=rec.received_ms)


def some_uuid() -> str:
    """An id that names nothing."""
    return str(uuid.uuid4())
