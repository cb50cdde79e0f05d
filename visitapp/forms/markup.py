"""Formatted text from a questionnaire made harmless: markdown and xhtml in, a small safe part of HTML out."""

import html
import re
from collections.abc import Mapping
from typing import Any

import nh3

from visitapp.forms import extensions as ext
from visitapp.forms.items import Item

MAX_MARKUP = 100_000
# What is laid out in a moment: a screen takes a minute over thousands of elements within each other.
MAX_SHOWN = 20_000
MAX_NESTING = 40
# No image, no style sheet, no form: nothing that reaches out of the page or pretends to be part of the application.
TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "hr", "i", "li"),
    *("ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u"),
    "ul",
}
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_STYLES = frozenset(("color", "background-color", "font-weight", "font-style", "text-decoration", "text-align"))
_STYLE_VALUE = re.compile(r"[#\w .%-]{1,40}")
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(\S(?:[^*]*\S)?)\*\*|__(\S(?:[^_]*\S)?)__"), r"<strong>\1\2</strong>"),
    (re.compile(r"(?<!\*)\*(\S(?:[^*]*\S)?)\*(?!\*)|(?<!\w)_(\S(?:[^_]*\S)?)_(?!\w)"), r"<em>\1\2</em>"),
    (re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)"), r'<a href="\2">\1</a>'),
)
_BULLET = re.compile(r"\s*[-*+]\s+(.*)")
_NUMBER = re.compile(r"\s*\d+[.)]\s+(.*)")
_TAG = re.compile(r"<(/?)([A-Za-z0-9]+)")
_HEADING = re.compile(r"(#{1,4})\s+(.*)")


def clean(markup: str) -> str:
    """HTML or xhtml without anything that runs, loads or styles."""
    return nh3.clean(
        markup[:MAX_MARKUP],
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def from_markdown(text: str) -> str:
    """Markdown's paragraphs, headings, lists, emphasis, code and links as safe HTML; HTML in it is shown, not used."""
    made: list[str] = []
    for block in re.split(r"\n\s*\n", text[:MAX_MARKUP].replace("\r\n", "\n").strip()):
        made.append(_block([html.escape(line, quote=False) for line in block.split("\n")]))
    return clean("".join(made))


def _block(lines: list[str]) -> str:
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        found = [pattern.fullmatch(line) for line in lines]
        if all(found):
            return f"<{tag}>{''.join(f'<li>{_inline(each[1])}</li>' for each in found if each)}</{tag}>"
    heading = _HEADING.fullmatch(lines[0])
    if heading and len(lines) == 1:
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    return f"<p>{'<br>'.join(map(_inline, lines))}</p>"


def _inline(text: str) -> str:
    for pattern, by in _INLINE:
        text = pattern.sub(by, text)
    return text


def rich_text(item: Item, language: str) -> str | None:
    """An item's text as safe HTML where the form has it formatted; None where plain text is all there is.

    A translation is plain text, so it goes before formatting in another language; so does the text where the formatted one
    is too long or too deep to be laid out.
    """
    element = item.raw.get("_text")
    if not isinstance(element, Mapping) or ext.translated(item.raw, "text", language):
        return None
    xhtml, markdown = ext.says(element, ext.XHTML), ext.says(element, ext.MARKDOWN)
    said = xhtml if isinstance(xhtml, str) else markdown
    if not isinstance(said, str) or len(said) > MAX_SHOWN:
        return None
    made = clean(said) if said is xhtml else from_markdown(said)
    return made if len(made) <= 2 * MAX_SHOWN and not _is_too_deep(made) else None


def _is_too_deep(markup: str) -> bool:
    depth = 0
    for found in _TAG.finditer(markup):
        if found[2].lower() not in ("br", "hr"):
            depth += -1 if found[1] else 1
        if depth > MAX_NESTING:
            return True
    return False


def style(item: Item) -> dict[str, str]:
    """The harmless part of an item's rendering-style: colour, weight, slant, decoration, alignment."""
    element: Any = item.raw.get("_text")
    said = ext.says(element, ext.STYLE) if isinstance(element, Mapping) else None
    made = {}
    for piece in (said if isinstance(said, str) else "")[:1000].split(";"):
        name, _, value = piece.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in _STYLES and _STYLE_VALUE.fullmatch(value):
            made[name] = value
    return made
