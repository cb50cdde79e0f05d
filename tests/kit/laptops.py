"""Two people's laptops with the real record and the real sync client, against the real service, through a line that can fail."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.kit.service import ServiceKit
from visitapp.domain.bodies import sha256
from visitapp.domain.clock import iso
from visitapp.domain.ids import Ids
from visitapp.domain.visits import sealed
from visitapp.store.reading import Reading
from visitapp.store.record import Record
from visitapp.store.writing import Writing
from visitapp.sync.client import Client, Identity
from visitapp.sync.enrolment import enrol
from visitapp.sync.exchange import ExchangeResult, run_exchange
from visitapp.vault.device import DeviceKey, verify

SERVER = "http://127.0.0.1:8741"


class DriftingClock:
    """The machine's clock with an error that a test chooses."""

    def __init__(self, off_by: timedelta = timedelta()) -> None:
        self.off_by = off_by

    def now(self) -> datetime:
        """The present moment as this laptop believes it."""
        return datetime.now(UTC) + self.off_by

    def today(self) -> Any:
        """The day as this laptop believes it."""
        return self.now().date()


@dataclass
class Line(httpx2.BaseTransport):
    """The way to the service. `fault` is asked for each request and answer and may raise or change them."""

    service: ServiceKit
    before: Callable[[httpx2.Request], None] = field(default=lambda request: None)
    after: Callable[[httpx2.Request, httpx2.Response], httpx2.Response] = field(default=lambda request, response: response)
    requests: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request to the service in this process and its answer back."""
        self.requests.append(request.url.path)
        self.before(request)
        response = self.service.http._transport.handle_request(request)
        return self.after(request, response)

    def restore(self) -> None:
        """Let everything through again."""
        self.before = lambda request: None
        self.after = lambda request, response: response


def lost(*_: Any) -> Any:
    """The line breaks here."""
    raise httpx2.ReadError("gone")


@dataclass
class SyncedLaptop:
    """One person's laptop: an encrypted record, a device key, and a line to the service."""

    service: ServiceKit
    user: str
    folder: Path
    clock: DriftingClock = field(default_factory=DriftingClock)
    app = "0.1.0"

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock)
        self.key = DeviceKey.generate()
        self.line = Line(self.service)
        self.record = Record.create(self.folder / "record.db", b"k" * 32, clock=self.clock)
        code = self.service.code(self.user)
        enrolled = enrol(SERVER, code, self.key.public_bytes, self.key.sign, app="0.1.0", transport=self.line)
        self.device = enrolled.device
        self.server_key = enrolled.server_key
        self.keep_identity()
        self.client = self.connect()

    def keep_identity(self) -> None:
        """Device id and key rest in the record, as in the program."""
        with self.record.writing() as w:
            w.meta_set("device", self.device)
            w.meta_set("device_key", base64.b64encode(self.key.private_bytes()).decode())

    def identity(self) -> Identity:
        """Device id and key as the record has them now."""
        with self.record.reading() as r:
            self.device, self.key = r.meta("device"), DeviceKey.from_bytes(base64.b64decode(r.meta("device_key")))
        public = base64.b64decode(self.server_key)
        own = self.key.public_bytes
        return Identity(self.device, self.app, self.key.sign, lambda signature, message: verify(public, signature, message), own)

    def connect(self) -> Client:
        """A new connection as the device that the record is."""
        return Client(SERVER, self.identity(), self.clock, transport=self.line)

    def close(self) -> None:
        """Close everything, as locking does."""
        self.client.close()
        self.record.close()

    def sync(self) -> ExchangeResult:
        """One exchange as far as it gets."""
        return run_exchange(self.record, self.client, user=self.user)

    def level(self) -> ExchangeResult:
        """One exchange that must get to its end."""
        result = self.sync()
        assert result.complete, result.problem
        return result

    def ask(self, question: Callable[..., Any], *values: Any) -> Any:
        """One question to the record."""
        with self.record.reading() as r:
            return question(r, *values)

    def body(self, scope: str, id_: str) -> Any:
        """A record's content on this laptop."""
        with self.record.reading() as r:
            return r.body(scope, id_)

    def do(self, change: Callable[[Writing], Any]) -> Any:
        """One change."""
        with self.record.writing() as w:
            return change(w)

    def begin_family(self, name: str = "Okafor", **fields: Any) -> str:
        """A family begun on this laptop; returns its id."""
        family = self.ids()
        with self.record.writing() as w:
            body = {"id": family, "name": name, "state": "active", "nurse": self.user, **fields}
            w.put(f"f:{family}", "family", family, body, group=family)
            person = self.ids()
            w.put(
                f"f:{family}",
                "person",
                person,
                {"id": person, "family": family, "role": "mother", "given_name": "Ada"},
                group=family,
            )
        return family

    def draft(self, family: str, text: str, visit: str = "") -> str:
        """A visit being written; returns its id."""
        visit = visit or self.ids()
        sheet = {"key": "story", "section": "narrative", **_story(family, text)}
        body = {"visit": visit, "family": family, "author": self.user, "started_at": iso(self.clock.now()), "sheets": [sheet]}
        with self.record.writing() as w:
            w.put(f"u:{self.user}", "draft", visit, body)
        return visit

    def sign(self, family: str, text: str, visit: str = "", restricted: str = "") -> str:
        """A signed visit with its part or parts, as one group; returns its id."""
        visit = visit or self.ids()
        now = iso(self.clock.now())
        listed: list[dict[str, Any]] = []
        with self.record.writing() as w:
            had_draft = w.body(f"u:{self.user}", visit) is not None
            for scope, words in ((f"f:{family}", text), (f"r:{family}", restricted)):
                if words:
                    part = self.ids()
                    body = {"visit": visit, "section": "narrative", **_story(family, words, restricted=scope[0] == "r")}
                    raw = w.put(scope, "part", part, body, group=visit)
                    listed.append({"id": part, "sha256": sha256(raw), "restricted": scope[0] == "r"})
            body = {
                "visit": visit,
                "family": family,
                "author": self.user,
                "author_name": "N",
                "started_at": now,
                "signed_at": now,
                "outcome": "completed",
                "babies_seen": "awake",
                "flags": [],
                "summary": text[:40],
                "device": self.device,
                "parts": listed,
            }
            w.put(f"f:{family}", "visit", visit, sealed(body, self.key.sign), group=visit, type="sign")
            if had_draft:
                w.delete(f"u:{self.user}", visit, "draft", group=visit)
        return visit


def _story(family: str, words: str, *, restricted: bool = False) -> dict[str, Any]:
    answers = [{"linkId": "story", "answer": [{"valueString": words}]}]
    return {"questionnaire": "q|1", "subject": {"kind": "family", "id": family}, "restricted": restricted, "answers": answers}


def text_of(body: Any) -> str:
    """The story told in a draft or a part."""
    holder = body["sheets"][0] if "sheets" in body else body
    return str(holder["answers"][0]["answer"][0]["valueString"])


def everything_written(r: Reading) -> list[bytes]:
    """Every text on a laptop, wherever it lies."""
    from sqlalchemy import text

    tables = ("rec", "edit", "outbox", "kept")
    return [bytes(row.body) for table in tables for row in r.all(text(f"SELECT body FROM {table} WHERE body IS NOT NULL"))]


MakeLaptop = Callable[..., SyncedLaptop]


@pytest.fixture
def team(service: ServiceKit) -> str:
    """A team's id."""
    return service.team()


@pytest.fixture
def laptop(service: ServiceKit, team: str, tmp_path: Path) -> Iterator[MakeLaptop]:
    """Makes laptops for new people of the team, or a second one for somebody who has one."""
    made: list[SyncedLaptop] = []

    def make(role: str = "nurse", user: str = "", **more: Any) -> SyncedLaptop:
        user = user or service.user(team, role, f"{role} {len(made)}")
        made.append(SyncedLaptop(service, user, tmp_path / f"laptop{len(made)}", **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
