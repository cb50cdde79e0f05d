"""The web administration as tests use it: an administrator with an authenticator app, and a browser without a screen."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from tests.kit.service import ServiceKit, now_ms
from visitapp.server import totp
from visitapp.server.accounts import Accounts, give_account, give_setup_code
from visitapp.server.database import administering

GOOD = "three herons by the lock"
HERE = "http://testserver"


@dataclass
class Clock:
    """The service's clock, which a test moves on."""

    ahead_s: int = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_s * 1000


@dataclass
class Person:
    """Someone with an account and an authenticator app."""

    user: str
    login: str
    clock: Clock
    secret: str = ""
    codes: tuple[str, ...] = ()

    def digits(self) -> str:
        """The next code: half a minute goes by, so that it was not used before."""
        self.clock.ahead_s += totp.STEP_S
        return totp.code_now(self.secret, self.clock() // 1000)


def an_account(
    kit: ServiceKit,
    clock: Clock,
    role: str = "administrator",
    name: str = "Ada Admin",
    team: str = "",
    book: Accounts | None = None,
) -> Person:
    """An account that is set up."""
    user = kit.user(team or kit.team("Office"), role, name)
    with administering(kit.owner) as connection:
        person = Person(user, give_account(connection, user), clock)
        code = give_setup_code(connection, user)
    book = book or kit.app.state.office.accounts
    person.secret = book.begin_setup(code, "test").secret
    person.codes = book.finish_setup(code, GOOD, person.digits(), "test")
    return person


class Forms(HTMLParser):
    """The forms of a page: by their address the fields as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._action = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a form or one of its fields."""
        told = dict(attrs)
        if tag == "form":
            self._action = told.get("action") or ""
            self.found[self._action] = {}
        if tag == "input" and told.get("name") and self._action:
            box = told.get("type") in ("checkbox", "radio")
            if not box or "checked" in told:
                self.found[self._action][str(told["name"])] = told.get("value") or ""
        if tag == "select":
            self._select = str(told.get("name"))
        if tag == "option" and "selected" in told:
            self.found[self._action][self._select] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """Notes the end of a form."""
        if tag == "form":
            self._action = ""


@dataclass
class Browser:
    """Pages and forms over HTTP, with cookies and an origin, as a browser sends them."""

    kit: ServiceKit
    http: TestClient = field(init=False)
    page: str = ""

    def __post_init__(self) -> None:
        self.http = TestClient(self.kit.app, raise_server_exceptions=False, follow_redirects=False)

    def get(self, path: str) -> Any:
        """A page; redirects are followed."""
        answer = self.http.get(path)
        while answer.status_code == 303:
            answer = self.http.get(answer.headers["location"])
        self.page = answer.text
        return answer

    def forms(self) -> dict[str, dict[str, str]]:
        """The forms of the page that is shown."""
        parser = Forms()
        parser.feed(self.page)
        return parser.found

    def send(self, action: str, origin: str | None = HERE, **fields: str) -> Any:
        """Sends a form of the page that is shown, some fields filled in; answers the page that comes."""
        told = {**self.forms().get(action, {}), **fields}
        headers = {"content-type": "application/x-www-form-urlencoded", **({"origin": origin} if origin else {})}
        answer = self.http.post(action, content=urlencode(told), headers=headers)
        self.page = answer.text
        return self.get(answer.headers["location"]) if answer.status_code == 303 else answer

    def sign_in(self, person: Person) -> Any:
        """Signs in."""
        self.get("/admin/sign-in")
        return self.send("/admin/sign-in", login=person.login, password=GOOD, digits=person.digits())

    def told(self) -> str:
        """The words of the page that is shown."""
        text = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", self.page)
        return re.sub(r"\s+", " ", text)
