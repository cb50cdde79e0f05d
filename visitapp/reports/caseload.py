"""Lists on paper: the caseload, and the day sheet that goes with her; the door to them, light to import."""

from visitapp.reports.lists import CaseloadRow, DayVisit, ListDetails

__all__ = ["CaseloadRow", "DayVisit", "ListDetails", "caseload_list", "day_sheet"]


def caseload_list(rows: tuple[CaseloadRow, ...], details: ListDetails) -> bytes:
    """The caseload as a PDF on A4 lying; made in memory."""
    from visitapp.reports.tables import caseload_pdf

    return caseload_pdf(rows, details)


def day_sheet(visits: tuple[DayVisit, ...], details: ListDetails) -> bytes:
    """The day's visits as a PDF on A4 lying; made in memory. Visits without a time come last."""
    from visitapp.reports.tables import day_sheet_pdf

    return day_sheet_pdf(visits, details)
