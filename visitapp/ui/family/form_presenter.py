"""Decides what the pages that change a family do: fill in, check, save, go back. No Qt."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from visitapp.domain.problems import CheckNeeded, NotAValidDate, NotAValidNhsNumber, Problem, TextNeeded
from visitapp.ui.form import Form, Values
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.wording import sentence_for, words_for

_WHERE = {"gestation_days": "weeks", "state_on": "on"}


class FormShows(Protocol):
    """What the presenter asks of the view."""

    def show_form(self, form: Form) -> None:
        """Show other fields, empty."""

    def show_values(self, values: Values) -> None:
        """Put values into fields."""

    def show_fields(self, keys: Collection[str]) -> None:
        """Show only these fields."""

    def show_wrong(self, wrong: Mapping[str, str]) -> None:
        """Say what is wrong, by field."""

    def show_introduction(self, words: str) -> None:
        """Say what this page does."""

    def show_busy(self, busy: bool) -> None:
        """Keep Save from being pressed twice."""


@dataclass(frozen=True)
class Opened:
    """A page as it is first shown, and what its fields depend on."""

    form: Form
    values: Values
    fields: Callable[[Values], Collection[str]] | None = None
    fills: Callable[[Values, str], Values] | None = None
    introduction: Callable[[Values], str] | None = None


class Page(Protocol):
    """What one page knows: how it opens, and how it is saved."""

    @property
    def done(self) -> str:
        """What is said once it is saved."""

    def load(self, argument: str) -> Opened:
        """Gather what the page shows; runs on the record lane."""

    def save(self, argument: str, values: Values) -> str:
        """Check and save; returns the family to show next; runs on the record lane."""


class FormPresenter:
    """One page of fields; what is typed is kept while the user looks elsewhere, until it is saved or given up."""

    def __init__(self, view: FormShows, page: Page, *, lanes: Lanes, navigate: Navigate, notices: Notices) -> None:
        self._view = view
        self._page = page
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._argument: str | None = None
        self._opened: Opened | None = None
        self._typed: dict[str, str | bool] = {}

    def open(self, argument: str) -> None:
        """Show the page; coming back to the one that was left finds it as it was left."""
        if argument == self._argument and self._opened is not None:
            return
        self._argument = argument
        self._opened = None
        self._lanes.on_record(self._view, lambda: self._page.load(argument), self._show)

    def change(self, key: str, value: Any) -> None:
        """Follow a choice, a tick or a date: other fields may come, go, or be filled in."""
        if self._opened is None:
            return
        self._typed[key] = value
        if self._opened.fills is not None:
            self._view.show_values(self._opened.fills(self._typed, key))
        self._follow()

    def save(self, values: Values) -> None:
        """Save what is typed; what is wrong is said beside its field and nothing is lost."""
        argument = self._argument
        if argument is None or self._opened is None:
            return
        self._view.show_wrong({})
        self._view.show_busy(True)
        self._lanes.on_record(self._view, lambda: self._page.save(argument, values), self._saved, self._refused)

    def cancel(self) -> None:
        """Give up what is typed and go back."""
        family = (self._argument or "").split("/", 1)[0]
        self._forget()
        if family:
            self._navigate("family", family)
        else:
            self._navigate("caseload")

    def _show(self, opened: Opened) -> None:
        self._opened = opened
        self._typed = dict(opened.values)
        self._view.show_form(opened.form)
        self._view.show_values(opened.values)
        self._view.show_busy(False)
        self._follow()

    def _follow(self) -> None:
        opened = self._opened
        if opened is None:
            return
        if opened.fields is not None:
            self._view.show_fields(opened.fields(self._typed))
        if opened.introduction is not None:
            self._view.show_introduction(opened.introduction(self._typed))

    def _saved(self, family: str) -> None:
        self._view.show_busy(False)
        self._forget()
        self._notices.tell(self._page.done)
        self._navigate("family", family)

    def _refused(self, problem: Problem) -> None:
        self._view.show_busy(False)
        key = self._field_of(problem)
        if key is None:
            self._view.show_wrong({"": sentence_for(problem)})
        else:
            self._view.show_wrong({key: words_for(problem).happened})

    def _field_of(self, problem: Problem) -> str | None:
        keys = self._opened.form.field_keys() if self._opened is not None else ()
        if isinstance(problem, NotAValidNhsNumber):
            return next((key for key in keys if key.split("-")[-1] == "nhs_number" or key.startswith("nhs_number")), None)
        if isinstance(problem, NotAValidDate | TextNeeded | CheckNeeded):
            wanted = _WHERE.get(problem.what, problem.what)
            return next((key for key in keys if key == wanted or key.endswith(f"-{wanted}")), None)
        return None

    def _forget(self) -> None:
        self._argument = None
        self._opened = None
        self._typed = {}
