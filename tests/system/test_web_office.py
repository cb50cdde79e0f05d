"""The web administration over HTTP on a real database: what an administrator does, what is refused, and what is never shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.kit.office import Browser, Clock, Person, an_account
from tests.kit.service import Laptop, ServiceKit
from visitapp.server.folder import Databases
from visitapp.server.passwords import Passwords


@dataclass
class Scene:
    """A service with an administrator who is signed in."""

    kit: ServiceKit
    clock: Clock
    ada: Person
    browser: Browser


@pytest.fixture
def scene(databases: Databases) -> Iterator[Scene]:
    clock = Clock()
    kit = ServiceKit(databases, clock_ms=clock)
    kit.app.state.office.accounts.passwords = Passwords(memory_kib=1024, rounds=1)
    ada = an_account(kit, clock)
    browser = Browser(kit)
    assert "Today" in browser.sign_in(ada).text
    yield Scene(kit, clock, ada, browser)
    kit.close()


def test_the_walk_of_an_administrator(scene: Scene) -> None:
    browser = scene.browser
    browser.get("/admin/teams")
    assert "The team is there." in browser.send("/admin/teams", name="North").text
    [team] = [row.id for row in scene.kit.sql("select id from team where name = 'North'")]
    browser.get("/admin/people/new")
    answer = browser.send("/admin/people", name="Łucja <b>Nowak</b>", role="nurse", team=team, job_title="Family nurse")
    assert "Łucja &lt;b&gt;Nowak&lt;/b&gt;" in answer.text
    [nurse] = [row.id for row in scene.kit.sql("select id from member where team = :team", team=team)]
    code = browser.send(f"/admin/people/{nurse}/laptop-code").text
    [typed] = re.findall(r"<code>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})</code>", code)
    laptop = Laptop(scene.kit.http)
    enrolled = laptop.enrol(typed)
    assert (enrolled.name, enrolled.role, enrolled.team_name) == ("Łucja <b>Nowak</b>", "nurse", "North")
    laptop.pull()
    assert laptop.body(f"u:{nurse}", next(iter(laptop.held[f"u:{nurse}"])))["name"] == "Łucja <b>Nowak</b>"
