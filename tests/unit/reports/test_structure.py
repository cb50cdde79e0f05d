"""A screen reader is told what is a heading and what is text, in reading order."""

import subprocess
from pathlib import Path

import pytest

from tests.kit.documents import MOTHER, a_long_document
from visitapp.reports.document import CopyType
from visitapp.reports.visit_summary import visit_summary


def structure_of(pdf: bytes, folder: Path) -> list[tuple[str, str]]:
    """(tag, text) of every element in reading order, as poppler tells them."""
    file = folder / "copy.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdfinfo", "-struct-text", file], capture_output=True, text=True, check=True).stdout
    found: list[tuple[str, str]] = []
    for line in said.splitlines():
        if line.endswith("(block)"):
            found.append((line.split()[0], ""))
        elif line.strip().startswith('"'):
            found[-1] = (found[-1][0], " ".join(line.strip().strip('"').split()))
    return found


def test_headings_and_text_are_told_apart_in_reading_order(tmp_path: Path) -> None:
    elements = structure_of(visit_summary(a_long_document(), CopyType.PROFESSIONAL, subject=MOTHER), tmp_path)
    headings = [text for tag, text in elements if tag.startswith("H")]
    assert elements[0] == ("H1", "Visit on Saturday 21 November 2026")
    assert [h for h in headings if h in ("The visit", "Strengths seen", "What happened", "Plan", "Signed")] == [
        "The visit", "Strengths seen", "What happened", "Plan", "Signed",
    ]  # fmt: skip
    assert ("H3", "Caregiver") in elements
    assert elements.index(("P", "When")) + 1 == elements.index(("P", "Saturday 21 November 2026, 10:05 to 11:02 (57 minutes)"))


def test_words_on_two_lines_are_not_run_together(tmp_path: Path) -> None:
    elements = structure_of(visit_summary(a_long_document(), CopyType.PROFESSIONAL, subject=MOTHER), tmp_path)
    assert any("We sat in the kitchen, where it was warm. She had made a list of things" in text for _, text in elements)


@pytest.mark.parametrize("copy", list(CopyType))
def test_headers_and_footers_are_no_part_of_the_text(copy: CopyType, tmp_path: Path) -> None:
    elements = structure_of(visit_summary(a_long_document(), copy), tmp_path)
    assert elements
    assert not any("Page 1 of" in text or "Invented families" in text for _, text in elements)
