"""Formatted text is shown formatted, and can do nothing else."""

import time
from html.parser import HTMLParser
from typing import Any

import pytest

from visitapp.forms import load_questionnaire
from visitapp.forms.markup import clean, from_markdown, rich_text, style

CORE = "http://hl7.org/fhir/StructureDefinition/"


def an_item(*extensions: dict[str, Any]) -> Any:
    item = {"linkId": "q", "type": "display", "text": "Plain", "_text": {"extension": list(extensions)}}
    raw = {"resourceType": "Questionnaire", "status": "active", "item": [item]}
    return load_questionnaire(raw).items[0]


HARMFUL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<p onclick="x()">x</p>',
    "<iframe src=https://example.org></iframe>",
    '<div style="background:url(https://example.org/a.png)">x</div>',
    "<style>*{display:none}</style>",
    '<svg><use href="data:x"/></svg>',
    "<form action=https://example.org><input></form>",
]


class Found(HTMLParser):
    """The tags and attributes a browser would see."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.seen += [f"{name}={value}" for name, value in attrs]


@pytest.mark.parametrize("markup", HARMFUL)
def test_what_could_do_harm_is_taken_out(markup: str) -> None:
    for made in (clean(markup), from_markdown(markup)):
        assert {each.partition("=")[0] for each in Found(made).seen} <= {"p", "a", "div", "rel"}
        assert not any("javascript" in each for each in Found(made).seen)


def test_xhtml_keeps_what_is_harmless() -> None:
    item = an_item({"url": CORE + "rendering-xhtml", "valueString": "<div><b>Bold</b><ul><li>one</li></ul></div>"})
    assert rich_text(item, "en") == "<div><b>Bold</b><ul><li>one</li></ul></div>"


def test_markdown_becomes_html() -> None:
    text = "# Title\n\nA **bold** and *slanted* word.\n\n- one\n- two\n\n1. first\n2. [link](https://example.org)"
    made = from_markdown(text)
    assert "<h1>Title</h1>" in made
    assert "<strong>bold</strong> and <em>slanted</em>" in made
    assert "<ul><li>one</li><li>two</li></ul>" in made
    assert 'href="https://example.org"' in made
    assert rich_text(an_item({"url": CORE + "rendering-markdown", "valueMarkdown": "*x*"}), "en") == "<p><em>x</em></p>"


def test_a_translation_goes_before_formatting_in_another_language() -> None:
    welsh = {
        "url": CORE + "translation",
        "extension": [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": "Cymraeg"}],
    }
    item = an_item({"url": CORE + "rendering-markdown", "valueMarkdown": "*x*"}, welsh)
    assert rich_text(item, "cy") is None
    assert item.text_in("cy") == "Cymraeg"
    assert item.text_in("en") == "Plain"


def test_only_harmless_style_is_left() -> None:
    said = "color: red; position: fixed; font-weight:bold; background-color: url(javascript:x)"
    found = style(an_item({"url": CORE + "rendering-style", "valueString": said}))
    assert found == {"color": "red", "font-weight": "bold"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rendering-xhtml", "<div>" * 200_000),
        ("rendering-xhtml", "<b>" * 3_000 + "x"),
        ("rendering-xhtml", "<div><span>" * 25 + "x" + "</span></div>" * 25),
        ("rendering-markdown", "**a" * 300_000),
        ("rendering-markdown", "[" * 90_000 + "](x)"),
    ],
)
def test_what_could_not_be_laid_out_gives_way_to_the_plain_text(name: str, said: str) -> None:
    item = an_item({"url": CORE + name, "valueString": said})
    started = time.process_time()
    assert rich_text(item, "en") is None
    assert time.process_time() - started < 1


def test_what_is_as_deep_as_people_write_is_kept() -> None:
    item = an_item({"url": CORE + "rendering-xhtml", "valueString": "<ul>" + "<li><b>x</b><br/>y</li>" * 100 + "</ul>"})
    assert (rich_text(item, "en") or "").count("<li>") == 100
