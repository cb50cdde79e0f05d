"""The visit screen put together; it decides nothing and passes on what was meant."""

from collections.abc import Callable, Sequence
from functools import partial

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.visit.carrying import CarryOffer
from visitapp.ui.visit.carrying_view import CarryingPage, NewerLine
from visitapp.ui.visit.heading import Heading
from visitapp.ui.visit.last_visit import LastVisit
from visitapp.ui.visit.moving import BabyChoice, FamilyLine
from visitapp.ui.visit.moving_view import MovingPage
from visitapp.ui.visit.page_view import StepPageView
from visitapp.ui.visit.pages import StepPage
from visitapp.ui.visit.panels import PANEL_WIDTH, LastVisitPanel, StepBox, StepList, TopLine
from visitapp.ui.visit.steps import Step
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import Hairline

_TICK_MS = 20_000
_NARROW = 760
_WIDE = 1080
_WIDE_FOR_OBSERVATION = 1440
"""The observation needs its answers beside the sentence more than the last visit beside the page."""


class VisitScreen(Screen):
    """A visit being written."""

    title = "Visit"
    rail = "visits"
    help_page = "recording-a-visit"

    step_chosen = Signal(str)
    answered = Signal(str, str, object)
    group_added = Signal(str, str)
    group_removed = Signal(str, str)
    questionnaire_wanted = Signal(str, str, str)
    questionnaire_unwanted = Signal(str)
    alone_said = Signal()
    field_left = Signal()
    next_wanted = Signal()
    previous_wanted = Signal()
    sign_wanted = Signal()
    discard_wanted = Signal()
    move_wanted = Signal()
    carry_wanted = Signal()
    opened = Signal(str)
    went_away = Signal()
    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        self._pages: dict[str, StepPageView] = {}
        self._steps: tuple[Step, ...] = ()
        self._current = ""
        self._panel_chosen: bool | None = None
        self._top = TopLine()
        self._list = StepList()
        self._box = StepBox()
        self._stack = QStackedWidget()
        self._panel = LastVisitPanel()
        self.moving = MovingPage()
        self._stack.addWidget(self.moving)
        self.carrying = CarryingPage()
        self._stack.addWidget(self.carrying)
        self._newer = NewerLine()
        self._newer.wanted.connect(self.carry_wanted)
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.ticked)

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        self._box_line = QWidget()
        box = QHBoxLayout(self._box_line)
        box.setContentsMargins(16, 8, 16, 0)
        box.addWidget(self._box)
        middle.addWidget(self._box_line)
        middle.addWidget(self._stack, 1)
        self._body = QHBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self._list)
        self._body.addLayout(middle, 1)
        self._body.addWidget(self._panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(self._newer)
        column.addWidget(Hairline())
        column.addLayout(self._body, 1)

    def _connect(self) -> None:
        self._list.chosen.connect(self.step_chosen)
        self._box.chosen.connect(self.step_chosen)
        self._top.sign_wanted.connect(self.sign_wanted)
        self._top.more_wanted.connect(self._show_more)
        self._top.panel_wanted.connect(self._fold_panel)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            self._shortcut(keys, self.next_wanted.emit)
        self._shortcut("Ctrl+Shift+Return", self.previous_wanted.emit)
        for number in range(1, 10):
            self._shortcut(f"Alt+{number}", partial(self._jump, number - 1))

    def _shortcut(self, keys: str, call: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        # A key held down must not rush through the steps.
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(call)

    # What the window asks

    def open(self, argument: str = "") -> None:
        """Show the draft named by its id; "id|section|sheet|place" goes to a question."""
        self._timer.start()
        self.opened.emit(argument)

    def leave(self) -> None:
        """Save and stop the clock."""
        self._timer.stop()
        self.went_away.emit()

    # What the presenter asks

    def show_heading(self, heading: Heading) -> None:
        """Say which family and which baby."""
        self._top.show_heading(heading)

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show the steps with how far each has come."""
        self._steps = tuple(steps)
        self._list.show_steps(steps, current)
        self._box.show_steps(steps, current)

    def show_page(self, page: StepPage) -> None:
        """Show the page of a step; a page that was shown before is mended, not made anew."""
        self._current = page.code
        known = self._pages.get(page.code)
        if known is None:
            known = self._make_page(page)
        else:
            known.show_page(page)
        self._stack.setCurrentWidget(known)
        self._arrange_panel()

    def show_rows(self, key: str, rows: Sequence[Row]) -> None:
        """Show exactly these rows of a sheet."""
        for page in self._pages.values():
            page.show_rows(key, rows)

    def show_changed(self, key: str, rows: Sequence[Row]) -> None:
        """Mend rows of a sheet in place."""
        for page in self._pages.values():
            page.show_changed(key, rows)

    def show_note(self, key: str, words: str) -> None:
        """Show what a sheet adds up to."""
        for page in self._pages.values():
            page.show_note(key, words)

    def show_saved(self, words: str, tone: str) -> None:
        """Say whether everything is saved."""
        self._top.show_saved(words, tone)

    def show_time(self, words: str) -> None:
        """Say how long the visit has lasted."""
        self._top.show_time(words)

    def show_last_visit(self, last: LastVisit) -> None:
        """Show what the last visit left to talk about."""
        self._panel.show_last(last)

    def forget_pages(self) -> None:
        """Another visit is opened: nothing of this one may stay on the screen."""
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages = {}
        self._steps = ()
        self._list.clear()
        self._box.clear()

    def focus_first(self) -> None:
        """Go to the first question of the page that waits for an answer."""
        page = self._pages.get(self._current)
        if page is not None:
            page.focus_first()

    def focus_place(self, key: str, place: str) -> None:
        """Go to a question of the page."""
        page = self._pages.get(self._current)
        if page is not None:
            page.focus_place(key, place)

    def show_moving(self) -> None:
        """Show the page on which the visit is moved."""
        self._stack.setCurrentWidget(self.moving)
        self.moving.begin()

    def show_families(self, lines: Sequence[FamilyLine]) -> None:
        """Offer families that the visit could be about."""
        self.moving.show_families(lines)

    def show_babies(self, family: str, choices: Sequence[BabyChoice]) -> None:
        """Ask which baby is which."""
        self.moving.show_babies(family, choices)

    def show_cannot_move(self, words: str) -> None:
        """Say why it cannot be moved there."""
        self.moving.show_cannot_move(words)

    def show_newer(self, words: str) -> None:
        """Say that there is a newer version of what this visit was begun with, or nothing."""
        self._newer.show_newer(words)

    def show_carrying(self) -> None:
        """Show the page on which answers are carried to a newer version."""
        self.carrying.show_offers(())
        self._stack.setCurrentWidget(self.carrying)

    def show_offers(self, offers: Sequence[CarryOffer]) -> None:
        """Show what carrying each sheet would do."""
        self.carrying.show_offers(offers)

    def close_carrying(self) -> None:
        """Go back to the step that was open."""
        self.close_moving()

    def close_moving(self) -> None:
        """Go back to the step that was open."""
        page = self._pages.get(self._current)
        if page is not None:
            self._stack.setCurrentWidget(page)
            page.focus_first()

    # Inside

    def _make_page(self, page: StepPage) -> StepPageView:
        codes = [step.code for step in self._steps]
        at = codes.index(page.code) + 1 if page.code in codes else len(codes)
        following = self._steps[at].title if at < len(self._steps) else "Sign…"
        made = StepPageView(page, f"Next: {following}" if at < len(self._steps) else following)
        made.answered.connect(self.answered)
        made.added.connect(self.group_added)
        made.removed.connect(self.group_removed)
        made.taken_off.connect(self.questionnaire_unwanted)
        made.asked_for.connect(self.questionnaire_wanted)
        made.said_alone.connect(self.alone_said)
        made.left.connect(self.field_left)
        made.next_wanted.connect(self.next_wanted)
        self._pages[page.code] = made
        self._stack.addWidget(made)
        return made

    def _jump(self, at: int) -> None:
        if at < len(self._steps):
            self.step_chosen.emit(self._steps[at].code)

    def _show_more(self, button: QWidget) -> None:
        menu = QMenu(self)
        move = QAction("Wrong family or baby: move this visit…", menu)
        move.triggered.connect(self.move_wanted)
        menu.addAction(move)
        carry = QAction("Newer version of a checklist: see what would move…", menu)
        carry.triggered.connect(self.carry_wanted)
        carry.setVisible(self._newer.isVisibleTo(self))
        menu.addAction(carry)
        discard = QAction("Set this visit aside (begun by mistake)", menu)
        discard.triggered.connect(self.discard_wanted)
        menu.addAction(discard)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    def _fold_panel(self, on: bool) -> None:
        if self._top.panel.hasFocus() or self._top.panel.underMouse():
            self._panel_chosen = on
        self._show_panel(on)

    def _show_panel(self, on: bool) -> None:
        narrow = self.width() < _NARROW
        self._panel.setVisible(on)
        self._panel.setMaximumWidth(self.width() if narrow else PANEL_WIDTH)
        self._panel.setMinimumWidth(0 if narrow else PANEL_WIDTH)
        # Where there is room for one of them only, the last visit takes the page's place until it is folded again.
        self._stack.setVisible(not (narrow and on))
        self._box_line.setVisible(narrow and not on)
        self._body.setStretch(1, 0 if narrow and on else 1)
        self._body.setStretch(2, 1 if narrow and on else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what does not fit: first the last visit, then the list of steps into one line."""
        super().resizeEvent(event)
        width = event.size().width()
        narrow = width < _NARROW
        self._top.fit(narrow=narrow)
        self._list.setVisible(not narrow)
        self._arrange_panel()

    def _arrange_panel(self) -> None:
        least = _WIDE_FOR_OBSERVATION if self._current == "observation" else _WIDE
        wanted = self._panel_chosen if self._panel_chosen is not None else self.width() >= least
        self._top.panel.setChecked(wanted and self.width() >= _NARROW)
        self._show_panel(self._top.panel.isChecked())


def once_later(owner: QObject) -> Callable[[int, Callable[[], None]], Callable[[], None]]:
    """A way to call something once after a while, and to call it off; it ends with its owner."""

    def later(delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        timer = QTimer(owner)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        timer.timeout.connect(timer.deleteLater)
        timer.start(delay_ms)

        def off() -> None:
            # Called off after it has rung, its C++ half may be gone.
            if shiboken6.isValid(timer):
                timer.stop()
                timer.deleteLater()

        return off

    return later
