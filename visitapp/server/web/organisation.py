"""To the organisation's sign-in and back: by links, never by a form, so that our own policy lets no form leave."""

import base64
import hmac
import json
import logging
import secrets
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Request, Response

from visitapp.server import sessions
from visitapp.server.accounts import SignInRefused
from visitapp.server.audit import note
from visitapp.server.web.front import Front
from visitapp.server.web.office import HOME, Office
from visitapp.server.web.pages import Shown

if TYPE_CHECKING:
    from visitapp.server.oidc import Journey, Organisation

_log: Final = logging.getLogger(__name__)
_COOKIE: Final = "visitapp-journey"
_LONGEST_S: Final = 600
_NONCE: Final = 12


class Ways:
    """The three addresses of a journey: out, out to confirm, and back."""

    def __init__(self, office: Office, front: Front, organisation: "Organisation") -> None:
        self._office = office
        self._front = front
        self._organisation = organisation
        self._key = hmac.digest(office.settings.key, b"visitapp-journey", "sha256")

    async def start(self, request: Request) -> Response:
        """Out, to sign in."""
        return await self._office.guarded(request, lambda: self._set_out(request, confirms=False))

    async def confirm(self, request: Request) -> Response:
        """Out, to show again who one is; only for whoever is signed in."""

        def work() -> Response:
            with self._office.engine.begin() as connection:
                session = self._office.session(connection, request)
            return self._set_out(request, confirms=True) if session else self._office.go(request, f"{HOME}/sign-in")

        return await self._office.guarded(request, work)

    async def callback(self, request: Request) -> Response:
        """Back again, with what the organisation says."""
        return await self._office.guarded(request, lambda: self._come_back(request))

    def _set_out(self, request: Request, *, confirms: bool) -> Response:
        from visitapp.server.oidc import NotSignedIn

        try:
            url, journey = self._organisation.begin(confirms=confirms)
        except NotSignedIn as problem:
            return self._refused(request, problem.why)
        answer = self._office.go(request, url)
        # Strict would keep it at home: the answer comes from the organisation's site.
        self._office.set_cookie(request, answer, _COOKIE, self._sealed(journey), lax=True)
        return answer

    def _come_back(self, request: Request) -> Response:
        from visitapp.server.oidc import NotSignedIn

        journey = self._opened(request.cookies.get(_COOKIE, ""))
        try:
            if journey is None:
                raise NotSignedIn("journey")
            subject = self._organisation.finish(journey, dict(request.query_params))
            holder = self._office.accounts.by_subject(subject)
        except (NotSignedIn, SignInRefused) as problem:
            return self._refused(request, getattr(problem, "why", "no-account"))
        if journey.confirms:
            return self._confirmed(request, holder.user)
        with self._office.engine.begin() as connection:
            token = sessions.open_session(connection, holder, "organisation")
            note(connection, holder.user, "account.sign-in", holder.user, "organisation")
        return self._home(request, token)

    def _confirmed(self, request: Request, user: str) -> Response:
        """A strict cookie does not come along from another site: the page that is shown fetches the rest by itself."""
        answer = self._office.page(request, Shown("arrived.html", {"to": f"{HOME}/oidc/confirmed"}))
        self._office.drop_cookie(request, answer, _COOKIE)
        proof = {"user": user, "at_s": int(time.time())}
        self._office.set_cookie(request, answer, _COOKIE, self._seal(proof))
        return answer

    async def confirmed(self, request: Request) -> Response:
        """The last step of confirming: the session of the same account, and no other, counts as fresh."""

        def work() -> Response:
            proof = self._open(request.cookies.get(_COOKIE, "")) or {}
            with self._office.engine.begin() as connection:
                session = self._office.session(connection, request)
                if session is None:
                    return self._office.go(request, f"{HOME}/sign-in")
                if proof.get("user") != session.holder.user or not _recent(proof.get("at_s"), 60):
                    return self._refused(request, "confirm")
                sessions.mark_fresh(connection, session.token)
            answer = self._office.go(request, HOME, "fresh")
            self._office.drop_cookie(request, answer, _COOKIE)
            return answer

        return await self._office.guarded(request, work)

    def _home(self, request: Request, token: str) -> Response:
        answer = self._office.page(request, Shown("arrived.html", {"to": HOME}))
        self._office.set_cookie(request, answer, self._office.session_cookie(request), token)
        self._office.drop_cookie(request, answer, _COOKIE)
        return answer

    def _refused(self, request: Request, why: str) -> Response:
        _log.warning("refused", extra={"refused": "organisation", "step": why})
        name = self._organisation.provider.name
        happened = f"The sign-in with {name} did not work."
        do = "You are not signed in. Try again; if it happens twice, ask whoever manages accounts whether yours is linked here."
        answer = self._office.trouble(request, 403, happened, do)
        self._office.drop_cookie(request, answer, _COOKIE)
        return answer

    # ---- what the browser takes along, readable and changeable by nobody but us ----

    def _sealed(self, journey: "Journey") -> str:
        return self._seal(asdict(journey))

    def _opened(self, kept: str) -> "Journey | None":
        from visitapp.server.oidc import Journey

        told: dict[str, Any] = self._open(kept) or {}
        try:
            journey = Journey(**told)
        except TypeError:
            return None
        return journey if _recent(journey.at_s, _LONGEST_S) else None

    def _seal(self, told: dict[str, object]) -> str:
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + AESGCM(self._key).encrypt(nonce, json.dumps(told).encode(), None)).decode()

    def _open(self, kept: str) -> dict[str, object] | None:
        try:
            raw = base64.urlsafe_b64decode(kept.encode())
            found = json.loads(AESGCM(self._key).decrypt(raw[:_NONCE], raw[_NONCE:], None))
        except (InvalidTag, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _recent(at_s: object, longest_s: int) -> bool:
    return isinstance(at_s, int) and 0 <= time.time() - at_s + 1 <= longest_s
