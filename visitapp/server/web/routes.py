"""Every address of the web administration, each made of a page or a form and its row in the table of operations."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from sqlalchemy import Engine

from visitapp.protocol.problems import TooLarge
from visitapp.server import sessions
from visitapp.server.accounts import Accounts
from visitapp.server.limits import Intake, TooBusy, TooSlow
from visitapp.server.operations import asks
from visitapp.server.providers import Provider
from visitapp.server.settings import Settings
from visitapp.server.web import devices, families, oversight, people
from visitapp.server.web.front import Front, account_pages
from visitapp.server.web.office import HEADERS, HOME, STYLE, Office
from visitapp.server.web.organisation import Ways
from visitapp.server.web.pages import Form, Page, Wrong

if TYPE_CHECKING:
    from visitapp.server.oidc import Organisation

_SUBJECTS: Final = (oversight, people, families, devices)
_SMALL: Final = 16 * 1024
_NAMES: Final = re.compile(r"\{(\w+)\}")
_ON: Final = 303
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": words, **({} if status == _ON else {"content": {"text/html": {}, "text/css": {}}})}
    for status, words in (
        (200, "A page"),
        (_ON, "On to another page, or to sign in"),
        (403, "Not allowed, or not sent by a page of this service"),
        (404, "There is no such thing"),
        (409, "Not possible as things are"),
        (413, "Too large, or not readable"),
        (422, "Something typed cannot be taken"),
        (429, "Too many wrong tries"),
        (503, "Busy"),
    )
}
_UPLOAD: Final = {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}
_FORM: Final = {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}

Answer = Callable[[Request], Awaitable[Response]]


def add_office(app: FastAPI, engine: Engine, settings: Settings, owner: Engine | None, intake: Intake) -> Office:
    """Adds the web administration to the service."""
    office = Office(engine, settings, owner, intake, Accounts(engine, settings))
    router = APIRouter(prefix=HOME)
    front = Front(office, organisation=settings.provider.name if settings.provider else "")
    _add_front(router, office, front)
    if settings.provider:
        _add_organisation(router, Ways(office, front, _organisation(settings.provider)))
    own_pages, own_forms = account_pages(office)
    for page in (*(page for subject in _SUBJECTS for page in subject.PAGES), *own_pages):
        _add(router, "GET", page.path, page.operation, _shows(office, page))
    for form in (*(form for subject in _SUBJECTS for form in subject.FORMS), *own_forms):
        _add(router, "POST", form.path, form.operation, _carries_out(office, form))
    app.include_router(router)
    return office


def _shows(office: Office, page: Page) -> Answer:
    async def show(request: Request) -> Response:
        return await office.show(request, page)

    return show


def _carries_out(office: Office, form: Form) -> Answer:
    async def carry_out(request: Request) -> Response:
        return await office.carry_out(request, form)

    return carry_out


def _add(router: APIRouter, method: str, path: str, operation: str, answer: Answer) -> None:
    told: dict[str, Any] = {"requestBody": _UPLOAD if path == "/packs" else _FORM} if method == "POST" else {}
    if names := _NAMES.findall(path):
        told["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    router.add_api_route(
        path,
        answer,
        methods=[method],
        response_class=Response,
        responses=_ANSWERS if operation != "web.assets" else {200: {"description": "The style sheet", "content": {"text/css": {}}}},
        openapi_extra=asks(operation, **told),
        summary=f"Web administration: {operation}",
        operation_id=f"{method.lower()}{path.replace('/', '_').replace('{', '').replace('}', '').replace('-', '_')}_admin",
    )


def _add_front(router: APIRouter, office: Office, front: Front) -> None:
    mark = hashlib.sha256(STYLE).hexdigest()[:16]

    async def style(request: Request) -> Response:
        # The only thing here that may be kept, and it says nothing of anybody.
        kept = {**HEADERS, "Cache-Control": "public, max-age=300", "ETag": f'"{mark}"'}
        return Response(STYLE, 200, kept, "text/css; charset=utf-8")

    async def sign_in_page(request: Request) -> Response:
        return front.sign_in_page(request)

    async def set_up_page(request: Request) -> Response:
        return front.set_up_page(request)

    async def sign_out(request: Request) -> Response:
        return await _sign_out(office, request)

    _add(router, "GET", "/style.css", "web.assets", style)
    _add(router, "GET", "/sign-in", "account.sign-in", sign_in_page)
    _add(router, "POST", "/sign-in", "account.sign-in", front.sign_in)
    _add(router, "GET", "/set-up", "account.second-factor", set_up_page)
    _add(router, "POST", "/set-up", "account.second-factor", front.set_up)
    _add(router, "POST", "/sign-out", "account.sign-out", sign_out)


def _organisation(provider: Provider) -> "Organisation":
    # Only where there is one: the library costs a third of the service's start.
    from visitapp.server.oidc import Organisation

    return Organisation(provider)


def _add_organisation(router: APIRouter, ways: Ways) -> None:
    _add(router, "GET", "/oidc/start", "account.oidc-start", ways.start)
    _add(router, "GET", "/oidc/callback", "account.oidc-callback", ways.callback)
    _add(router, "GET", "/oidc/confirm", "account.step-up", ways.confirm)
    _add(router, "GET", "/oidc/confirmed", "account.step-up", ways.confirmed)


async def _sign_out(office: Office, request: Request) -> Response:
    try:
        told, _ = await office.told(request, _SMALL)
    except (TooLarge, TooSlow, TooBusy, Wrong):
        return office.trouble(request, 413, "What was sent could not be read.", "You are still signed in. Try again.")
    token = request.cookies.get(office.session_cookie(request), "")

    def work() -> Response:
        if not token or not office.is_from_here(request) or told.get("token") != sessions.form_token(token):
            return office.go(request, f"{HOME}/sign-in")
        with office.engine.begin() as connection:
            sessions.end_session(connection, token)
        answer = office.go(request, f"{HOME}/sign-in", "signed-out")
        office.drop_cookie(request, answer, office.session_cookie(request))
        return answer

    return await office.guarded(request, work)
