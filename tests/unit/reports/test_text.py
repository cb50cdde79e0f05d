"""Text in any script is drawn as it should look and comes back from the PDF as it was entered."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.documents import SCRIPTS
from tests.kit.paper import letters_of, words_of
from visitapp.reports.fonts import Style, shelf
from visitapp.reports.page import Band, Frame, TextStyle, flow, paragraph
from visitapp.reports.sheet import Sheet, make_pdf
from visitapp.reports.text import break_lines, clean, is_right_to_left, text_width, unprintable

_LATIN = st.characters(codec="utf-8", max_codepoint=0x24F, exclude_categories=["Cc", "Cf", "Zl", "Zp", "Zs"])
A_FRAME = Frame(50, 50, 60, 60)


def printed(text: str, *, width: float = 400) -> bytes:
    band = Band((paragraph(text, TextStyle(11), 50, width),))
    return make_pdf([band], A_FRAME, _nothing, title="Test", language="en-GB")


def _nothing(sheet: Sheet, number: int, count: int) -> None:
    """No furniture."""


@pytest.mark.parametrize("phrase", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_script_comes_back_from_the_pdf_as_it_was_entered(phrase: str) -> None:
    assert words_of(printed(phrase)) == phrase


@pytest.mark.parametrize("name", ["ﷺ لا إله", "الأسماء", "שלום עולם", "پاکستان", "مُحَمَّد", "लक्ष्मी", "க்ஷேத்ரம்"])
def test_ligatures_marks_and_conjuncts_come_back_letter_by_letter(name: str) -> None:
    assert words_of(printed(name)) == name


def test_words_of_both_directions_in_one_line_all_come_back() -> None:
    words = words_of(printed("She said مرحبا بكم to Amina, and 25 नमस्ते later.")).split()
    assert set(words) == {"She", "said", "مرحبا", "بكم", "to", "Amina,", "and", "25", "नमस्ते", "later."}


@pytest.mark.parametrize(
    "text",
    [
        "<mum> said no",
        "a & b &amp; c < d > e",
        "<img src='/etc/passwd'/> <b>bold</b> <para>",
        "<a href='javascript:alert(1)'>press</a>",
        "=1+1 %s {0} \\n \\( ) [ ] /JS (",
        "'; DROP TABLE visit; --x",
        "quotes “curly” ‘single’ – dash — long … dots",
        "fi ffl AVATAR To. 0123456789 £5 €6 ½ °C",
    ],
)
def test_text_is_only_ever_text(text: str) -> None:
    assert words_of(printed(text)) == text


def test_arabic_letters_are_joined_and_drawn_from_the_right() -> None:
    [line] = break_lines("بيت", Style.REGULAR, 10, 400)
    arabic = line.runs[0].face
    isolated = [arabic.plain(letter)[0] for letter in "بيت"]
    drawn = [glyph.number for glyph in line.runs[0].glyphs if glyph.advance]
    assert line.right_to_left
    clusters = [glyph.cluster for glyph in line.runs[0].glyphs]
    assert clusters == sorted(clusters, reverse=True)
    assert not set(isolated) & set(drawn)


def test_latin_names_are_drawn_directly_and_need_no_shaping() -> None:
    for line in break_lines("Łukasz Ŵyn Søren Zoë Ġużeppi Đặng", Style.REGULAR, 10, 400):
        assert not any(run.shaped for run in line.runs)
        assert all(glyph.number for run in line.runs for glyph in run.glyphs)


def test_a_line_is_never_wider_than_its_column() -> None:
    text = "Words of many lengths, " * 40 + "Donaudampfschifffahrtsgesellschaft" * 8 + " اللغة العربية جميلة" * 30
    for line in break_lines(text, Style.REGULAR, 10, 137):
        assert line.width * 10 / 1000 <= 137.01


def test_the_runs_of_a_mixed_line_are_in_drawing_order() -> None:
    [line] = break_lines("abc دار 12 بيت xyz", Style.REGULAR, 10, 400)
    assert "".join(run.text for run in line.runs if not run.text.isspace()) == "abc" + "بيت" + "12" + "دار" + "xyz"


def test_line_breaks_are_kept_and_controls_are_shown() -> None:
    assert clean("one\r\ntwo\rthree\x0bfour\u2028five") == "one\ntwo\nthree\nfour\nfive"
    assert clean("a\x00b\ud800c\x1bd\te") == "a\ufffdb\ufffdc\ufffdd e"
    assert words_of(printed("a\x00b \udfffc")) == "a\ufffdb \ufffdc"


def test_what_no_face_can_draw_is_named_and_still_comes_back() -> None:
    assert unprintable("plain Łukasz فاطمة") == frozenset()
    assert unprintable("smile 😀 x") == frozenset("😀")
    assert words_of(printed("smile 😀 漢字 x")) == "smile 😀 漢字 x"


def test_the_direction_is_that_of_the_first_letter() -> None:
    assert is_right_to_left("12, فاطمة Amina")
    assert not is_right_to_left("Amina فاطمة")
    assert not is_right_to_left("123 !?")


def test_figures_are_of_one_width() -> None:
    latin = shelf(Style.REGULAR).latin
    assert len({latin.plain(figure)[1] for figure in "0123456789"}) == 1


def test_a_million_characters_with_and_without_spaces_are_all_printed() -> None:
    words = "Every word of a long note is kept. " * 15_000
    lines = break_lines(words, Style.REGULAR, 10, 360)
    assert "".join(line.text for line in lines).replace(" ", "") == words.replace(" ", "")
    unbroken = "x" * 500_000
    assert sum(len(line.text) for line in break_lines(unbroken, Style.REGULAR, 10, 360)) == 500_000


def test_width_of_text_is_measured_in_points() -> None:
    assert text_width("", Style.REGULAR, 10) == 0
    assert text_width("mm", Style.REGULAR, 20) == pytest.approx(2 * text_width("mm", Style.REGULAR, 10))


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet=st.characters(codec="utf-8", max_codepoint=0x24F, exclude_categories=["Cc", "Cf", "Zl", "Zp", "Zs"]) | st.just(" ")
    )
)
def test_any_latin_text_comes_back(text: str) -> None:
    assert letters_of(words_of(printed(f"({text})"))) == letters_of(f"({text})")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="aب1(-\u0301\u200f\u202b\u202c\u2067\u2069دى٣ %كא\U00014647 \n", max_size=40))
def test_no_text_breaks_a_page_or_loses_a_character_on_its_way_to_it(text: str) -> None:
    lines = break_lines(text, Style.REGULAR, 10, 90)
    assert "".join("".join(line.text.split()) for line in lines) == "".join(clean(text).split())
    assert printed(text).startswith(b"%PDF")


_LETTERS = {
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئةىپچژگ",
    "Devanagari": "अआइउएकखगघचजटडणतथदधनपबभमयरलवशसहािीुूेैोौंँ्",
    "Tamil": "அஆஇஈஉஎஐஒகஙசஞடணதநபமயரலவழளறனாிீுூெேைொோ்ஜஷஸஹ",
}


@pytest.mark.parametrize("letters", _LETTERS.values(), ids=_LETTERS.keys())
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_words_of_a_script_come_back(letters: str, data: st.DataObject) -> None:
    bases = st.sampled_from([letter for letter in letters if letter.isalpha()])
    # A line of single letters is taken by pdftotext for one word with its letters spaced out.
    word = st.builds("{0}{0}{1}".format, bases, st.text(alphabet=letters, max_size=8))
    words = data.draw(st.lists(word, min_size=1, max_size=12))
    assert words_of(printed(" ".join(words), width=250)).split() == words


def test_a_paragraph_over_a_page_break_leaves_no_line_alone() -> None:
    text = "One line after another fills the page until it is full. " * 200
    pages = flow([Band((paragraph(text, TextStyle(11), 50, 300),))], A_FRAME)
    assert len(pages) > 2
    for page in pages:
        assert sum(len(placed.band.columns[0].lines) for placed in page) > 1


@pytest.mark.parametrize("lines_before", range(1, 60))
def test_a_heading_is_never_the_last_thing_on_a_page(lines_before: int) -> None:
    body, heading = TextStyle(11), TextStyle(14)
    filling = [Band((paragraph(f"Line {n}", body, 50, 300),)) for n in range(lines_before)]
    titled = Band((paragraph("Heading", heading, 50, 300),), above=20, keep_with_next=True)
    pages = flow([*filling, titled, Band((paragraph("Text", body, 50, 300),))], A_FRAME)
    for page in pages:
        assert not page[-1].band.keep_with_next
