"""The web administration over HTTP on a real database: what an administrator does, what is refused, and what is never shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from tests.kit.office import GOOD, HERE, Browser, Clock, Person, an_account
from tests.kit.service import Laptop, ServiceKit, a_draft, a_family, a_person
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.fingerprints import device_digits
from visitapp.protocol.messages import GlassAsk
from visitapp.server.accounts import give_account, practise
from visitapp.server.database import administering
from visitapp.server.folder import Databases
from visitapp.server.passwords import Passwords
from visitapp.server.sessions import read_session


@dataclass
class Scene:
    """A service with an administrator who is signed in, and two nurses of one team."""

    kit: ServiceKit
    clock: Clock
    ada: Person
    browser: Browser
    team: str
    nurses: tuple[Laptop, Laptop]


@pytest.fixture
def scene(databases: Databases) -> Iterator[Scene]:
    clock = Clock()
    kit = ServiceKit(databases, clock_ms=clock)
    kit.app.state.office.accounts.passwords = Passwords(memory_kib=1024, rounds=1)
    ada = an_account(kit, clock)
    team = kit.team("North")
    nurses = kit.laptop(kit.user(team, name="Ann Example")), kit.laptop(kit.user(team, name="Bea Example"))
    browser = Browser(kit)
    assert "Today" in browser.sign_in(ada).text
    yield Scene(kit, clock, ada, browser, team, nurses)
    kit.close()


def ids(kit: ServiceKit, words: str, **values: str) -> list[str]:
    return [row[0] for row in kit.sql(words, **values)]


# ---- what an administrator does -------------------------------------------------------------------------------------------


def test_a_team_a_person_and_a_code_with_which_she_begins(scene: Scene) -> None:
    browser = scene.browser
    browser.get("/admin/teams")
    assert "The team is there." in browser.send("/admin/teams", name="South").text
    [team] = ids(scene.kit, "select id from team where name = 'South'")
    browser.get("/admin/people/new")
    answer = browser.send("/admin/people", name="Łucja <b>Nowak</b>", role="nurse", team=team, job_title="Family nurse")
    assert "Łucja &lt;b&gt;Nowak&lt;/b&gt;" in answer.text
    [nurse] = ids(scene.kit, "select id from member where team = :team", team=team)
    code = browser.send(f"/admin/people/{nurse}/laptop-code").text
    [typed] = re.findall(r"<code>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})</code>", code)
    laptop = Laptop(scene.kit.http)
    enrolled = laptop.enrol(typed)
    assert (enrolled.name, enrolled.role, enrolled.team_name) == ("Łucja <b>Nowak</b>", "nurse", "South")
    laptop.pull()
    assert laptop.body(f"u:{nurse}", next(iter(laptop.held[f"u:{nurse}"])))["name"] == "Łucja <b>Nowak</b>"


def test_a_second_administrator_sets_herself_up_with_her_code(scene: Scene) -> None:
    browser, kit = scene.browser, scene.kit
    browser.get("/admin/people/new")
    browser.send("/admin/people", name="Sam Second", role="administrator", team=scene.team)
    [sam] = ids(kit, "select id from member where name = 'Sam Second'")
    [code] = re.findall(r"<code>([A-Z0-9-]{14})</code>", browser.send(f"/admin/people/{sam}/account").text)
    other = Browser(kit)
    other.get("/admin/set-up")
    other.send("/admin/set-up", code=code.lower())
    secret = "".join(re.findall(r"<code>([A-Z2-7 ]+)</code>", other.page)[0].split())
    person = Person(sam, "sam.second", scene.clock, secret)
    assert "not the same" in other.send("/admin/set-up", password=GOOD, again="another", digits=person.digits()).text
    done = other.send("/admin/set-up", password=GOOD, again=GOOD, digits=person.digits())
    assert len(re.findall(r"<li><code>", done.text)) == 8
    assert "Sam Second" in other.sign_in(person).text


def test_all_families_go_to_another_nurse_and_her_drafts_with_them_unseen(scene: Scene) -> None:
    kit, browser = scene.kit, scene.browser
    ann, bea = scene.nurses
    opening = a_family(name="Okafor")
    draft = a_draft(ann.user, opening.id, note="She told me about the bruise")
    assert ann.outcomes(opening, a_person(opening.id), draft) == ["ok"] * 3
    said: list[str] = []
    event.listen(kit.app.state.service.engine, "handle_error", lambda context: said.append(str(context.original_exception)))
    browser.get(f"/admin/people/{ann.user}")
    answer = browser.send(f"/admin/people/{ann.user}/hand-over", to=bea.user)
    assert "All families are handed over." in answer.text
    ann.pull()
    bea.pull()
    assert f"f:{opening.id}" not in ann.caseload
    assert bea.caseload[f"f:{opening.id}"] == "nurse"
    assert bea.body(f"u:{bea.user}", draft.id)["left_by"] == ann.user
    assert "bruise" not in answer.text
    assert said == []


def test_cover_begins_and_ends_by_itself(scene: Scene) -> None:
    ann, bea = scene.nurses
    opening = a_family()
    ann.push(opening)
    scene.browser.get(f"/admin/people/{ann.user}")
    to = f"/admin/people/{ann.user}/cover"
    assert "has to end after" in scene.browser.send(to, by=bea.user, **{"from": "2026-01-02", "until": "2026-01-01"}).text
    scene.browser.get(f"/admin/people/{ann.user}")
    assert "arranged" in scene.browser.send(to, by=bea.user, **{"from": "2020-01-01", "until": "2099-12-31"}).text
    bea.pull()
    ann.pull()
    assert bea.caseload[f"f:{opening.id}"] == ann.caseload[f"f:{opening.id}"] == "nurse"
    [until] = ids(scene.kit, "select until_at from assignment where user_id = :b and scope = :f", b=bea.user, f=f"f:{opening.id}")
    assert str(until).startswith("2100-01-01 00:00:00")


def test_a_family_is_given_and_taken(scene: Scene) -> None:
    ann, bea = scene.nurses
    opening = a_family()
    ann.push(opening)
    page = f"/admin/families/{opening.id}"
    scene.browser.get(page)
    assert "is given" in scene.browser.send(f"{page}/give", to=bea.user).text
    bea.pull()
    assert bea.caseload[f"f:{opening.id}"] == "nurse"
    assert "Ended." in scene.browser.send(f"{page}/end", whose=ann.user).text
    ann.pull()
    assert f"f:{opening.id}" not in ann.caseload


def test_the_name_of_a_family_shows_only_where_the_service_says_so(scene: Scene) -> None:
    opening = a_family(name="Okafor-Łuczak", address="4 Mill Lane")
    scene.nurses[0].push(opening, a_family(name="Nul\u0000l"))
    assert "Okafor" not in scene.browser.get("/admin/families").text
    scene.browser.get("/admin/settings")
    scene.browser.send("/admin/settings", family_names="on")
    shown = scene.browser.get("/admin/families").text
    assert "Okafor-Łuczak" in shown
    assert "Mill Lane" not in shown
    auditor = Browser(scene.kit)
    auditor.sign_in(an_account(scene.kit, scene.clock, "auditor", "Gus Auditor", scene.team))
    assert "Okafor" not in auditor.get("/admin/families").text


def test_a_new_laptop_waits_until_its_digits_were_compared(scene: Scene) -> None:
    kit, browser = scene.kit, scene.browser
    browser.get("/admin/settings")
    browser.send("/admin/settings", approve_devices="on")
    laptop = Laptop(kit.http)
    laptop.enrol(kit.code(scene.nurses[0].user))
    ask = codec.encode_pull(m.PullAsk(laptop.hello(), 0, ()))
    refused = laptop.send("/v1/pull", ask)
    assert (refused.status_code, refused.json()["code"]) == (403, "pending")
    assert "new laptop waits for approval" in browser.get("/admin").text
    page = f"/admin/devices/{laptop.device}"
    assert device_digits(laptop.key.public_key().public_bytes_raw()) in browser.get(page).text
    assert "tick that you did" in browser.send(f"{page}/approve").text
    browser.get(page)
    assert "is let in" in browser.send(f"{page}/approve", compared="yes").text
    laptop.pull()
    assert laptop.caseload


def test_a_laptop_is_blocked_and_let_in_again(scene: Scene) -> None:
    laptop = scene.nurses[0]
    page = f"/admin/devices/{laptop.device}"
    scene.browser.get(page)
    scene.browser.send(f"{page}/block")
    with pytest.raises(AssertionError, match="blocked"):
        laptop.pull()
    scene.browser.send(f"{page}/unblock")
    laptop.pull()


def test_a_wipe_needs_the_digits_and_one_at_once_two_administrators(scene: Scene) -> None:
    laptop, kit = scene.nurses[0], scene.kit
    page = f"/admin/devices/{laptop.device}"
    last = device_digits(laptop.key.public_key().public_bytes_raw())[-4:]
    sam = Browser(kit)
    sam.sign_in(an_account(kit, scene.clock, name="Sam Second"))
    scene.browser.get(f"{page}/wipe")
    assert "not those" in scene.browser.send(f"{page}/wipe", last="0000" if last != "0000" else "1111").text
    assert ids(kit, "select state from device where id = :d", d=laptop.device) == ["active"]
    scene.browser.get(f"{page}/wipe")
    assert "The wipe is ordered" in scene.browser.send(f"{page}/wipe", last=last).text
    for _ in range(2):
        scene.browser.get(f"{page}/wipe")
        assert "second administrator" in scene.browser.send(f"{page}/wipe-now", last=last).text
    sam.get(f"{page}/wipe")
    assert "Both administrators agree" in sam.send(f"{page}/wipe-now", last=last).text


def test_somebody_who_leaves_is_out_at_once_everywhere(scene: Scene) -> None:
    kit = scene.kit
    sam = Browser(kit)
    person = an_account(kit, scene.clock, name="Sam Second")
    sam.sign_in(person)
    scene.browser.get(f"/admin/people/{person.user}")
    assert "closed" in scene.browser.send(f"/admin/people/{person.user}/close").text
    assert "Sign in" in sam.get("/admin").text
    assert "did not match" in sam.sign_in(person).text
    scene.browser.get(f"/admin/people/{scene.nurses[0].user}")
    scene.browser.send(f"/admin/people/{scene.nurses[0].user}/close")
    with pytest.raises(AssertionError, match="blocked"):
        scene.nurses[0].pull()


def test_another_role_is_another_view(scene: Scene) -> None:
    ann, bea = scene.nurses
    ann.push(a_family())
    scene.browser.get(f"/admin/people/{ann.user}")
    assert "hand them over first" in scene.browser.send(f"/admin/people/{ann.user}/change", role="supervisor").text
    scene.browser.get(f"/admin/people/{bea.user}")
    scene.browser.send(f"/admin/people/{bea.user}/change", role="supervisor", job_title="Team lead")
    bea.pull()
    assert sorted(bea.caseload.values()).count("review") == 1


def test_a_practice_server_shows_its_code_and_a_real_one_never(scene: Scene, databases: Databases) -> None:
    assert "practice server" not in Browser(scene.kit).get("/admin/sign-in").text
    user = scene.kit.user(scene.team, "administrator", "Imogen Example")
    with administering(scene.kit.owner) as connection:
        login = give_account(connection, user)
        password = practise(connection, scene.kit.settings.key, user)
    practice = ServiceKit(databases, practice=True)
    browser = Browser(practice)
    [code] = re.findall(r"<strong>(\d{3} \d{3})</strong>", browser.get("/admin/sign-in").text)
    assert "Imogen Example" in browser.send("/admin/sign-in", login=login, password=password, digits=code).text
    practice.close()


# ---- what is refused --------------------------------------------------------------------------------------------------------


def test_every_page_needs_a_session_and_a_stolen_page_gives_none(scene: Scene) -> None:
    stranger = Browser(scene.kit)
    paths = [path for path, told in scene.kit.app.openapi()["paths"].items() if path.startswith("/admin") and "get" in told]
    some = scene.nurses[0].user
    for path in paths:
        answer = stranger.http.get(re.sub(r"\{\w+\}", some, path))
        if path not in ("/admin/sign-in", "/admin/set-up", "/admin/style.css"):
            assert (answer.status_code, answer.headers["location"]) == (303, "/admin/sign-in"), path


def test_every_form_needs_its_token_and_our_own_origin(scene: Scene) -> None:
    browser = scene.browser
    forms = [path for path, told in scene.kit.app.openapi()["paths"].items() if path.startswith("/admin") and "post" in told]
    assert len(forms) > 20
    browser.get("/admin/teams")
    token = browser.forms()["/admin/teams"]["token"]
    some = scene.nurses[0].user
    before = scene.kit.sql("select count(*) from member"), scene.kit.sql("select count(*) from team")
    for path in forms:
        if path.endswith(("sign-out", "sign-in", "set-up")) or "/oidc/" in path:
            continue
        address = re.sub(r"\{\w+\}", some, path)
        for told, origin in (
            ({"token": "0" * 64}, HERE),
            ({}, HERE),
            ({"token": token}, "https://evil.example"),
            ({"token": token}, None),
        ):
            headers = {"origin": origin} if origin else {}
            assert browser.http.post(address, data=told, headers=headers).status_code == 403, (path, told, origin)
        assert browser.http.post(address, data={"token": token}, headers={"origin": "null"}).status_code == 403
    assert before == (scene.kit.sql("select count(*) from member"), scene.kit.sql("select count(*) from team"))


def test_no_other_site_can_sign_a_browser_in(scene: Scene) -> None:
    """Login CSRF: a form with somebody else's name and password needs a page that this browser was shown."""
    ready = {"login": scene.ada.login, "password": GOOD, "digits": scene.ada.digits()}
    victim = Browser(scene.kit)
    assert victim.http.post("/admin/sign-in", data=ready, headers={"origin": HERE}).status_code == 403
    victim.get("/admin/sign-in")
    assert victim.send("/admin/sign-in", origin="https://evil.example", **ready).status_code == 403
    other = Browser(scene.kit)
    other.get("/admin/sign-in")
    token = other.forms()["/admin/sign-in"]["token"]
    assert victim.send("/admin/sign-in", **ready, token=token).status_code == 403


def test_signing_in_makes_a_new_session_whatever_the_browser_brought(scene: Scene) -> None:
    """Session fixation: neither a cookie that was put there nor the session from before lives on."""
    fixed = Browser(scene.kit)
    fixed.http.cookies.set("visitapp-office", "chosen-by-somebody-else", domain="testserver.local", path="/admin")
    fixed.sign_in(scene.ada)
    kept = [cookie.value for cookie in fixed.http.cookies.jar if cookie.name == "visitapp-office"]
    assert "Sign out" in fixed.get("/admin").text
    with_fixed = httpx2.Cookies({"visitapp-office": "chosen-by-somebody-else"})
    stranger = Browser(scene.kit)
    stranger.http.cookies = with_fixed
    assert "Sign in" in stranger.get("/admin").text
    assert len(scene.kit.sql("select 1 from web_session")) == 2
    assert any(len(value or "") > 40 for value in kept)


def test_signing_out_ends_the_session_and_not_only_the_cookie(scene: Scene) -> None:
    kept = dict(scene.browser.http.cookies)
    scene.browser.get("/admin")
    assert "signed out" in scene.browser.send("/admin/sign-out").text
    thief = Browser(scene.kit)
    thief.http.cookies = httpx2.Cookies(kept)
    assert "Sign in" in thief.get("/admin").text


def test_another_password_ends_the_other_sessions_and_only_those(scene: Scene) -> None:
    other, sam = Browser(scene.kit), Browser(scene.kit)
    other.sign_in(scene.ada)
    sam.sign_in(an_account(scene.kit, scene.clock, name="Sam Second"))
    scene.browser.get("/admin/account")
    to = "/admin/account/password"
    assert "not the same" in scene.browser.send(to, password="four quiet grey seals", again="four").text
    scene.browser.get("/admin/account")
    assert "is changed" in scene.browser.send(to, password="four quiet grey seals", again="four quiet grey seals").text
    assert "Sign in" in other.get("/admin").text
    assert "Sign out" in sam.get("/admin").text
    assert "did not match" in other.sign_in(scene.ada).text


def test_with_tls_cookies_are_this_hosts_alone_and_plain_http_is_forgotten(scene: Scene) -> None:
    browser = Browser(scene.kit)
    browser.http = TestClient(scene.kit.app, base_url="https://testserver", follow_redirects=False)
    browser.get("/admin/sign-in")
    told = {**browser.forms()["/admin/sign-in"], "login": scene.ada.login, "password": GOOD, "digits": scene.ada.digits()}
    assert browser.http.post("/admin/sign-in", data=told, headers={"origin": HERE}).status_code == 403, "a page without TLS"
    answer = browser.http.post("/admin/sign-in", data=told, headers={"origin": "https://testserver"})
    [session] = [cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("__Host-visitapp")]
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure"} <= {part.strip() for part in session.split(";")}
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


HOSTILE = (
    "", " ", "\u202e\u0000", "'; drop table member; --", "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "%s%n", "../../x", "🦔" * 50,
    "9" * 400, "2026-02-30", "0001-01-01", "9999-12-31", "-1", "null", "on", "nurse", "\ud7ff\ufffe", "ed25519:zz", "\r\nSet-Cookie: a=b",
)  # fmt: skip


def test_no_words_in_any_form_bring_the_service_down_or_come_back_as_markup(scene: Scene) -> None:
    browser, kit = scene.browser, scene.kit
    ann = scene.nurses[0]
    opening = a_family()
    ann.push(opening)
    names = {"user": ann.user, "device": scene.nurses[1].device, "family": opening.id, "team": scene.team}
    fields = (
        "name",
        "role",
        "team",
        "job_title",
        "login",
        "to",
        "by",
        "from",
        "until",
        "whose",
        "for",
        "last",
        "signer",
        "compared",
    )
    browser.get("/admin/teams")
    token = browser.forms()["/admin/teams"]["token"]
    forms = [path for path, told in kit.app.openapi()["paths"].items() if path.startswith("/admin") and "post" in told]
    for path in forms:
        if path.endswith(("sign-out", "close", "password")):
            continue
        address = re.sub(r"\{(\w+)\}", lambda found: names[found[1]], path)
        for place in range(0, len(HOSTILE), 3):
            words = HOSTILE[place]
            told = {name: HOSTILE[(place + n) % len(HOSTILE)] for n, name in enumerate(fields)}
            answer = browser.http.post(address, data={**told, "token": token, "for": words}, headers={"origin": HERE})
            assert answer.status_code < 500, (path, told, answer.text)
            assert "<img src=x" not in answer.text
            assert "set-cookie" not in answer.headers or path.endswith(("sign-in", "set-up"))
    assert "Sign out" in browser.get("/admin").text


def test_an_auditor_sees_who_opened_which_family_and_why(scene: Scene) -> None:
    opening = a_family()
    ann, bea = scene.nurses
    ann.push(opening)
    ask = GlassAsk(opening.id, "She rang from <outside> the clinic")
    assert bea.send("/v1/glass", codec.encode_plain(ask)).status_code == 200
    auditor = Browser(scene.kit)
    auditor.sign_in(an_account(scene.kit, scene.clock, "auditor", "Gus Auditor", scene.team))
    shown = auditor.get("/admin/opened").text
    assert "Bea Example" in shown
    assert "She rang from &lt;outside&gt; the clinic" in shown
    assert scene.browser.http.get("/admin/opened").status_code == 403


def test_the_lease_of_laptops_is_set_within_bounds(scene: Scene) -> None:
    browser = scene.browser
    browser.get("/admin/settings")
    assert browser.send("/admin/settings", lease="91").status_code == 409
    for told in ("a week", "-3", "", "1" * 30):
        browser.get("/admin/settings")
        assert browser.send("/admin/settings", lease=told).status_code == 422, told
    browser.get("/admin/settings")
    assert "The settings are kept." in browser.send("/admin/settings", lease="7").text
    assert ids(scene.kit, "select lease_days from custody_policy") == [7]
    assert ids(scene.kit, "select told from audit where what = 'policy.change' order by n desc limit 1") == ["lease 7 days"]


def test_what_is_refused_and_who_signs_in_stands_in_the_audit_without_what_was_typed(scene: Scene) -> None:
    stranger = Browser(scene.kit)
    stranger.get("/admin/sign-in")
    stranger.send("/admin/sign-in", login="my secret password typed here", password="x", digits="1")
    scene.browser.http.get("/admin/audit")
    told = [(row.who, row.what, row.about, row.told) for row in scene.kit.sql("select * from audit order by n")]
    assert (scene.ada.user, "account.sign-in", scene.ada.user, "") in told
    assert ("", "denied account.sign-in", "", "") in told
    assert (scene.ada.user, "denied audit.read", "", "role x1") in told
    assert "secret" not in str(told)


def test_an_administrators_session_reads_nothing_of_a_family_with_any_sql(scene: Scene) -> None:
    ann = scene.nurses[0]
    opening = a_family(name="Okafor")
    ann.push(opening, a_person(opening.id), a_draft(ann.user, opening.id))
    token = next(value for name, value in scene.browser.http.cookies.items() if name == "visitapp-office")
    with scene.kit.app.state.service.engine.begin() as connection:
        session = read_session(connection, token)
        assert session is not None
        kinds = set(connection.execute(text("select distinct kind from rec")).scalars())
        assert kinds <= {"profile", "colleague", "sync_health", "phone_card", "questionnaire"}
        for table in ("hist", "receipt", "credential", "audit", "glass", "escrow"):
            rows = connection.execute(text(f"select count(*) from {table}")).scalar_one()
            assert rows == (1 if table == "credential" else 0), table
        assert connection.execute(text("select count(*) from family_label")).scalar_one() == 0
        me = {"me": session.holder.user}
        assert connection.execute(text("update member set role = 'nurse' where id = :me"), me).rowcount == 0
        assert connection.execute(text("update account set subject = 'x' where user_id = :me"), me).rowcount == 0
        for forbidden in (
            "insert into scope(id) values ('f:x')",
            "delete from member",
            "update credential set password = 'x' where user_id <> ''",
        ):
            if forbidden.startswith("update"):
                assert connection.execute(text(forbidden)).rowcount == 1, "her own, and no other"
                continue
            with pytest.raises(DBAPIError), connection.begin_nested():
                connection.execute(text(forbidden))


def test_what_cannot_be_undone_asks_again_and_keeps_what_was_typed(scene: Scene) -> None:
    browser = scene.browser
    scene.kit.sql("update web_session set stepped_at = now() - interval '5 minutes' returning 1")
    browser.get("/admin/people/new")
    asked = browser.send("/admin/people", name="Cleo Careful", role="nurse", team=scene.team)
    assert "Is it you?" in asked.text
    assert not scene.kit.sql("select 1 from member where name = 'Cleo Careful'")
    assert "did not match" in browser.send("/admin/people", digits="000000").text
    assert "The person is there." in browser.send("/admin/people", digits=scene.ada.digits()).text
    assert scene.kit.sql("select 1 from member where name = 'Cleo Careful'")


def test_an_administrator_changes_nothing_of_her_own_account(scene: Scene) -> None:
    browser, me = scene.browser, scene.ada.user
    browser.get("/admin/teams")
    token = browser.forms()["/admin/teams"]["token"]
    for act in ("change", "close", "account"):
        answer = browser.http.post(f"/admin/people/{me}/{act}", data={"token": token, "role": "auditor"}, headers={"origin": HERE})
        assert answer.status_code == 403, act
    assert "Role</h2>" not in browser.get(f"/admin/people/{me}").text


def test_an_auditor_reads_the_log_and_an_administrator_does_not(scene: Scene) -> None:
    scene.browser.get("/admin/teams")
    scene.browser.send("/admin/teams", name="South")
    assert scene.browser.http.get("/admin/audit").status_code == 403
    auditor = Browser(scene.kit)
    auditor.sign_in(an_account(scene.kit, scene.clock, "auditor", "Gus Auditor", scene.team))
    told = auditor.get("/admin/audit").text
    assert "added a team" in told
    assert "The chain is whole" in told
    assert "Add a team" not in auditor.get("/admin/teams").text
    token = auditor.forms()["/admin/sign-out"]["token"]
    refused = auditor.http.post("/admin/teams", data={"token": token, "name": "West"}, headers={"origin": HERE})
    assert refused.status_code == 403


def test_an_address_that_names_nothing_says_so(scene: Scene) -> None:
    for told in ("../../etc", "%00", "a" * 3000, "01a2-nobody", "01a201a0-a65d-7ff8-96f9-06dbc7ffb09c"):
        for kind in ("people", "families", "devices"):
            assert scene.browser.http.get(f"/admin/{kind}/{told}").status_code in (404, 303), (kind, told)


def test_what_no_form_can_hold_is_refused_in_words(scene: Scene) -> None:
    scene.browser.get("/admin/teams")
    for name, status in (("a\0b", 413), ("x" * 70_000, 413), ("   ", 422), ("y" * 201, 422), ("\u202eevil\ud7ff", 200)):
        scene.browser.get("/admin/teams")
        assert scene.browser.send("/admin/teams", name=name).status_code == status, name[:5]
    stranger = Browser(scene.kit)
    stranger.get("/admin/sign-in")
    assert stranger.send("/admin/sign-in", login="a\0", password="b", digits="c").status_code == 413


def test_every_answer_carries_the_policy_and_no_page_any_script_or_style(scene: Scene) -> None:
    opening = a_family()
    scene.nurses[0].push(opening)
    names = {"user": scene.nurses[0].user, "device": scene.nurses[0].device, "family": opening.id}
    for path, told in scene.kit.app.openapi()["paths"].items():
        if not path.startswith("/admin") or "get" not in told:
            continue
        answer = scene.browser.http.get(re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], ""), path))
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert (answer.headers["cache-control"] == "no-store") is not path.endswith("style.css")
        assert answer.headers["x-content-type-options"] == "nosniff"
        if "html" in answer.headers.get("content-type", ""):
            assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text), path


def test_cookies_are_kept_from_scripts_and_other_sites(scene: Scene) -> None:
    browser = Browser(scene.kit)
    browser.get("/admin/sign-in")
    told = {**browser.forms()["/admin/sign-in"], "login": scene.ada.login, "password": GOOD, "digits": scene.ada.digits()}
    cookies = browser.http.post("/admin/sign-in", data=told, headers={"origin": HERE}).headers.get_list("set-cookie")
    [session] = [cookie for cookie in cookies if cookie.startswith("visitapp-office")]
    assert {"HttpOnly", "SameSite=strict", "Path=/admin"} <= {part.strip() for part in session.split(";")}


def test_pages_never_use_the_owners_connection(scene: Scene) -> None:
    """Whatever an administrator looks at comes through the walls: the owner's engine is not asked once."""
    used: list[str] = []
    owner = scene.kit.app.state.service.owner
    event.listen(owner, "before_cursor_execute", lambda *told: used.append(str(told[2])))
    for path in ("/admin", "/admin/people", "/admin/teams", "/admin/families", "/admin/devices", "/admin/packs", "/admin/sync"):
        assert scene.browser.http.get(path).status_code == 200, path
    assert used == []
