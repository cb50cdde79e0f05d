"""What stands around the page of a visit: the top line, the steps at the left, the last visit at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from visitapp.ui import fonts, icons, theme
from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.fonts import TextRole
from visitapp.ui.visit.heading import BabyTag, Heading
from visitapp.ui.visit.last_visit import LastVisit
from visitapp.ui.visit.steps import Step, StepState
from visitapp.ui.widgets.buttons import Button, IconButton, PrimaryButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.surfaces import Flow, Page, clear, row
from visitapp.ui.widgets.text import OneLine, Text, heading, muted, strong

PANEL_WIDTH = 288
_STEP = Qt.ItemDataRole.UserRole + 1
_ICONS = {
    StepState.EMPTY: ("", ""), StepState.BEGUN: ("edit", "muted"), StepState.COMPLETE: ("tick", "success"),
    StepState.NEEDS_YOU: ("warning", "attention"),
}  # fmt: skip


class TopLine(QWidget):
    """Family, which baby, how long, whether it is saved, and the way to signing."""

    sign_wanted = Signal()
    more_wanted = Signal(object)
    panel_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = OneLine("", "heading")
        self._babies: list[Chip] = []
        self._heading: Heading | None = None
        self._narrow = False
        self._time = muted("", wraps=False)
        self._saved = Text("", "small", "muted", wraps=False)
        self._saved.setAccessibleDescription("Whether what you wrote is saved")
        self.panel = Button("Last visit", "clock")
        self.panel.setCheckable(True)
        self.panel.toggled.connect(self.panel_wanted)
        self._more = IconButton("more", "More about this visit")
        self._more.clicked.connect(lambda: self.more_wanted.emit(self._more))
        self.sign = PrimaryButton("Sign…")
        self.sign.clicked.connect(self.sign_wanted)
        first = row(self._family, self.panel, self._more, self.sign)
        first.setStretch(0, 1)
        self._second = Flow(gap=12)
        self._second.addWidget(self._time)
        self._second.addWidget(self._saved)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(self._second)

    def show_heading(self, heading: Heading) -> None:
        """Say which family and which baby."""
        self._heading = heading
        self._family.show_words(heading.family)
        for chip in self._babies:
            self._second.removeWidget(chip)
            chip.deleteLater()
        self._babies = [_baby_chip(baby, short=self._narrow) for baby in heading.babies]
        for part in (self._time, self._saved):
            self._second.removeWidget(part)
        # Which baby comes before everything else.
        for each in (*self._babies, self._time, self._saved):
            self._second.addWidget(each)

    def fit(self, *, narrow: bool) -> None:
        """In a narrow window the babies' names alone keep everything on one line; their ages stand on their cards."""
        if narrow != self._narrow:
            self._narrow = narrow
            if self._heading is not None:
                self.show_heading(self._heading)

    def show_time(self, words: str) -> None:
        """Say how long the visit has lasted."""
        self._time.setText(words)

    def show_saved(self, words: str, tone: str) -> None:
        """Say whether everything is saved, and when it was."""
        self._saved.setText(words)
        self._saved.set_tone(tone)


def _baby_chip(baby: BabyTag, *, short: bool) -> Chip:
    return Chip(f"{baby.name} · {baby.age}" if baby.age and not short else baby.name, baby.colour or "accent", "baby")


class StepPainter(QStyledItemDelegate):
    """Paints a step: its words, the state under them with a shape, and a ring around it while it has the focus."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one line."""
        step: Step = index.data(_STEP)
        look = theme.current()
        area = QRectF(option.rect).adjusted(8, 3, -8, -3)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("focus"), 3) if focused else Qt.PenStyle.NoPen)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(look.colour("accent_soft" if chosen else "sunken" if over else "surface"))
        painter.drawRoundedRect(area, 8, 8)
        icon, role = _ICONS[step.state]
        if icon:
            icons.paint(painter, QRectF(area.left() + 10, area.center().y() - 9, 18, 18), icon, look.colour(role))
        words = area.adjusted(38, 4, -8, -4)
        painter.setPen(look.colour("accent_strong" if chosen else "ink"))
        painter.setFont(fonts.font(TextRole.STRONG if chosen else TextRole.BODY))
        if not step.words:
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, step.title)
        else:
            painter.drawText(words, Qt.AlignmentFlag.AlignTop, step.title)
            painter.setFont(fonts.font(TextRole.SMALL))
            painter.setPen(look.colour("attention" if step.state is StepState.NEEDS_YOU else "muted"))
            painter.drawText(words, Qt.AlignmentFlag.AlignBottom, step.words)
        painter.restore()


class StepList(QListWidget):
    """The steps with how far each has come; Enter or a click goes there."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Steps of this visit")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setItemDelegate(StepPainter(self))
        self.setProperty("rings_rows", True)
        self.setMouseTracking(True)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show the steps; the lines are kept where the steps are the same."""
        metrics = QFontMetrics(fonts.font(TextRole.STRONG))
        self.setFixedWidth(max((metrics.horizontalAdvance(step.title) for step in steps), default=120) + 84)
        codes = [self.item(index).data(Qt.ItemDataRole.UserRole) for index in range(self.count())]
        if codes != [step.code for step in steps]:
            self.clear()
            for step in steps:
                line = QListWidgetItem()
                line.setData(Qt.ItemDataRole.UserRole, step.code)
                self.addItem(line)
        for index, step in enumerate(steps):
            self._show_step(self.item(index), step)
            if step.code == current:
                self.setCurrentRow(index)

    def _show_step(self, line: QListWidgetItem, step: Step) -> None:
        line.setText(step.title)
        line.setData(_STEP, step)
        line.setData(Qt.ItemDataRole.AccessibleTextRole, f"{step.title}, {step.words or 'empty'}")
        line.setSizeHint(QSize(0, max(48, self.fontMetrics().lineSpacing() * 2 + 16)))

    def _choose(self, line: QListWidgetItem) -> None:
        self.chosen.emit(line.data(Qt.ItemDataRole.UserRole))


class StepBox(CalmBox):
    """The same steps folded into one line, where the window is narrow."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Steps of this visit")
        self.setMinimumHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show the steps with their states in words."""
        self.clear()
        for number, step in enumerate(steps, 1):
            state = f" · {step.words}" if step.words else ""
            self.addItem(f"{number} of {len(steps)}: {step.title}{state}", step.code)
            if step.code == current:
                self.setCurrentIndex(number - 1)


class LastVisitPanel(Page):
    """What the last visit left to talk about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Last visit")

    def show_last(self, last: LastVisit) -> None:
        """Show date, first words, goals and the plan that is still open."""
        clear(self.body)
        self.body.addWidget(heading(f"Last visit, {last.when}" if last.when else "First visit"))
        if last.summary:
            self.body.addWidget(Text(last.summary))
        for name, lines in (
            ("Alerts", last.alerts), ("Goals, in their words", last.goals), ("Agreed with the family", last.agreed),
            ("Also planned", last.other),
        ):  # fmt: skip
            if lines:
                self.body.addWidget(strong(name))
                for line in lines:
                    self.body.addWidget(Text(f"• {line}"))
        if last.is_empty:
            self.body.addWidget(muted("What you plan at a visit, and what was agreed, will stand here at the next one."))
        self.body.addStretch(1)
