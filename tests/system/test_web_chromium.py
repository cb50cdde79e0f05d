"""The web administration in a real browser: the main walk, the keyboard alone, contrast and labels in light, dark and large."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.kit.chromium import chromium
from tests.kit.fleet import Loopback
from tests.kit.office import GOOD, Clock, Person, an_account
from tests.kit.service import Laptop, ServiceKit, a_family
from visitapp.protocol.fingerprints import device_digits
from visitapp.server.folder import Databases
from visitapp.server.passwords import Passwords

__all__ = ["chromium"]


@dataclass
class Scene:
    """A service on a real socket, an administrator with her telephone, a nurse with a laptop and a family, and a browser."""

    kit: ServiceKit
    base: str
    ada: Person
    nurse: Laptop
    family: str
    driver: webdriver.Chrome

    def go(self, path: str) -> None:
        self.driver.get(self.base + path)

    def one(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def said(self, words: str) -> None:
        """Waits until the page says it."""
        between = (StaleElementReferenceException, NoSuchElementException)  # one page has gone, the next is not there yet
        wait = WebDriverWait(self.driver, 60, ignored_exceptions=between)
        wait.until(lambda driver: words in driver.find_element(By.TAG_NAME, "body").text, words)

    def sign_in(self, person: Person) -> None:
        self.driver.delete_all_cookies()
        self.go("/admin/sign-in")
        for name, value in (("login", person.login), ("password", GOOD), ("digits", person.digits())):
            self.one(f"#{name}").send_keys(value)
        self.one("form button").click()
        self.said(person.login.split(".")[0].title())


@pytest.fixture
def scene(databases: Databases, chromium: webdriver.Chrome) -> Iterator[Scene]:
    clock = Clock()
    kit = ServiceKit(databases, clock_ms=clock)
    kit.app.state.office.accounts.passwords = Passwords(memory_kib=1024, rounds=1)
    ada = an_account(kit, clock)
    nurse = kit.laptop(kit.user(kit.team("North"), name="Ann Example"))
    opening = a_family(name="Okafor")
    nurse.push(opening)
    chromium.get_log("browser")
    with Loopback(kit.app) as web:
        yield Scene(kit, web.address, ada, nurse, opening.id, chromium)
        chromium.get("about:blank")
    kit.close()


def test_the_walk_of_an_administrator_and_what_the_auditor_reads_of_it(scene: Scene) -> None:
    driver = scene.driver
    scene.sign_in(scene.ada)
    scene.go("/admin/teams")
    scene.one("#name").send_keys("South")
    scene.one("form.card button").click()
    scene.said("The team is there.")
    scene.go("/admin/people/new")
    scene.one("#name").send_keys("Łucja Nowak")
    Select(scene.one("#role")).select_by_visible_text("Family nurse")
    Select(scene.one("#team")).select_by_visible_text("South")
    scene.one("form.card button").click()
    scene.said("The person is there.")

    scene.go(f"/admin/families/{scene.family}")
    Select(scene.one("#to")).select_by_visible_text("Łucja Nowak (nurse, South)")
    scene.one("form.card button.main").click()
    scene.said("The family is given.")
    assert "Łucja Nowak" in scene.one("table").text

    scene.go(f"/admin/devices/{scene.nurse.device}")
    scene.one("form[action$='/block'] button").click()
    scene.said("The laptop is refused from now on.")

    scene.kit.sql("update web_session set stepped_at = null returning 1")
    scene.one("a.danger").click()
    scene.one("#last").send_keys(device_digits(scene.nurse.key.public_key().public_bytes_raw())[-4:])
    scene.one("form[action$='/wipe'] button").click()
    scene.said("Is it you?")
    scene.one("#digits").send_keys(scene.ada.digits())
    scene.one("form.card button, section.card button").click()
    scene.said("The wipe is ordered.")

    scene.sign_in(an_account(scene.kit, scene.ada.clock, "auditor", "Gus Auditor"))
    scene.go("/admin/audit")
    told = scene.one("table").text
    for words in ("added a team", "added a person", "gave families", "blocked a laptop", "ordered a wipe"):
        assert words in told
    assert [entry for entry in driver.get_log("browser") if "favicon" not in entry["message"]] == []


def press(driver: webdriver.Chrome, *keys: str) -> None:
    for key in keys:
        driver.switch_to.active_element.send_keys(key)


def tab_to(driver: webdriver.Chrome, words: str, most: int = 40) -> None:
    """Presses Tab until what has the focus has this text or name, and shows that it has it."""
    for _ in range(most):
        press(driver, Keys.TAB)
        there = driver.switch_to.active_element
        if words in (there.text, there.get_attribute("name"), there.accessible_name):
            width = there.value_of_css_property("outline-width")
            assert float(width.removesuffix("px")) >= 2, f"the focus on {words} cannot be seen"
            return
    raise AssertionError(f"{words} is not reached by Tab")


def test_everything_is_reached_without_a_mouse(scene: Scene) -> None:
    driver = scene.driver
    driver.delete_all_cookies()
    scene.go("/admin/sign-in")
    press(driver, scene.ada.login, Keys.TAB)
    press(driver, GOOD, Keys.TAB)
    press(driver, scene.ada.digits(), Keys.ENTER)
    scene.said("Needs somebody")
    press(driver, Keys.TAB)
    assert driver.switch_to.active_element.text == "Skip to the page"
    tab_to(driver, "People")
    press(driver, Keys.ENTER)
    scene.said("Works with")
    tab_to(driver, "Add a person")
    press(driver, Keys.ENTER)
    scene.said("Name, as colleagues know her")
    press(driver, "Bea Keys", Keys.TAB, "Sup", Keys.TAB, "Nor")
    tab_to(driver, "Add")
    press(driver, Keys.ENTER)
    scene.said("The person is there.")
    assert "Bea Keys" in scene.one("h1").text
    assert "Supervisor" in scene.one("main").text
    tab_to(driver, "Sign out")
    press(driver, Keys.ENTER)
    scene.said("You are signed out.")


_LOOK = """
const lum = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
  return .2126 * r + .7152 * g + .0722 * b; };
const parts = s => (s.match(/[\\d.]+/g) || []).map(Number);
const ground = e => { for (; e; e = e.parentElement) { const p = parts(getComputedStyle(e).backgroundColor);
  if (p.length === 3 || p[3] === 1) return p.slice(0, 3); } return [255, 255, 255]; };
const said = [];
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const box = e.getBoundingClientRect();
  if (!own || box.width < 2 || !e.checkVisibility()) continue;
  const a = lum(parts(getComputedStyle(e).color).slice(0, 3)), b = lum(ground(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) said.push(`contrast ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 40)}`);
}
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
  if (!e.labels.length && !e.getAttribute('aria-label')) said.push(`no label: ${e.name}`);
for (const e of document.querySelectorAll('a, button'))
  if (!(e.textContent.trim() || e.getAttribute('aria-label'))) said.push('no name: ' + e.outerHTML.slice(0, 60));
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
if (new Set(ids).size !== ids.length) said.push('an id twice');
if (document.querySelectorAll('h1').length !== 1) said.push('not one h1');
if (!document.documentElement.lang || !document.title) said.push('no language or title');
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) said.push('scrolls sideways');
return said;
"""


def test_every_page_can_be_read_in_light_dark_and_large(scene: Scene) -> None:
    driver = scene.driver
    driver.delete_all_cookies()
    scene.kit.sql("insert into service_policy(name, value) values ('family_names', 'on') returning 1")
    paths = ["/admin/sign-in", "/admin/set-up"]
    rest = (
        "",
        "/people",
        "/people/new",
        f"/people/{scene.nurse.user}",
        f"/people/{scene.ada.user}",
        "/teams",
        "/families",
        "/packs",
    )
    more = (f"/families/{scene.family}", "/devices", f"/devices/{scene.nurse.device}", f"/devices/{scene.nurse.device}/wipe")
    found: dict[str, list[str]] = {}
    for way, width, scheme in (("light", 1366, "light"), ("dark", 1366, "dark"), ("large", 683, "light")):
        size = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        driver.delete_all_cookies()
        pages = [*paths]
        for path in pages:
            scene.go(path)
            found[f"{way} {path}"] = driver.execute_script(_LOOK)
        scene.sign_in(scene.ada)
        for path in (*rest, *more, "/sync", "/settings", "/account", "/audit", "/opened", "/people/nobody"):
            scene.go(f"/admin{path}")
            found[f"{way} /admin{path}"] = driver.execute_script(_LOOK)
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert {page: said for page, said in found.items() if said} == {}


def test_the_look_at_a_page_would_find_what_is_wrong(scene: Scene) -> None:
    page = "<html><body><p style='color:%23999'>pale</p><input name=a><button></button><i id=x></i><i id=x></i></body></html>"
    scene.driver.get("data:text/html," + page)
    said = scene.driver.execute_script(_LOOK)
    assert [words.split(":")[0].split(" ")[0] for words in said] == ["contrast", "no", "no", "an", "not", "no"]


def test_the_colours_are_those_of_the_desktop() -> None:
    style = (Path(__file__).parents[2] / "visitapp/server/web/style.css").read_text("utf-8")
    light, dark = style.split("@media (prefers-color-scheme: dark)")[:2]
    for name, part in (("light", light), ("dark", dark)):
        roles = json.loads((Path(__file__).parents[2] / f"resources/themes/{name}.json").read_text("utf-8"))["roles"]
        for role in (
            "background",
            "surface",
            "sunken",
            "hairline",
            "control",
            "ink",
            "muted",
            "accent",
            "on_accent",
            "danger",
            "focus",
        ):
            assert f"--{role.replace('_', '-')}: {roles[role]};" in part, (name, role)
