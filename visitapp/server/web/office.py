"""What every page and form has in common: session, token, decision, second factor, log of deeds, and how it looks."""

import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jinja2
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request as BareRequest

from visitapp.protocol.problems import TooLarge
from visitapp.server import totp
from visitapp.server.accounts import Accounts, SignInRefused, TooOften, practice_secret
from visitapp.server.admin.handover import hand_drafts_on
from visitapp.server.admin.people import NotFound, NotPossible
from visitapp.server.audit import note, note_denials
from visitapp.server.database import administering
from visitapp.server.decision import decide
from visitapp.server.gate import Denial, log_denials
from visitapp.server.ids import new_id
from visitapp.server.limits import Intake, TooBusy, TooSlow
from visitapp.server.operations import OPERATIONS
from visitapp.server.passwords import Crowded
from visitapp.server.sessions import Session, mark_fresh, read_session
from visitapp.server.settings import Settings
from visitapp.server.signin import set_identity
from visitapp.server.web.pages import Call, Form, Page, Shown, Wrong, question
from visitapp.server.web.words import NOTICES, PLACES, ROLE_WORDS, STATE_WORDS, deed_told, moment, reference

_log: Final = logging.getLogger(__name__)
HOME: Final = "/admin"
_FOLDER: Final = Path(__file__).parent
STYLE: Final = (_FOLDER / "style.css").read_bytes()
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: a browser would then send no origin with a form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), clipboard-read=()",
}
_YEAR_S: Final = 365 * 24 * 3600


class Office:
    """The web administration of one service."""

    def __init__(self, engine: Engine, settings: Settings, owner: Engine | None, intake: Intake, accounts: Accounts) -> None:
        self.engine = engine
        self.settings = settings
        self.accounts = accounts
        self._owner = owner
        self._intake = intake
        loader = jinja2.FileSystemLoader(_FOLDER / "templates")
        self._templates = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters.update(
            deed=deed_told,
            moment=moment,
            reference=reference,
            pairs=_pairs,
            role=ROLE_WORDS.__getitem__,
            state=STATE_WORDS.__getitem__,
        )

    # ---- cookies and where a request comes from ----

    def session_cookie(self, request: Request) -> str:
        """The name of the cookie that holds a session; with TLS one that no other host can set."""
        return "__Host-visitapp" if request.url.scheme == "https" else "visitapp-office"

    def set_cookie(self, request: Request, response: Response, name: str, value: str, *, lax: bool = False) -> None:
        """A cookie of this browser's session that scripts never see; `lax` lets a link from elsewhere bring it along."""
        secure = request.url.scheme == "https"
        response.set_cookie(
            name, value, path="/" if secure else HOME, secure=secure, httponly=True, samesite="lax" if lax else "strict"
        )

    def drop_cookie(self, request: Request, response: Response, name: str) -> None:
        """Takes a cookie away."""
        secure = request.url.scheme == "https"
        response.delete_cookie(name, path="/" if secure else HOME, secure=secure, httponly=True, samesite="strict")

    @staticmethod
    def place_of(request: Request) -> str:
        """The address a request comes from."""
        return request.client.host if request.client else ""

    @staticmethod
    def is_from_here(request: Request) -> bool:
        """Whether a form was sent by a page of ours: browsers say so with every form, and no page can make them lie."""
        origin = urlsplit(request.headers.get("origin", ""))
        return bool(origin.netloc) and (origin.scheme, origin.netloc) == (request.url.scheme, request.headers.get("host", ""))

    # ---- answers ----

    def page(self, request: Request, shown: Shown, session: Session | None = None, status: int = 200) -> Response:
        """A page drawn from its template."""
        facts = {
            "session": session,
            "token": session.form_token() if session else "",
            "places": self._places(session) if session else (),
            "here": request.url.path,
            "notice": NOTICES.get(request.query_params.get("done", ""), "") if request.method == "GET" else "",
            "wrong": "",
            "practice": self.settings.practice,
            **shown.facts,
        }
        drawn = self._templates.get_template(shown.template).render(facts)
        return Response(drawn, status, self._headers(request), "text/html; charset=utf-8")

    def go(self, request: Request, to: str, said: str = "") -> Response:
        """On to another page of ours."""
        where = f"{to}?done={said}" if said else to
        return Response(status_code=303, headers={**self._headers(request), "Location": where})

    def trouble(self, request: Request, status: int, happened: str, do: str, session: Session | None = None) -> Response:
        """What went wrong, what is safe, and what to do."""
        return self.page(request, Shown("trouble.html", {"happened": happened, "do": do}), session, status)

    def _headers(self, request: Request) -> dict[str, str]:
        secure = {"Strict-Transport-Security": f"max-age={_YEAR_S}"} if request.url.scheme == "https" else {}
        return {**HEADERS, **secure}

    @staticmethod
    def _places(session: Session) -> tuple[tuple[str, str], ...]:
        return tuple((path, word) for path, word, operation in PLACES if session.holder.role in _roles_of(operation))

    # ---- requests ----

    async def told(self, request: Request, limit: int = 64 * 1024) -> tuple[dict[str, str], dict[str, bytes]]:
        """What a form holds: its fields, and its files. Raises Wrong, TooLarge, TooSlow, TooBusy."""
        async with self._intake.body(request.stream(), limit) as body:
            sent = [{"type": "http.request", "body": body, "more_body": False}]

            async def once() -> dict[str, Any]:
                return sent.pop()

            try:
                async with BareRequest(request.scope, once).form(max_files=1, max_fields=60, max_part_size=limit) as form:
                    fields = {name: value for name, value in form.items() if isinstance(value, str)}
                    files = {name: await value.read() for name, value in form.items() if isinstance(value, UploadFile)}
            except (MultiPartException, UnicodeDecodeError):
                raise Wrong("The form could not be read.") from None
        if any("\0" in value for value in fields.values()):
            raise Wrong("The form could not be read.")
        return fields, files

    async def show(self, request: Request, page: Page) -> Response:
        """Answers a page."""

        def work() -> Response:
            with self.engine.begin() as connection:
                session = self.session(connection, request)
                if session is None:
                    return self.go(request, f"{HOME}/sign-in")
                call = Call(connection, session, request.path_params, dict(request.query_params))
                self._judge(call, page.operation, call.names.get("user", ""))
                shown = page.show(call)
                if page.noted:
                    note(connection, session.holder.user, page.operation, call.about, call.words)
            return self.page(request, shown, session)

        return await self.guarded(request, work)

    async def carry_out(self, request: Request, form: Form) -> Response:
        """Answers a form."""
        try:
            told, files = await self.told(request, form.limit)
        except (TooLarge, TooSlow, TooBusy, Wrong):
            return self.trouble(
                request, 413, "What was sent is too large or could not be read.", "Nothing was changed. Go back and try again."
            )
        return await self.guarded(request, lambda: self._carry_out(request, form, told, files))

    def _carry_out(self, request: Request, form: Form, told: Mapping[str, str], files: Mapping[str, bytes]) -> Response:
        with self.engine.begin() as connection:
            session = self.session(connection, request)
        if session is None:
            return self.go(request, f"{HOME}/sign-in", "over")
        if not self.is_from_here(request) or not _same(told.get("token", ""), session.form_token()):
            return self.trouble(request, 403, "This form did not come from a page of this service.", _AGAIN, session)
        if form.fresh and (asked := self._step_up(request, session, told)):
            return asked
        with self.engine.begin() as connection:
            session = self.session(connection, request)
            if session is None:
                return self.go(request, f"{HOME}/sign-in", "over")
            call = Call(connection, session, request.path_params, told, files)
            self._judge(call, form.operation, call.names.get("user", ""))
            try:
                with connection.begin_nested():
                    outcome = form.carry_out(call)
            except Wrong as wrong:
                return self.trouble(request, 422, wrong.why, "Nothing was changed. Go back, mend it, and try again.", session)
            note(connection, session.holder.user, form.operation, call.about, call.words)
        self._hand_over(call.handed_over)
        return self.page(request, outcome, session) if isinstance(outcome, Shown) else self.go(request, outcome.to, outcome.said)

    def _step_up(self, request: Request, session: Session, told: Mapping[str, str]) -> Response | None:
        """Asks for the second factor again where it is not fresh, with the form kept as it was; None to go on."""
        if session.is_fresh:
            return None
        wrong = ""
        if told.get("digits") and session.via == "password":
            try:
                self.accounts.confirm(session.holder, told["digits"], self.place_of(request))
            except SignInRefused:
                wrong = "That code did not match, or it was used before. Wait for the next one, then try again."
            else:
                with self.engine.begin() as connection:
                    if read_session(connection, session.token):
                        mark_fresh(connection, session.token)
                return None
        kept = {name: value for name, value in told.items() if name not in ("digits", "token")}
        facts = {"kept": kept, "wrong": wrong, "practice_code": self.practice_code()}
        return self.page(request, Shown("step-up.html", facts), session, 403 if wrong else 200)

    def practice_code(self) -> str:
        """On a practice server the code that is right just now, for its invented accounts; empty on a real one."""
        if not self.settings.practice:
            return ""
        return totp.code_now(practice_secret(self.settings.key), self.settings.clock_ms() // 1000)

    def session(self, connection: Connection, request: Request) -> Session | None:
        """Who is signed in, if anybody."""
        token = request.cookies.get(self.session_cookie(request), "")
        return read_session(connection, token) if token else None

    def _judge(self, call: Call, operation: str, user: str) -> None:
        decision = decide(question(call.connection, call.session, operation, user))
        if not decision.allowed:
            raise _Denied(call.session, Denial(operation, decision.reason, user))

    def _hand_over(self, left: set[tuple[str, str]]) -> None:
        """Nobody's session may see a draft; the service moves them itself, and without its owner they wait for a person."""
        if self._owner and left:
            with administering(self._owner) as connection:
                for nurse in {nurse for nurse, _ in left}:
                    hand_drafts_on(connection, nurse, [family for whose, family in left if whose == nurse])

    def _note_denial(self, user: str, denial: Denial) -> None:
        log_denials(user, [denial])
        with self.engine.begin() as connection:
            set_identity(connection, user=user)
            note_denials(connection, user, "", [denial])

    async def guarded(self, request: Request, work: Callable[[], Response]) -> Response:
        """Does the work on a thread, and answers every difficulty with a page."""
        try:
            return await run_in_threadpool(work)
        except _Denied as denied:
            self._note_denial(denied.session.holder.user, denied.denial)
            return self.trouble(
                request, 403, "Your account may not do this.", "Nothing was changed. Ask whoever manages accounts.", denied.session
            )
        except (NotFound, NotPossible) as trouble:
            status = 404 if isinstance(trouble, NotFound) else 409
            return self.trouble(request, status, f"{str(trouble)[:1].upper()}{str(trouble)[1:]}.", _AGAIN)
        except TooOften as often:
            minutes = -(-often.wait_s // 60)
            waits = f"Too many wrong tries. The next one can be made in {minutes} minute{'s' if minutes > 1 else ''}."
            answer = self.trouble(
                request, 429, waits, "Nothing was changed. If it was not you who tried, tell your service's support."
            )
            answer.headers["Retry-After"] = str(often.wait_s)
            return answer
        except (OperationalError, PoolTimeout, Crowded):
            return self.trouble(request, 503, "The service is busy just now.", "Nothing was changed. Try again in a minute.")
        except Exception as bug:  # noqa: BLE001 - whatever it is, its text may hold what nobody should read
            incident = new_id()[-12:]
            name = type(bug.orig if isinstance(bug, DBAPIError) else bug).__name__
            _log.error("failed", extra={"error": name, "route": "/admin", "incident": incident})
            return self.trouble(
                request,
                500,
                "Something went wrong in the service.",
                f"Nothing was changed. Tell your service's support: {incident}.",
            )


_AGAIN: Final = "Nothing was changed. Go back, load the page again, and try once more."


class _Denied(Exception):
    def __init__(self, session: Session, denial: Denial) -> None:
        super().__init__(denial.operation)
        self.session = session
        self.denial = denial


def _pairs(rows: Iterable[Mapping[str, Any]], value: str, word: str) -> list[tuple[Any, Any]]:
    return [(row[value], row[word]) for row in rows]


def _same(told: str, expected: str) -> bool:
    return hmac.compare_digest(told.encode(), expected.encode())


def _roles_of(operation: str) -> frozenset[str]:
    return frozenset(role.value for role in OPERATIONS[operation].roles)
