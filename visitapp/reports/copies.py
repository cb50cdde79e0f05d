"""Makes the copies of a visit: chooses sizes, lets the pages be built, and names what could not be drawn."""

from visitapp.reports import wording
from visitapp.reports.document import CopyType, VisitDocument
from visitapp.reports.family import family_bands
from visitapp.reports.furniture import Furniture, copy_title, family_furniture, professional_furniture
from visitapp.reports.page import Band, TextStyle, texts
from visitapp.reports.professional import professional_bands
from visitapp.reports.selection import select
from visitapp.reports.setting import Setting
from visitapp.reports.sheet import make_pdf
from visitapp.reports.text import unprintable

LARGE_PRINT_POINTS = 18.0
"""Large print begins at 16 points by common practice of sight-loss charities; 18 is asked for most."""


def professional_copy(doc: VisitDocument, subject: str | None, large_print: bool) -> bytes:
    """The professional copy about `subject` (a person's id), or about the family and its babies."""
    selection = select(doc, CopyType.PROFESSIONAL, subject)
    person = doc.person(subject) if subject else None
    furniture = professional_furniture(doc, person, 14.0 if large_print else 8.4)
    size = LARGE_PRINT_POINTS if large_print else 10.0
    setting = Setting(TextStyle(size), furniture.frame(), stacked=large_print)
    bands = professional_bands(doc, selection, person, setting)
    return _finish(bands, CopyType.PROFESSIONAL, doc, furniture, setting)


def family_copy(doc: VisitDocument, large_print: bool) -> bytes:
    """The copy that a family keeps."""
    selection = select(doc, CopyType.FAMILY, None)
    furniture = family_furniture(doc, selection.people, 14.0 if large_print else 9.0)
    size = LARGE_PRINT_POINTS if large_print else 12.5
    setting = Setting(TextStyle(size, leading=1.5), furniture.frame(), stacked=large_print, label_width=120)
    return _finish(family_bands(doc, selection, setting), CopyType.FAMILY, doc, furniture, setting)


def _finish(bands: list[Band], copy: CopyType, doc: VisitDocument, furniture: Furniture, setting: Setting) -> bytes:
    missing = unprintable("".join(texts(bands)))
    if missing:
        codes = ", ".join(sorted(f"U+{ord(char):04X}" for char in missing)[:40])
        bands = [*bands, setting.wide(wording.UNDRAWN.format(codes=codes), setting.small, above=setting.gap * 3)]
    return make_pdf(bands, setting.frame, furniture.draw, title=copy_title(copy), language=doc.language)
