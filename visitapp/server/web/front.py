"""The way in and out: sign-in, set-up by a one-use code, one's own account, and signing out."""

import secrets
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from sqlalchemy import text

from visitapp.protocol.problems import TooLarge
from visitapp.server import sessions
from visitapp.server.accounts import CodeRefused, NotAccepted, SignInRefused
from visitapp.server.audit import note
from visitapp.server.limits import TooBusy, TooSlow
from visitapp.server.passwords import SHORTEST, why_refused
from visitapp.server.web.office import HOME, Office
from visitapp.server.web.pages import Call, Done, Form, Page, Shown, Wrong

_BEFORE: Final = "visitapp-before"
_NO_MATCH: Final = "That did not match. Check user name, password and code; a code works once and for half a minute."


class Front:
    """Forms of somebody who is not signed in yet; a cookie of this browser ties each to the page it came from."""

    def __init__(self, office: Office, *, organisation: str = "") -> None:
        self._office = office
        self._organisation = organisation

    # ---- signing in ----

    def sign_in_page(self, request: Request, wrong: str = "", login: str = "", status: int = 200) -> Response:
        """The page with user name, password and code, all at once: what of them was wrong is never told."""
        facts = {
            "wrong": wrong,
            "login": login,
            "organisation": self._organisation,
            "practice_code": self._office.practice_code(),
        }
        return self._anonymous(request, "sign-in.html", facts, status)

    async def sign_in(self, request: Request) -> Response:
        """Opens a new session for whoever shows all three; a session from before is never taken over."""
        told = await self._told(request)
        if isinstance(told, Response):
            return told

        def work() -> Response:
            login = told.get("login", "")
            try:
                holder = self._office.accounts.sign_in(
                    login, told.get("password", ""), told.get("digits", ""), self._office.place_of(request)
                )
            except SignInRefused:
                self._note_refusal()
                return self.sign_in_page(request, _NO_MATCH, login[:64], 403)
            with self._office.engine.begin() as connection:
                token = sessions.open_session(connection, holder, "password")
                note(connection, holder.user, "account.sign-in", holder.user)
            return self.enter(request, token)

        return await self._office.guarded(request, work)

    def _note_refusal(self) -> None:
        """Into the audit, without what was typed: a password typed into the wrong field must not stand there."""
        with self._office.engine.begin() as connection:
            note(connection, "", "denied account.sign-in")

    def enter(self, request: Request, token: str, to: str = HOME) -> Response:
        """Takes the new session's cookie to the first page."""
        answer = self._office.go(request, to)
        self._office.set_cookie(request, answer, self._office.session_cookie(request), token)
        self._office.drop_cookie(request, answer, _BEFORE)
        return answer

    # ---- setting up ----

    def set_up_page(self, request: Request, wrong: str = "") -> Response:
        """The page that takes a one-use code."""
        return self._anonymous(request, "set-up.html", {"wrong": wrong}, 422 if wrong else 200)

    async def set_up(self, request: Request) -> Response:
        """First the code, then password and second factor; at the end the recovery codes, once."""
        told = await self._told(request)
        if isinstance(told, Response):
            return told
        return await self._office.guarded(request, lambda: self._set_up(request, told))

    def _set_up(self, request: Request, told: dict[str, str]) -> Response:
        accounts, place, code = self._office.accounts, self._office.place_of(request), told.get("code", "")
        try:
            enrolment = accounts.begin_setup(code, place)
            facts = {"enrolment": enrolment, "code": code, "wrong": "", "shortest": SHORTEST}
            if "digits" not in told:
                return self._anonymous(request, "set-up-account.html", facts)
            try:
                if told.get("password", "") != told.get("again", ""):
                    raise NotAccepted("The two passwords are not the same.")
                codes = accounts.finish_setup(code, told.get("password", ""), told["digits"], place)
            except NotAccepted as problem:
                return self._anonymous(request, "set-up-account.html", {**facts, "wrong": problem.why}, 422)
        except CodeRefused:
            return self.set_up_page(request, "This code is wrong, used, or older than a day. Ask an administrator for a new one.")
        return self._anonymous(request, "set-up-done.html", {"codes": codes, "login": enrolment.holder.login})

    # ---- what these forms share ----

    def _anonymous(self, request: Request, template: str, facts: Mapping[str, object], status: int = 200) -> Response:
        before = request.cookies.get(_BEFORE, "") or secrets.token_urlsafe(32)
        answer = self._office.page(request, Shown(template, {**facts, "token": sessions.form_token(before)}), None, status)
        self._office.set_cookie(request, answer, _BEFORE, before)
        return answer

    async def _told(self, request: Request) -> dict[str, str] | Response:
        """The form's fields, if it comes from a page that this browser was shown."""
        try:
            told, _ = await self._office.told(request, 16 * 1024)
        except (TooLarge, TooSlow, TooBusy, Wrong):
            return self._office.trouble(request, 413, "What was sent could not be read.", "Nothing was changed. Try again.")
        before = request.cookies.get(_BEFORE, "")
        expected = sessions.form_token(before)
        if not before or not self._office.is_from_here(request) or not secrets.compare_digest(told.get("token", ""), expected):
            happened = "This form did not come from a page of this service, or your browser keeps no cookies."
            return self._office.trouble(request, 403, happened, "Nothing was changed. Load the page again and try once more.")
        return told


def _account(call: Call) -> Shown:
    left = call.connection.execute(
        text(
            "select count(*) from recovery_code r join credential c on c.user_id = r.user_id"
            " where r.user_id = :me and r.used_at is null and r.made_at >= c.set_at"
        ),
        {"me": call.session.holder.user},
    ).scalar_one()
    facts = {"left": left, "shortest": SHORTEST, "by_password": call.session.via == "password"}
    return Shown("account.html", facts)


def account_pages(office: Office) -> tuple[tuple[Page, ...], tuple[Form, ...]]:
    """One's own account: password, recovery codes, other sessions."""

    def change_password(call: Call) -> Done:
        holder = call.session.holder
        if call.told.get("password", "") != call.told.get("again", ""):
            raise Wrong("The two passwords are not the same.")
        why = why_refused(call.told["password"], holder.name, holder.login)
        if why:
            raise Wrong(why)
        kept = office.accounts.passwords.kept(call.told["password"])
        values = {"me": holder.user, "kept": kept}
        changed = call.connection.execute(text("update credential set password = :kept where user_id = :me"), values)
        if changed.rowcount != 1:
            raise Wrong("Your organisation keeps your password; change it there.")
        sessions.end_others(call.connection, call.session)
        return Done(f"{HOME}/account", "password")

    pages = (Page("/account", "account.sessions", _account),)
    forms = (Form("/account/password", "account.password", change_password, fresh=True),)
    return pages, forms
