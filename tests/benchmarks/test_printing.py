"""A visit's PDF is made within half a second, and within a small multiple of a page that reportlab draws bare."""

import statistics
import time
from collections.abc import Callable
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from tests.kit.documents import MOTHER, a_long_document
from visitapp.reports.document import CopyType
from visitapp.reports.visit_summary import prepare, visit_summary

PROMISED_S = 0.5
BARE_PAGES = 4
MOST_TIMES_BARE = 40


def seconds(work: Callable[[], object], times: int = 7) -> float:
    """The median time of `work`, after one run that is not counted."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def a_bare_document() -> bytes:
    """As many pages of Latin lines in a built-in font, without embedding, shaping or structure."""
    buffer = BytesIO()
    canvas = Canvas(buffer)
    for _ in range(BARE_PAGES):
        for line in range(60):
            canvas.drawString(50, 800 - 12 * line, "A line of about seventy characters, as long as those of a visit are.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_a_visits_pdf_is_made_within_half_a_second() -> None:
    prepare()
    document = a_long_document()
    bare = seconds(a_bare_document)
    ours = seconds(lambda: visit_summary(document, CopyType.PROFESSIONAL, subject=MOTHER))
    print(f"\nprofessional copy, 4 pages, 5 scripts: {ours * 1000:.0f} ms, {ours / bare:.1f} times bare reportlab")
    assert ours < PROMISED_S
    assert ours / bare < MOST_TIMES_BARE
