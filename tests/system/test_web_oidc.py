"""Signing in with the organisation, against a provider on loopback: the good way, and every way that must not open a session."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import text

from tests.kit import provider as fakes
from tests.kit.office import Browser
from tests.kit.provider import SECRET, LocalProvider
from tests.kit.service import ServiceKit
from visitapp.server.accounts import give_account
from visitapp.server.database import administering
from visitapp.server.folder import Databases
from visitapp.server.providers import Provider, read_provider

HOME = "https://visits.example"


@dataclass
class Scene:
    """A service whose administrators sign in with a provider."""

    kit: ServiceKit
    provider: LocalProvider
    user: str

    def browser(self) -> Browser:
        return Browser(self.kit)

    def out(self, browser: Browser, to: str = "/admin/oidc/start") -> str:
        """Goes out to the provider; answers the address to which it sends the browser back."""
        started = browser.http.get(to)
        assert started.status_code == 303, started.text
        back = httpx2.get(started.headers["location"], follow_redirects=False)
        assert back.headers["location"].startswith(f"{HOME}/admin/oidc/callback?")
        return back.headers["location"].removeprefix(HOME)

    def sign_in(self, browser: Browser) -> Any:
        return browser.http.get(self.out(browser))


@pytest.fixture
def scene(databases: Databases) -> Iterator[Scene]:
    provider = LocalProvider()
    told = Provider("the trust", provider.issuer, "visitapp", HOME, secret=SECRET)
    kit = ServiceKit(databases, provider=told)
    user = kit.user(kit.team(), "administrator", "Ada Admin")
    with administering(kit.owner) as connection:
        give_account(connection, user, subject="subject-1")
    yield Scene(kit, provider, user)
    kit.close()
    provider.close()


def is_in(browser: Browser) -> bool:
    return "Sign out" in browser.get("/admin").text


def test_the_good_way(scene: Scene) -> None:
    browser = scene.browser()
    assert "Sign in with the trust" in browser.get("/admin/sign-in").text
    arrived = scene.sign_in(browser)
    assert arrived.status_code == 200
    assert 'content="0; url=/admin"' in arrived.text
    assert "SameSite=strict" in arrived.headers["set-cookie"]
    assert is_in(browser)
    assert scene.kit.sql("select via from web_session") == [("organisation",)]


def test_the_service_proves_who_it_is_by_its_own_key(databases: Databases, tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048)
    provider = LocalProvider(client_key=key)
    (tmp_path / "client.pem").write_bytes(key.as_pem(private=True))
    file = tmp_path / "oidc.json"
    file.write_text(
        f'{{"issuer": "{provider.issuer}", "client_id": "visitapp", "address": "{HOME}", "private_key_file": "client.pem"}}'
    )
    kit = ServiceKit(databases, provider=read_provider(file))
    user = kit.user(kit.team(), "administrator")
    with administering(kit.owner) as connection:
        give_account(connection, user, subject="subject-1")
    try:
        browser = Browser(kit)
        Scene(kit, provider, user).sign_in(browser)
        assert is_in(browser), provider.refusals
    finally:
        kit.close()
        provider.close()


def test_each_request_has_its_own_state_nonce_and_challenge(scene: Scene) -> None:
    for _ in range(3):
        scene.out(scene.browser())
    asked = list(scene.provider.asked.values())
    assert all(each.method == "S256" and len(each.challenge) == 43 and len(each.state) >= 43 for each in asked)
    assert len({value for each in asked for value in (each.state, each.nonce, each.challenge)}) == 9


def drop(*names: str) -> Callable[[dict[str, Any]], None]:
    return lambda claims: [claims.pop(name, None) for name in names] and None  # type: ignore[func-returns-value]


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.update(values)


SPOILED: dict[str, Callable[[dict[str, Any]], None]] = {
    "another issuer": put(iss="https://evil.example"),
    "no issuer": drop("iss"),
    "for another client": put(aud="another"),
    "for several, by another": put(aud=["visitapp", "another"], azp="another"),
    "for nobody": drop("aud"),
    "expired": put(exp=int(time.time()) - 3600),
    "without an end": drop("exp"),
    "made yesterday": put(iat=int(time.time()) - 86_400),
    "made tomorrow": put(iat=int(time.time()) + 86_400),
    "another nonce": put(nonce="another"),
    "no nonce": drop("nonce"),
    "about nobody": drop("sub"),
    "about a stranger": put(sub="subject-2"),
    "about the empty name": put(sub=""),
    "for another access token": put(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "by password alone": put(amr=["pwd"]),
    "without a word of how": drop("amr"),
    "with how as one word": put(amr="mfa"),
}


def test_no_spoiled_token_opens_a_session(scene: Scene) -> None:
    for name, spoil in SPOILED.items():
        scene.provider.spoil = spoil
        browser = scene.browser()
        assert scene.sign_in(browser).status_code == 403, name
        assert not is_in(browser), name
    assert scene.kit.sql("select 1 from web_session") == []
    scene.provider.spoil = fakes.nothing
    browser = scene.browser()
    scene.sign_in(browser)
    assert is_in(browser), "with nothing spoiled it works, or the cases above prove nothing"


SIGNED = {
    "not at all": fakes.unsigned,
    "by the public key as a secret": fakes.by_public_key,
    "by the client's secret": fakes.by_client_secret,
    "by a published secret": fakes.by_published_secret,
    "by a stranger under the same name": fakes.by_stranger,
    "by a key nobody published": fakes.by_unknown_key,
    "by a key it brings along": fakes.with_its_own_key,
}


def test_no_token_that_is_wrongly_signed_opens_a_session(scene: Scene) -> None:
    for name, sign in SIGNED.items():
        scene.provider.sign = sign
        browser = scene.browser()
        assert scene.sign_in(browser).status_code == 403, name
        assert not is_in(browser), name
    assert scene.kit.sql("select 1 from web_session") == []


def changed(address: str, **values: str | None) -> str:
    where = urlsplit(address)
    told = {**dict(parse_qsl(where.query)), **values}
    return str(httpx2.URL(where.path, params={name: value for name, value in told.items() if value is not None}))


def test_an_answer_belongs_to_the_browser_and_the_request_it_was_made_for(scene: Scene) -> None:
    to_theirs = scene.out(scene.browser())
    stolen = dict(parse_qsl(urlsplit(to_theirs).query))["code"]
    cases: dict[str, dict[str, str | None]] = {
        "another browser's code in mine": {"code": stolen},
        "no state": {"state": None},
        "another state": {"state": "x" * 64},
        "no code": {"code": None},
        "an error": {"error": "access_denied"},
        "another issuer": {"iss": "https://evil.example"},
    }
    for name, difference in cases.items():
        browser = scene.browser()
        assert browser.http.get(changed(scene.out(browser), **difference)).status_code == 403, name
    assert "pkce" in scene.provider.refusals, "the stolen code met a verifier that was not made for it"
    mine = scene.browser()
    scene.out(mine)
    assert mine.http.get(scene.out(scene.browser())).status_code == 403, "login CSRF: another browser's whole answer"
    assert scene.browser().http.get(scene.out(scene.browser())).status_code == 403, "who never went out cannot come back"
    assert scene.kit.sql("select 1 from web_session") == []


def test_an_answer_works_once(scene: Scene) -> None:
    browser = scene.browser()
    back = scene.out(browser)
    kept = dict(browser.http.cookies)
    assert browser.http.get(back).status_code == 200
    again = scene.browser()
    again.http.cookies = httpx2.Cookies(kept)
    assert again.http.get(back).status_code == 403


def test_nothing_in_the_address_sends_a_browser_elsewhere(scene: Scene) -> None:
    browser = scene.browser()
    for words in (
        "next=https://evil.example",
        "redirect_uri=https://evil.example",
        "return_to=//evil.example",
        "done=https://evil",
    ):
        started = browser.http.get(f"/admin/oidc/start?{words}")
        assert started.headers["location"].startswith(f"{scene.provider.issuer}/authorize?")
        assert "evil" not in started.headers["location"]
        arrived = browser.http.get(scene.out(browser) + "&" + words)
        assert "evil" not in arrived.text + str(arrived.headers)


def test_a_closed_account_is_out_at_once(scene: Scene) -> None:
    browser = scene.browser()
    scene.sign_in(browser)
    scene.kit.sql("update member set active = false where id = :user returning 1", user=scene.user)
    assert not is_in(browser)
    assert scene.sign_in(scene.browser()).status_code == 403


def test_confirming_is_a_fresh_sign_in_of_the_same_person(scene: Scene) -> None:
    kit, provider = scene.kit, scene.provider
    browser = scene.browser()
    scene.sign_in(browser)

    def grow_old() -> None:
        kit.sql("update web_session set stepped_at = now() - interval '1 hour' returning 1")

    def is_fresh() -> bool:
        return bool(kit.sql("select 1 from web_session where stepped_at > now() - interval '1 minute'"))

    grow_old()
    browser.get("/admin/people/new")
    assert "Confirm with your organisation" in browser.send("/admin/people", name="X Y", role="nurse", team="t").text
    back = scene.out(browser, "/admin/oidc/confirm")
    assert next(iter(provider.asked.values())).max_age == "0"
    assert "/admin/oidc/confirmed" in browser.http.get(back).text
    assert "Confirmed" in browser.get("/admin/oidc/confirmed").text
    assert is_fresh()

    grow_old()
    provider.spoil = put(auth_time=int(time.time()) - 3600)
    assert browser.http.get(scene.out(browser, "/admin/oidc/confirm")).status_code == 403
    provider.spoil = fakes.nothing
    other = kit.user(kit.team(), "administrator", "Sam Second")
    with administering(kit.owner) as connection:
        give_account(connection, other, subject="subject-2")
        connection.execute(text("select 1"))
    provider.subject = "subject-2"
    browser.http.get(scene.out(browser, "/admin/oidc/confirm"))
    assert browser.http.get("/admin/oidc/confirmed").status_code == 403
    assert browser.http.get("/admin/oidc/confirmed").status_code == 403
    assert not is_fresh()


WRONG_FILES = {
    "no secret": {"client_secret_file": None},
    "an issuer in the clear": {"issuer": "http://login.example"},
    "an address in the clear": {"address": "http://visits.example"},
    "nothing that counts as a second factor": {"amr": []},
}


@pytest.mark.parametrize("told", WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_description_that_would_be_unsafe_is_refused(told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    good = {"issuer": "https://login.example", "client_id": "v", "address": HOME, "client_secret_file": "secret"}
    file = tmp_path / "oidc.json"
    file.write_text(json.dumps(good))
    assert read_provider(file).secret == SECRET
    file.write_text(json.dumps({**good, **told}))
    with pytest.raises(ValueError, match=r"one of them|not https|second factor"):
        read_provider(file)
