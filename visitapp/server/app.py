"""The service over HTTP: every route, who may use it, and how a difficulty is answered."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed, ProtocolProblem, TooLarge, TooMany, UnsupportedVersion
from visitapp.protocol.requests import HEADER, Mark, read_header, receipts_text
from visitapp.server import check, pull, push
from visitapp.server.access import Assignments, epoch_of, may_read_timeline, read_assignments, version_of
from visitapp.server.admin.handover import hand_drafts_on
from visitapp.server.answers import KnownForms
from visitapp.server.database import administering, make_engine, refuse_mighty_role
from visitapp.server.database import version_of as postgres_version
from visitapp.server.ids import new_id
from visitapp.server.limits import Intake, Pace, TooBusy, TooSlow, WrongTries
from visitapp.server.logs import hashed
from visitapp.server.settings import Settings
from visitapp.server.signin import Caller, Enrolment, Refused, ServerKey, enrol, rekey, sign_in, signed_text

_log: Final = logging.getLogger(__name__)

_PACKED: Final = "application/x-ndjson"
_ENROL_LIMIT: Final = 16 * 1024
_TRIES: Final = 3
_AGAIN: Final = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
_SNAPSHOT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

T = TypeVar("T")
Message = TypeVar("Message", m.Push, m.PullAsk, m.CheckAsk)


class Service:
    """What the routes share: engine, key and settings."""

    def __init__(self, settings: Settings) -> None:
        self.engine: Engine = make_engine(settings.serving_url, size=settings.pool)
        try:
            refuse_mighty_role(self.engine)
            with self.engine.connect() as connection:
                self.settings = replace(settings, timeline=may_read_timeline(connection))
            self.postgres = postgres_version(self.engine)
        except BaseException:
            self.engine.dispose()
            raise
        # Connects only when there is something to hand on.
        self.owner = make_engine(settings.owner_url, size=1) if settings.owner_url else None
        self.key = ServerKey(settings.key)
        self.wrong_tries = WrongTries()
        self.forms = KnownForms()
        self.intake = Intake()
        self.pace = Pace(settings.per_minute, settings.burst)
        self.strangers = Pace(2 * settings.per_minute, 2 * settings.burst)

    def close(self) -> None:
        """Lets go of every connection."""
        self.engine.dispose()
        if self.owner:
            self.owner.dispose()

    def _spend(self, who: str) -> None:
        wait_s = self.pace.spend(who)
        if wait_s:
            raise Refused("busy", 429, wait_s)

    def greeting(self, assignments: Assignments) -> m.Greeting:
        """Line 0 of every answer."""
        version = version_of(assignments.caseload())
        s = self.settings
        return m.Greeting(assignments.epoch, s.clock_ms(), version, s.minimum_app, s.latest_app)

    def push(self, caller: Caller, message: m.Push) -> bytes:
        """Carries out a batch of ops and signs the receipts. Draining an outbox is not counted: only what changes nothing is."""
        counted = f"{caller.device} push"
        self._spend(counted)

        def carry_out(connection: Connection) -> tuple[Assignments, tuple[m.Receipt, ...], tuple[m.Head, ...]]:
            return push.carry_out(connection, caller, self.settings, message.ops, self.forms)

        assignments, receipts, heads = self._in_transaction(carry_out)
        greeting = self.greeting(assignments)
        if any(head.after > head.before for head in heads):
            self.pace.give_back(counted)
        self._hand_on(caller, push.left_behind(assignments, message.ops, receipts))
        _log.info("push", extra={"device": hashed(caller.device), "ops": len(message.ops), **push.counts(receipts)})
        signature = self.key.sign(receipts_text(greeting.epoch, caller.device, receipts))
        return codec.encode_push_answer(m.PushAnswer(greeting, receipts, heads, signature))

    def _hand_on(self, caller: Caller, families: set[str]) -> None:
        if families and self.owner:
            with administering(self.owner) as connection:
                moved = hand_drafts_on(connection, caller.user, families)
            _log.info("drafts handed on", extra={"device": hashed(caller.device), "records": moved})

    def pull(self, caller: Caller, ask: m.PullAsk) -> bytes:
        """Answers what is new, from one snapshot."""
        self._spend(caller.device)

        def look(connection: Connection) -> m.PullAnswer:
            assignments = read_assignments(connection, caller, self.settings, pushing=False)
            found = pull.answer(connection, assignments, ask)
            greeting = self.greeting(assignments)
            return m.PullAnswer(greeting, found.caseload, found.feeds, found.more, found.differs)

        answer = self._in_transaction(look, **_SNAPSHOT)
        told = {"feeds": len(answer.feeds), "records": sum(len(feed.records) for feed in answer.feeds)}
        _log.info("pull", extra={"device": hashed(caller.device), **told})
        return codec.encode_pull_answer(answer)

    def check(self, caller: Caller, ask: m.CheckAsk) -> bytes:
        """Compares one scope record by record."""
        self._spend(caller.device)

        def compare(connection: Connection) -> m.CheckAnswer:
            assignments = read_assignments(connection, caller, self.settings, pushing=False)
            return check.answer(connection, assignments, ask, self.greeting(assignments))

        answer = self._in_transaction(compare, **_SNAPSHOT)
        _log.info("check", extra={"device": hashed(caller.device), "records": len(answer.put), "want": len(answer.want)})
        return codec.encode_check_answer(answer)

    def _in_transaction(self, work: Callable[[Connection], T], **options: Any) -> T:
        for attempt in range(_TRIES):
            try:
                with self.engine.connect() as connection:
                    chosen = connection.execution_options(**options) if options else connection
                    with chosen.begin():
                        return work(chosen)
            except (OperationalError, errors.OperationalError) as trouble:
                if not isinstance(getattr(trouble, "orig", trouble), _AGAIN) or attempt == _TRIES - 1:
                    raise
        raise AssertionError

    def enrol(self, body: bytes) -> m.Enrolled:
        """Enrols a device against a one-use code."""
        return self._enrolled(enrol(self.engine, codec.decode_plain(m.EnrolAsk, body)))

    def rekey(self, caller: Caller, body: bytes) -> m.Enrolled:
        """Gives one of two laptops with the same device id an id of its own."""
        self._spend(caller.device)
        made = rekey(self.engine, caller, codec.decode_plain(m.RekeyAsk, body))
        _log.warning("rekeyed", extra={"device": hashed(caller.device)})
        return self._enrolled(made)

    def _enrolled(self, found: Enrolment) -> m.Enrolled:
        with self.engine.connect() as connection:
            epoch = epoch_of(connection, found.epoch, timeline=self.settings.timeline)
        caller = found.caller
        return m.Enrolled(
            user=caller.user,
            name=caller.name,
            role=caller.role,
            job_title=caller.job_title,
            team=caller.team,
            team_name=found.team_name,
            device=caller.device,
            server_key=self.key.public,
            epoch=epoch,
            practice=self.settings.practice,
            now_ms=self.settings.clock_ms(),
        )

    def health(self) -> dict[str, Any]:
        """Whether the database answers."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))
        return {"status": "ok", "postgres": self.postgres, "practice": self.settings.practice}


def create_app(settings: Settings) -> FastAPI:
    """The service on a database that is already migrated. Raises UnsafeRole if the serving role could pass the walls."""
    service = Service(settings)
    app = FastAPI(title="visitapp", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.service = service
    _add_problems(app, service)
    _add_routes(app, service)
    app.add_middleware(LastResort, service=service)
    return app


def _add_routes(app: FastAPI, service: Service) -> None:
    @app.get("/v1/health", summary="Whether the service and its database answer")
    def health() -> dict[str, Any]:
        return service.health()

    @app.get("/v1/authority", summary="The private authority behind this service's certificate")
    def authority() -> Response:
        known = service.settings.authority
        return Response(known, 200 if known else 404, _HEADERS, "application/x-pem-file")

    @app.post("/v1/enrol", summary="Enrol a device by a one-use code", openapi_extra=_takes("application/json"))
    async def enrol_device(request: Request) -> Response:
        place = request.client.host if request.client else ""
        wait_s = service.wrong_tries.wait_s(place)
        if wait_s:
            return _refusal(service, "busy", 429, retry_after_s=wait_s)
        async with service.intake.body(request.stream(), _ENROL_LIMIT) as body:
            try:
                enrolled = await run_in_threadpool(service.enrol, body)
            except Refused:
                service.wrong_tries.note(place)
                raise
        return Response(codec.encode_plain(enrolled), media_type="application/json", headers=_HEADERS)

    @app.post("/v1/push", summary="Hand in a batch of changes", openapi_extra=_takes(_PACKED))
    async def push_ops(request: Request) -> Response:
        return await _signed(service, request, codec.decode_push, service.push)

    @app.post("/v1/pull", summary="Fetch what is new", openapi_extra=_takes(_PACKED))
    async def pull_feeds(request: Request) -> Response:
        return await _signed(service, request, codec.decode_pull, service.pull)

    @app.post("/v1/check", summary="Compare one scope record by record", openapi_extra=_takes(_PACKED))
    async def check_scope(request: Request) -> Response:
        return await _signed(service, request, codec.decode_check, service.check)

    @app.post("/v1/rekey", summary="Ask for a device id of its own", openapi_extra=_takes("application/json"))
    async def rekey_device(request: Request) -> Response:
        async with _from_somebody(service, request), service.intake.body(request.stream(), _ENROL_LIMIT) as body:
            mark, signature, covered = _mark_of(request, body)

            def work() -> m.Enrolled:
                return service.rekey(sign_in(service.engine, mark, signature, covered, service.settings.clock_ms()), body)

            enrolled = await run_in_threadpool(work)
        return Response(codec.encode_plain(enrolled), media_type="application/json", headers=_HEADERS)


_STRANGE: Final = frozenset({"signature", "unknown-device", "replay"})


@asynccontextmanager
async def _from_somebody(service: Service, request: Request) -> AsyncIterator[None]:
    """Whoever can't say who asks is slowed down by the place it comes from, before the database is asked."""
    place = request.client.host if request.client else ""
    wait_s = service.strangers.wait_s(place)
    if wait_s:
        raise Refused("busy", 429, wait_s)
    try:
        yield
    except (Refused, Malformed) as problem:
        if problem.code in _STRANGE or isinstance(problem, Malformed):
            service.strangers.spend(place)
        raise


def _mark_of(request: Request, body: bytes) -> tuple[Mark, bytes, bytes]:
    """Who says to have signed a request, the signature, and what it covers. Raises Malformed."""
    mark, signature = read_header(request.headers.get(HEADER, ""))
    return mark, signature, signed_text(request.method, request.url.path, body, mark)


async def _signed(
    service: Service, request: Request, decode: Callable[[bytes, str], Message], handle: Callable[[Caller, Message], bytes]
) -> Response:
    async with _from_somebody(service, request), service.intake.body(request.stream(), m.MAX_UNPACKED) as body:
        mark, signature, covered = _mark_of(request, body)
        encoding = request.headers.get("Content-Encoding", "")

        def work() -> bytes:
            read: list[Message] = []

            def counter() -> int:
                # Nothing is unpacked for whoever cannot prove who asks.
                read.append(decode(body, encoding))
                if read[0].hello.device != mark.device:
                    raise Malformed
                return read[0].hello.counter

            caller = sign_in(service.engine, mark, signature, covered, service.settings.clock_ms(), counter)
            return handle(caller, read[0])

        packed = await run_in_threadpool(work)
    return Response(packed, media_type=_PACKED, headers={**_HEADERS, "Content-Encoding": codec.CONTENT_ENCODING})


def _takes(media_type: str) -> dict[str, Any]:
    shape = {"type": "object"} if media_type == "application/json" else {"type": "string", "format": "binary"}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": shape}}}}


def _refusal(service: Service, code: str, status: int, *, retry_after_s: int = 0, limit: int = 0) -> Response:
    incident = new_id()[-12:]
    _log.warning("refused", extra={"refused": code, "status": status, "incident": incident})
    body = codec.encode_plain(m.Refusal(code, service.settings.clock_ms(), incident, limit))
    headers = {**_HEADERS, "Retry-After": str(retry_after_s)} if retry_after_s else _HEADERS
    return Response(body, status, headers, "application/json")


class LastResort:
    """The outermost layer: logs every request, and answers a bug without a word of what it was about."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and waits for its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def listen(message: Event) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        route = scope["path"][:40]
        try:
            await self._app(scope, receive, listen)
        except Exception as bug:  # noqa: BLE001 - whatever it is, its text may hold what nobody should read
            name = type(bug.orig if isinstance(bug, DBAPIError) else bug).__name__
            _log.error("failed", extra={"error": name, "route": route})
            if not status:
                await _refusal(self._service, "failed", 500)(scope, receive, listen)
        took = {"ms": round((time.perf_counter() - start) * 1000, 1), "status": status}
        _log.info("request", extra={"route": route, **took})


_STATUS: Final[dict[type[ProtocolProblem], int]] = {Malformed: 400, TooLarge: 413, TooMany: 413, UnsupportedVersion: 426}


def _add_problems(app: FastAPI, service: Service) -> None:
    @app.exception_handler(Refused)
    async def refused(_: Request, problem: Refused) -> Response:
        return _refusal(service, problem.code, problem.status, retry_after_s=problem.retry_after_s)

    @app.exception_handler(TooSlow)
    async def slow(_: Request, problem: TooSlow) -> Response:
        return _refusal(service, "busy", 408)

    @app.exception_handler(TooBusy)
    async def full(_: Request, problem: TooBusy) -> Response:
        return _refusal(service, "busy", 503, retry_after_s=5)

    @app.exception_handler(ProtocolProblem)
    async def malformed(_: Request, problem: ProtocolProblem) -> Response:
        limit = problem.facts.get("limit", 0)
        status = _STATUS.get(type(problem), 400)
        return _refusal(service, problem.code, status, limit=limit if isinstance(limit, int) else 0)

    @app.exception_handler(OperationalError)
    @app.exception_handler(errors.OperationalError)
    @app.exception_handler(PoolTimeout)
    async def busy(_: Request, problem: Exception) -> Response:
        _log.error("database", extra={"error": type(getattr(problem, "orig", problem)).__name__})
        return _refusal(service, "busy", 503, retry_after_s=5)
