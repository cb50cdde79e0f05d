"""The top of the visit screen, and what its presenter asks of it; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.forms.filling import Row
from visitapp.ui.visit.last_visit import LastVisit
from visitapp.ui.visit.pages import StepPage
from visitapp.ui.visit.steps import Step


@dataclass(frozen=True)
class BabyTag:
    """Which baby the visit is about, as the top of the screen says it."""

    name: str
    age: str
    colour: str


@dataclass(frozen=True)
class Heading:
    """The top of the visit screen."""

    family: str
    babies: tuple[BabyTag, ...]
    started_at: datetime


class VisitView(Protocol):
    """What the presenter asks of the screen."""

    def show_heading(self, heading: Heading) -> None: ...
    def show_steps(self, steps: Sequence[Step], current: str) -> None: ...
    def show_page(self, page: StepPage) -> None: ...
    def show_rows(self, key: str, rows: Sequence[Row]) -> None: ...
    def show_changed(self, key: str, rows: Sequence[Row]) -> None: ...
    def show_note(self, key: str, words: str) -> None: ...
    def show_saved(self, words: str, tone: str) -> None: ...
    def show_time(self, words: str) -> None: ...
    def show_last_visit(self, last: LastVisit) -> None: ...
    def forget_pages(self) -> None: ...
    def focus_first(self) -> None: ...
    def focus_place(self, key: str, place: str) -> None: ...
