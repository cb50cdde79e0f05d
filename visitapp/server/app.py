"""The service over HTTP: every route, who may use it, and how a difficulty is answered."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed, ProtocolProblem, TooLarge, TooMany, UnsupportedVersion
from visitapp.protocol.requests import receipts_text
from visitapp.server import audit, check, pull, push
from visitapp.server.access import Assignments, epoch_of, may_read_timeline, read_assignments, version_of
from visitapp.server.admin.handover import hand_drafts_on
from visitapp.server.anchors import add_anchors
from visitapp.server.answers import KnownForms
from visitapp.server.custody import Wanted, wanted
from visitapp.server.custody_doors import add_custody
from visitapp.server.database import administering, make_engine, refuse_mighty_role
from visitapp.server.database import version_of as postgres_version
from visitapp.server.doors import HEADERS, PLAIN_LIMIT, refusal, signed, signed_plain
from visitapp.server.gate import Denial, Forbidden, log_denials, require, require_reader
from visitapp.server.glass import add_glass
from visitapp.server.health import Contacts
from visitapp.server.limits import Intake, Pace, TooBusy, TooSlow, WrongTries
from visitapp.server.logs import hashed
from visitapp.server.operations import asks
from visitapp.server.providers import Provider
from visitapp.server.settings import Settings
from visitapp.server.shapes import described
from visitapp.server.signin import Caller, Enrolment, Refused, ServerKey, enrol, rekey, set_identity
from visitapp.server.web.routes import add_office

_log: Final = logging.getLogger(__name__)

_TRIES: Final = 3
_AGAIN: Final = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
_SNAPSHOT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

_AUTHORITY: Final[dict[str, Any]] = {
    "openapi_extra": asks("authority"),
    "response_class": Response,
    "responses": {
        200: {"description": "Its certificate", "content": {"application/x-pem-file": {}}},
        404: {"description": "There is none", "content": {"application/x-pem-file": {}}},
    },
}

T = TypeVar("T")


class Service:
    """What the routes share: engine, key and settings."""

    def __init__(self, settings: Settings, *, connects: bool = True) -> None:
        self.engine: Engine = make_engine(settings.serving_url, size=settings.pool)
        self.settings, self.postgres = self._met(settings) if connects else (settings, "")
        # Connects only when there is something to hand on.
        self.owner = make_engine(settings.owner_url, size=1) if settings.owner_url else None
        self.contacts = Contacts(self.owner)
        self.key = ServerKey(settings.key)
        self.wrong_tries = WrongTries()
        self.forms = KnownForms()
        self.intake = Intake()
        self.pace = Pace(settings.per_minute, settings.burst)
        self.strangers = Pace(2 * settings.per_minute, 2 * settings.burst)

    def _met(self, settings: Settings) -> tuple[Settings, str]:
        try:
            refuse_mighty_role(self.engine)
            with self.engine.connect() as connection:
                found = replace(settings, timeline=may_read_timeline(connection))
            return found, postgres_version(self.engine)
        except BaseException:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Lets go of every connection."""
        self.engine.dispose()
        if self.owner:
            self.owner.dispose()

    def _spend(self, who: str) -> None:
        wait_s = self.pace.spend(who)
        if wait_s:
            raise Refused("busy", 429, wait_s)

    def denied(self, user: str, device: str, denials: Sequence[Denial]) -> None:
        """Writes down what somebody was not allowed."""
        if not denials:
            return
        log_denials(user, denials)
        try:
            with self.engine.begin() as connection:
                set_identity(connection, user=user, device=device)
                audit.note_denials(connection, user, device, denials)
        except SQLAlchemyError as trouble:
            # It stands in the log; whoever handed in work beside it must still get her receipts.
            _log.error("audit", extra={"error": type(trouble).__name__})

    def greeting(self, assignments: Assignments, also: Wanted = Wanted()) -> m.Greeting:
        """Line 0 of every answer."""
        version = version_of(assignments.caseload())
        s = self.settings
        greeting = m.Greeting(assignments.epoch, s.clock_ms(), version, s.minimum_app, s.latest_app)
        return replace(greeting, lease=also.lease, escrow_to=also.escrow_to)

    def push(self, caller: Caller, message: m.Push) -> bytes:
        """Carries out a batch of ops and signs the receipts. Draining an outbox is not counted: only what changes nothing is."""
        counted = f"{caller.device} push"
        self._spend(counted)

        def carry_out(connection: Connection) -> push.Pushed:
            return push.carry_out(connection, caller, self.settings, message.ops, self.forms)

        done = self._in_transaction(carry_out)
        receipts, heads = push.without_answers(done.receipts) if caller.leaving else done.receipts, done.heads
        greeting = self.greeting(done.assignments)
        if any(head.after > head.before for head in heads):
            self.pace.give_back(counted)
        self._hand_on(caller, push.left_behind(done.assignments, message.ops, receipts))
        self.contacts.pass_on(caller, message.ops, receipts)
        self.denied(caller.user, caller.device, done.denials)
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
        require_reader(caller, "pull")
        if self.settings.is_too_old(ask.hello.app):
            # Handing in is never refused for this: a nurse can always leave her work.
            raise Refused("version", 426)
        missed: list[Denial] = []

        def look(connection: Connection) -> m.PullAnswer:
            assignments = read_assignments(connection, caller, self.settings, pushing=False)
            found = pull.answer(connection, assignments, ask)
            gone = (feed.scope for feed in found.feeds if feed.flag == "gone")
            missed[:] = [Denial("pull", assignments.reading("pull", scope).reason, scope) for scope in gone]
            also = wanted(connection, caller, ask.hello.lease_ms, self.settings.clock_ms(), self.key)
            greeting = self.greeting(assignments, also)
            return m.PullAnswer(greeting, found.caseload, found.feeds, found.more, found.differs)

        answer = self._in_transaction(look, **_SNAPSHOT)
        self.denied(caller.user, caller.device, missed)
        self.contacts.heard(caller, ask.hello.unsent)
        told = {"feeds": len(answer.feeds), "records": sum(len(feed.records) for feed in answer.feeds)}
        _log.info("pull", extra={"device": hashed(caller.device), **told})
        return codec.encode_pull_answer(answer)

    def check(self, caller: Caller, ask: m.CheckAsk) -> bytes:
        """Compares one scope record by record."""
        self._spend(caller.device)
        require_reader(caller, "check")
        missed: list[Denial] = []

        def compare(connection: Connection) -> m.CheckAnswer:
            assignments = read_assignments(connection, caller, self.settings, pushing=False)
            decision = assignments.reading("check", ask.scope)
            missed[:] = [] if decision.allowed else [Denial("check", decision.reason, ask.scope)]
            return check.answer(connection, decision, ask, self.greeting(assignments))

        answer = self._in_transaction(compare, **_SNAPSHOT)
        self.denied(caller.user, caller.device, missed)
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

    def rekey(self, caller: Caller, body: bytes) -> bytes:
        """Gives one of two laptops with the same device id an id of its own."""
        self._spend(caller.device)
        require(caller, "rekey")
        made = rekey(self.engine, caller, codec.decode_plain(m.RekeyAsk, body))
        _log.warning("rekeyed", extra={"device": hashed(caller.device)})
        return codec.encode_plain(self._enrolled(made))

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
    return _made(Service(settings))


def document() -> dict[str, Any]:
    """The OpenAPI document of this version; no database is needed for it, and none is asked."""
    return _made(Service(_NOWHERE, connects=False)).openapi()


_NOWHERE: Final = Settings(
    "postgresql://nobody@127.0.0.1/none", bytes(32), provider=Provider("", "https://127.0.0.1", "", "https://127.0.0.1")
)
"""Settings with everything that makes a route."""


def _made(service: Service) -> FastAPI:
    app = FastAPI(title="visitapp", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.service = service
    _add_problems(app, service)
    _add_routes(app, service)
    add_custody(app, service)
    add_glass(app, service)
    add_anchors(app, service)
    app.state.office = add_office(app, service.engine, service.settings, service.owner, service.intake)
    app.add_middleware(LastResort, service=service)
    return app


def _add_routes(app: FastAPI, service: Service) -> None:
    @app.get("/v1/health", summary="Whether the service and its database answer", **described("health"))
    def health() -> Response:
        return JSONResponse(service.health(), headers=HEADERS)

    @app.get("/v1/authority", summary="The private authority behind this service's certificate", **_AUTHORITY)
    def authority() -> Response:
        known = service.settings.authority
        return Response(known, 200 if known else 404, HEADERS, "application/x-pem-file")

    @app.post("/v1/enrol", summary="Enrol a device by a one-use code", **described("enrol", ask=m.EnrolAsk, answer=m.Enrolled))
    async def enrol_device(request: Request) -> Response:
        place = request.client.host if request.client else ""
        wait_s = service.wrong_tries.wait_s(place)
        if wait_s:
            return refusal(service, "busy", 429, retry_after_s=wait_s)
        async with service.intake.body(request.stream(), PLAIN_LIMIT) as body:
            try:
                enrolled = await run_in_threadpool(service.enrol, body)
            except Refused:
                service.wrong_tries.note(place)
                raise
        return Response(codec.encode_plain(enrolled), media_type="application/json", headers=HEADERS)

    @app.post("/v1/push", summary="Hand in a batch of changes", **described("push", packed=True))
    async def push_ops(request: Request) -> Response:
        return await signed(service, request, "push", codec.decode_push, service.push)

    @app.post("/v1/pull", summary="Fetch what is new", **described("pull", packed=True))
    async def pull_feeds(request: Request) -> Response:
        return await signed(service, request, "pull", codec.decode_pull, service.pull)

    @app.post("/v1/check", summary="Compare one scope record by record", **described("check", packed=True))
    async def check_scope(request: Request) -> Response:
        return await signed(service, request, "check", codec.decode_check, service.check)

    @app.post("/v1/rekey", summary="Ask for a device id of its own", **described("rekey", ask=m.RekeyAsk, answer=m.Enrolled))
    async def rekey_device(request: Request) -> Response:
        return await signed_plain(service, request, "rekey", service.rekey)


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
                await refusal(self._service, "failed", 500)(scope, receive, listen)
        took = {"ms": round((time.perf_counter() - start) * 1000, 1), "status": status}
        _log.info("request", extra={"route": route, **took})


_STATUS: Final[dict[type[ProtocolProblem], int]] = {Malformed: 400, TooLarge: 413, TooMany: 413, UnsupportedVersion: 426}


def _add_problems(app: FastAPI, service: Service) -> None:
    @app.exception_handler(Refused)
    async def refused(_: Request, problem: Refused) -> Response:
        if isinstance(problem, Forbidden):
            await run_in_threadpool(service.denied, problem.user, problem.device, [problem.denial])
        return refusal(service, problem.code, problem.status, retry_after_s=problem.retry_after_s, order=problem.order)

    @app.exception_handler(TooSlow)
    async def slow(_: Request, problem: TooSlow) -> Response:
        return refusal(service, "busy", 408)

    @app.exception_handler(TooBusy)
    async def full(_: Request, problem: TooBusy) -> Response:
        return refusal(service, "busy", 503, retry_after_s=5)

    @app.exception_handler(ProtocolProblem)
    async def malformed(_: Request, problem: ProtocolProblem) -> Response:
        limit = problem.facts.get("limit", 0)
        status = _STATUS.get(type(problem), 400)
        return refusal(service, problem.code, status, limit=limit if isinstance(limit, int) else 0)

    @app.exception_handler(OperationalError)
    @app.exception_handler(errors.OperationalError)
    @app.exception_handler(PoolTimeout)
    async def busy(_: Request, problem: Exception) -> Response:
        _log.error("database", extra={"error": type(getattr(problem, "orig", problem)).__name__})
        return refusal(service, "busy", 503, retry_after_s=5)
