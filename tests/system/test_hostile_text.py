"""Five hundred hostile texts through every field: record, search, server, paper, screens and web pages hold them as text (S16)."""

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.desks import RESOURCES, a_desk
from tests.kit.office import Browser, Clock, an_account
from tests.kit.okafors import ONE_BABY, TWINS
from tests.kit.paper import letters_of, names_in, words_of
from tests.kit.service import ServiceKit, a_family, a_person, a_visit
from tests.kit.signed import USUAL, a_signed_visit
from visitapp.actions.addenda import add_addendum
from visitapp.actions.caseload import caseload, family_view, find
from visitapp.actions.people import edit_family, family_at, new_family, person_at
from visitapp.actions.printing import preview_copy
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.reports.copies import CopyType
from visitapp.reports.text import clean
from visitapp.server.folder import Databases
from visitapp.server.passwords import Passwords
from visitapp.store.problems import TextTooLong
from visitapp.ui import fonts, theme
from visitapp.ui.background import BackgroundLanes
from visitapp.ui.caseload.build import build_caseload
from visitapp.ui.family.build import build_family
from visitapp.ui.printing.build import build_print
from visitapp.ui.sign.build import build_note
from visitapp.ui.today.build import build_today

KINDS: dict[str, tuple[str, ...]] = {
    "right to left": ("שלום", "فاطمة", "\u202eevil\u202c", "\u2067x\u2069", "\u200f!"),
    "controls": ("\x00", "\x01\x1f", "a\x00b", "\x7f", "\u2028\u2029", "\ufeff", "\ufffe"),
    "lone surrogates": ("\ud800", "x\udfffy", "\udc00\ud800"),
    "markup": ("<b>3</b>", "ratio 3<b>4", "<mum> said no", "</p>", "<!-- ", "]]>", "&amp;&lt;", "<br/>", "&#x41;"),
    "reads files": ("<img src='{file}'>", '<img src="file://{file}"/>', "<link href='{file}'>", "{file}", "@import '{file}'"),
    "runs": ("javascript:alert(1)", "<script>alert(1)</script>", "<a href='javascript:x'>y</a>", "' onmouseover='x", "data:text/html,x"),
    "SQL": ("'; drop table family; --", '" or ""="', "%' OR '1'='1", "\\'; --", "Robert'); DROP TABLE students;--", "?1 :name $1 @x"),
    "search": ('"NEAR(" OR', "a* AND -b", "col:x", "^x", '"', "NOT", "(", "{a b}"),
    "formulas": ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "=HYPERLINK('x')"),
    "formats": ("%s%n%x", "{0.__class__}", "{}{}", "${7*7}", "{{7*7}}", "#{x}", "%(name)s", "$(id)", "`id`"),
    "paths": ("../../etc/passwd", "C:\\con", "\\\\host\\share", "/dev/null", "a/../b", "~root"),
    "PDF": ("(x) Tj ET", "endstream endobj", "/JS (x)", "<</URI(x)>>", "\\051", "%PDF-1.7", "BT /F1 12 Tf"),
    "names": ("Łukasz Żółć", "Siân ŵ", "O’Brien-Smíth", "Zoë Đặng", "Ærøskøbing", "ﬁ ﬂ", "e\u0301\u0323", "İıß"),
    "signs": ("👩‍👧‍👦", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "Z̸̢̛͉͓a̷͎l̶͓g̵o̶", "नमस्ते", "தமிழ்", "𝕬", "\U0010ffff"),
    "JSON": ('{"a":', "\\u0000", '"}]', "null", "NaN", "\\", '\\"'),
    "headers": ("a\r\nSet-Cookie: x=1", "a\nb", "\r", "\t", "x\x0by", "x\x85y"),
}
FILE_WORDS = "hostname-of-a-canary-4711"
HOW_MANY = 500


def hostile(file: str) -> list[str]:
    """Every text by itself, then pairs of them around a name, until there are enough; and one of a megabyte."""
    plain = [text.replace("{file}", file) for kind in KINDS.values() for text in kind]
    pairs = (f"{one}Ada{other}" for one, other in itertools.product(plain, reversed(plain)) if one != other)
    step = itertools.islice(pairs, 0, None, 17)
    return [*plain, *itertools.islice(step, HOW_MANY - len(plain) - 1), "é<b>" * 250_000]


def kept(text: str) -> str:
    """What UTF-8 can hold of it: half a character is a question mark."""
    return text.encode("utf-8", "replace").decode()


@pytest.fixture
def texts(tmp_path: Path) -> list[str]:
    file = tmp_path / "secret.txt"
    file.write_text(FILE_WORDS)
    found = hostile(str(file))
    assert len(found) == HOW_MANY
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path / "record")
    yield made
    made.record.close()


def test_the_record_gives_back_every_text_and_search_takes_it(desk: Desk, texts: list[str]) -> None:
    family = new_family(desk, {"name": "Okafor"}, ONE_BABY)
    mother = family_view(desk, family).people[0].id
    for text in texts[:-1]:
        # Blanks around a name are taken away.
        edit_family(desk, family, {"name": f"x{text}.", "town": f"y{text}.", "postcode": text, "phone": text})
        body = family_at(desk, family)
        assert (body["name"], body["town"]) == (kept(f"x{text}."), kept(f"y{text}."))
        find(desk, text[:2000])
    with pytest.raises(TextTooLong):
        edit_family(desk, family, {"town": texts[-1]})
    assert person_at(desk, family, mother)["given_name"] == ONE_BABY[0]["given_name"]
    assert len(caseload(desk)) == 1


def test_a_signed_note_holds_every_text(desk: Desk, texts: list[str]) -> None:
    family = new_family(desk, {"name": "Okafor"}, ONE_BABY)
    story = "\n".join(texts[:-1])
    visit = a_signed_visit(desk, family, {**USUAL, "narrative": {"story": story, "client-words": texts[3]}})
    note = read_visit(desk, visit)
    [said] = [line.value_text for part in note.parts for line in part.lines if line.value_text.startswith(kept(texts[0]))]
    assert said == kept(story)
    for text in texts[:-1:25]:
        add_addendum(desk, visit, f"{text}.")


@pytest.mark.parametrize("copy", CopyType)
def test_hostile_text_prints_as_the_text_it_is(copy: CopyType, desk: Desk, texts: list[str]) -> None:
    """Paper in a family's and a professional's copy: every letter, no link, no script, no file."""
    people = [{**TWINS[0], "given_name": "<img src='/etc/hostname'>Ada"}, TWINS[2]]
    family = new_family(desk, {"name": "<b>Okafor"}, people)
    shown = [text for text in texts[:-1] if not set(text) & set("\u202e\u2067\u200f")]
    if copy is CopyType.FAMILY:
        # The baby's voice is all that is free text on a family's copy, and has an end.
        shown = [*KINDS["markup"], *KINDS["runs"], *KINDS["PDF"]]
    words = "\n".join(shown)
    assert copy is CopyType.PROFESSIONAL or len(words) <= 300
    voice = "voice" if copy is CopyType.FAMILY else "narrative"
    field = {"voice": words} if copy is CopyType.FAMILY else {"story": words}
    pdf = preview_copy(desk, a_signed_visit(desk, family, {**USUAL, voice: field}), copy).pdf
    assert not names_in(pdf) & {"/JS", "/JavaScript", "/URI", "/Launch", "/GoToR", "/SubmitForm", "/EmbeddedFile", "/AA", "/RichMedia"}
    read = letters_of(words_of(pdf))
    assert FILE_WORDS not in read
    assert base64.b64encode(FILE_WORDS.encode()).decode()[:20] not in read
    lost = [line for line in words.split("\n") if is_plain(line) and letters_of(clean(kept(line))) not in read]
    assert lost == []


def is_plain(line: str) -> bool:
    """Letters that a PDF's reader gives back in the order they were written, on one line of the page."""
    return 0 < len(line) < 40 and all(32 <= ord(char) < 0x250 for char in line)


def test_the_server_gives_back_every_byte(service: ServiceKit, texts: list[str]) -> None:
    laptop = service.laptop(service.user(service.team("<b>North")))
    family = a_family(name="Okafor")
    laptop.outcomes(family)
    ops = [a_person(family.id, given_name=kept(text), family_name="x") for text in texts[:-1]]
    for start in range(0, len(ops), 250):
        assert set(laptop.outcomes(*ops[start : start + 250])) == {"ok"}
    assert laptop.outcomes(a_visit(family.id, laptop.user, summary=kept(texts[-1])[:10_000])) == ["ok"]
    laptop.pull()
    held = laptop.held[f"f:{family.id}"]
    assert [held[op.id].body for op in ops] == [op.body for op in ops]


def test_hostile_text_on_a_page_of_the_administration_is_only_text(databases: Databases, texts: list[str]) -> None:
    clock = Clock()
    service = ServiceKit(databases, clock_ms=clock)
    service.app.state.office.accounts.passwords = Passwords(memory_kib=1024, rounds=1)
    browser = Browser(service)
    assert "Today" in browser.sign_in(an_account(service, clock)).text
    named = [text for text in map(kept, texts[:-1]) if "<" in text and "\x00" not in text and len(text) < 60][:40]
    team = service.team("<script>team</script>")
    for name in named:
        service.user(team, name=name)
    for address in ("/admin/people", "/admin/teams", f"/admin/teams/{team}", "/admin/laptops", "/admin/sync"):
        page = browser.get(address).text
        assert "<script" not in page.lower()
        assert "javascript:" not in page.lower().replace("&#39;javascript:", "").replace("javascript:alert(1)", "")
        for tag in ("<img src=", "<mum>", "<b>3", "<a href='javascript", "<link href='"):
            assert tag not in page, address
    assert "&lt;mum&gt; said no" in browser.get("/admin/people").text
    service.close()


def test_nothing_answers_to_another_origin_or_to_methods_nobody_uses(service: ServiceKit) -> None:
    for path in ("/v1/push", "/v1/health", "/admin", "/admin/people"):
        for method in ("TRACE", "PUT", "DELETE", "PATCH", "CONNECT"):
            assert service.http.request(method, path, follow_redirects=False).status_code in (404, 405), (method, path)
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
        for method in ("OPTIONS", "GET", "POST"):
            answer = service.http.request(method, path, headers=asked, follow_redirects=False)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    assert not fonts.load()
    theme.apply(qapp, theme.load_theme(RESOURCES / "themes" / "light.json"))
    return qapp


def taken_for_markup(window: QWidget) -> list[str]:
    """Words of people that Qt would read as rich text: in a label, a tooltip, or a cell's tooltip."""
    found = []
    for widget in (window, *window.findChildren(QWidget)):
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText and "<img" in widget.text():
            found.append(f"label {widget.text()}")
        if "<img" in widget.toolTip():
            found.append(f"tooltip {widget.toolTip()}")
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            found += [f"cell {tip}" for tip in tips(widget.model()) if "<img" in tip]
    return found


def tips(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount(QModelIndex())):
        for column in range(model.columnCount(QModelIndex())):
            yield str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")


def test_no_screen_takes_a_name_for_markup(qtbot: QtBot, dressed: QApplication, desk: Desk, tmp_path: Path) -> None:
    """Every screen that shows names, narrow, so that words are cut and stand in tooltips."""
    name = f"<img src='{tmp_path}/secret.png'>" * 3
    people = [{**person, "given_name": name, "family_name": name, "known_as": name} for person in TWINS]
    family = new_family(desk, {"name": name, "town": name, "phone": name}, people)
    visit = a_signed_visit(desk, family, {**USUAL, "narrative": {"story": name, "client-words": name}})
    lanes = BackgroundLanes()
    places = {"caseload": "", "today": "", "family": family, "note": visit, "print": visit}
    screens = build_screens(desk, lanes)
    shown = 0
    for place, argument in places.items():
        screen = screens[place]
        qtbot.addWidget(screen)
        screen.resize(420, 700)
        screen.show()
        screen.open(argument)
        qtbot.waitUntil(lambda: lanes.is_idle, timeout=30_000)
        qtbot.wait(20)
        assert taken_for_markup(screen) == [], place
        shown += sum("<img" in label.text() for label in screen.findChildren(QLabel))
        shown += sum("<img" in button.text() for button in screen.findChildren(QAbstractButton))
    assert shown >= 5
    lanes.close()


def build_screens(desk: Desk, lanes: BackgroundLanes) -> dict[str, Any]:
    def go(screen: str, argument: str = "") -> None:
        """Nobody is taken anywhere."""

    feed, notices = Deaf(), Deaf()
    return {
        "caseload": build_caseload(desk, lanes, feed, go),
        "today": build_today(desk, lanes, feed, go),
        "family": build_family(desk, lanes, feed, go),
        "note": build_note(desk, lanes, feed, go, notices),
        "print": build_print(desk, lanes, go, notices),
    }


class Deaf:
    """A feed that never tells anything, and notices that nobody reads."""

    def follow(self, follower: object, heard: object) -> None:
        """Nothing is told."""

    follow_sync = follow

    def tell(self, words: str, undo: object = None) -> None:
        """Nobody reads it."""

    problem = tell


def test_a_name_that_would_be_taken_for_markup_is_found(qtbot: QtBot, dressed: QApplication) -> None:
    label = QLabel("<img src='x'>")
    qtbot.addWidget(label)
    label.setToolTip("<img src='x'>")
    assert len(taken_for_markup(label)) == 2
