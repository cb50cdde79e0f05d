"""The summary of a visit as a PDF: the door to this package, light to import; the libraries behind it load on first use."""

from visitapp.reports.document import CopyType, VisitDocument


def visit_summary(doc: VisitDocument, copy: CopyType, *, subject: str | None = None, large_print: bool = False) -> bytes:
    """The PDF of one copy, made in memory; the first takes about 0.4 s longer than the next (see `prepare`).

    `subject` is the id of the person a professional copy is about, None for the family and its babies; a family copy
    has none. May be called from any thread. Raises UnknownSubjectError.
    """
    from visitapp.reports.copies import family_copy, professional_copy

    if copy is CopyType.FAMILY:
        return family_copy(doc, large_print)
    return professional_copy(doc, subject, large_print)


def prepare() -> None:
    """Loads the libraries and cuts the typefaces, so that the first copy is made as fast as the next.

    Meant for a thread of slow work some time after the start; calling it is never necessary.
    """
    import visitapp.reports.copies
    from visitapp.reports.fonts import Style, shelf

    assert visitapp.reports.copies
    for style in Style:
        shelf(style)
