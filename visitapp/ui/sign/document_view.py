"""The signed visit to read: parts as cards, lines that can be chosen with mouse or arrows, remarks beside what they are about."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from visitapp.ui.sign.document import DocLine, DocPart, DocumentPage, Remark, empty_words
from visitapp.ui.visit.blocks import ColourBar
from visitapp.ui.widgets.buttons import Button, QuietButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.surfaces import Card, Flow, clear, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong, title


class LineBox(QFrame):
    """A question with its answer; it can have the focus, and words in it can be marked."""

    chosen = Signal(object, str)
    """The line, and the words marked in it."""
    entered = Signal(object)

    def __init__(self, line: DocLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        said = [line.text, line.value or "not answered", *(f"{remark.who}: {remark.text}" for remark in line.remarks)]
        self.setAccessibleName(". ".join(said))
        inner = QVBoxLayout(self)
        inner.setContentsMargins(8 + 16 * line.depth, 4, 8, 4)
        inner.setSpacing(2)
        inner.addWidget(muted(line.text))
        self._value = Text(line.value or "Not answered", tone="muted" if line.unanswered else "ink")
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._value.installEventFilter(self)
        inner.addWidget(self._value)
        if line.correction:
            inner.addWidget(Text(line.correction, "small", "attention"))
        for remark in line.remarks:
            inner.addWidget(Text(f"{remark.who}, {remark.when}: {remark.text or remark.did}", "small", "accent"))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell which line is looked at."""
        super().focusInEvent(event)
        self.entered.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses the line."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.choose()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click chooses the line."""
        self.choose()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Marking words in the answer also brings the focus to the line."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return super().eventFilter(watched, event)

    def choose(self) -> None:
        """Say that something is to be said about this line."""
        self.chosen.emit(self.line, self._value.selectedText())

    @property
    def marked(self) -> str:
        """The words marked in the answer."""
        return self._value.selectedText()


class DocumentView(QWidget):
    """A signed visit; up and down go from answer to answer."""

    line_chosen = Signal(object, str)
    line_entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._lines: list[LineBox] = []
        self._current: LineBox | None = None
        self._page: DocumentPage | None = None
        self._empty = False

    @property
    def current(self) -> LineBox | None:
        """The line that has, or last had, the focus."""
        return self._current

    def show_document(self, page: DocumentPage, *, short: bool = False) -> None:
        """Show a signed visit; `short` leaves out what a reader beside another note does not need."""
        if self._page is not None and self._page.visit != page.visit:
            self._empty = False
        kept = self._current.line if self._current is not None else None
        had_focus = self._current is not None and self._current.hasFocus()
        self._page = page
        clear(self._column)
        self._lines = []
        self._current = None
        self._add_head(page, short)
        for part in page.parts:
            self._add_part(part)
        if not short and any(part.empty for part in page.parts):
            toggle = QuietButton("Hide empty questions" if self._empty else "Show empty questions too")
            toggle.clicked.connect(self._toggle_empty)
            self._column.addLayout(row(toggle, None))
        self._place_tab_stop(kept, had_focus)

    def focus_line(self) -> None:
        """Put the focus on the line looked at last, else on the first."""
        box = self._current or (self._lines[0] if self._lines else None)
        if box is not None:
            box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from line to line."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self._lines or event.modifiers():
            super().keyPressEvent(event)
            return
        at = self._lines.index(self._current) + step if self._current in self._lines else 0
        self._lines[max(0, min(at, len(self._lines) - 1))].setFocus(Qt.FocusReason.TabFocusReason)

    def _add_head(self, page: DocumentPage, short: bool) -> None:
        words = " · ".join(part for part in (page.family, page.babies) if part)
        self._column.addWidget(heading(words) if short else title(words))
        if page.warning:
            card = Card(tone="danger")
            card.body.addWidget(Text(page.warning))
            self._column.addWidget(card)
        if page.struck:
            card = Card(tone="danger")
            card.body.addWidget(strong(page.struck))
            self._column.addWidget(card)
        chips = QWidget()
        flow = Flow(chips)
        for words, tone, icon in (page.state, *page.flags):
            flow.addWidget(Chip(words, tone, icon if icon != "signed" else "done"))
        self._column.addWidget(chips)
        self._column.addLayout(column(*(muted(fact) for fact in page.facts), gap=2))

    def _add_part(self, part: DocPart) -> None:
        card = Card()
        card.setAccessibleName(part.heading)
        if part.colour:
            card.body.addWidget(ColourBar(part.colour))
        line = row(heading(part.heading), gap=12)
        line.setStretch(0, 1)
        if part.restricted:
            line.addWidget(Chip("restricted", "attention", "restricted"), 0, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(line)
        card.body.setSpacing(4)
        if not part.held:
            card.body.addWidget(muted("You do not hold this part. Its place and its seal are kept."))
        for doc_line in self._shown(part.lines):
            self._add_line(card, doc_line)
        if part.empty and not self._empty:
            card.body.addWidget(muted(empty_words(part.empty)))
        self._column.addWidget(card)

    def _shown(self, lines: Sequence[DocLine]) -> list[DocLine]:
        """The lines to show: without empty questions, and without headings that then stand alone."""
        kept = [
            line
            for line in lines
            if line.kind != "note" and (self._empty or not (line.unanswered and line.is_question and not line.correction))
        ]
        if self._empty:
            return kept
        return [
            line
            for index, line in enumerate(kept)
            if line.kind != "heading" or (index + 1 < len(kept) and kept[index + 1].depth > line.depth)
        ]

    def _add_line(self, card: Card, line: DocLine) -> None:
        if line.kind == "heading":
            card.body.addWidget(strong(line.text))
        elif line.kind == "score":
            words = f"Not all answered ({line.value}): no total." if line.unanswered else f"Total {line.value}. {line.text}"
            card.body.addWidget(strong(words))
        else:
            box = LineBox(line)
            box.chosen.connect(self.line_chosen)
            box.entered.connect(self._enter)
            self._lines.append(box)
            card.body.addWidget(box)

    def _enter(self, box: LineBox) -> None:
        for other in self._lines:
            other.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other is box else Qt.FocusPolicy.ClickFocus)
        self._current = box
        self.line_entered.emit(box)

    def _place_tab_stop(self, kept: DocLine | None, had_focus: bool) -> None:
        same = [
            box for box in self._lines if kept and (box.line.part, box.line.link_id) == (kept.part, kept.link_id)
        ]
        stop = next(iter(same or self._lines), None)
        if stop is not None:
            stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._current = stop
            if had_focus:
                stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _toggle_empty(self) -> None:
        self._empty = not self._empty
        if self._page is not None:
            self.show_document(self._page)


class ThreadView(QWidget):
    """What was added and said, in the order it happened."""

    answer_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What was added and said")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)

    def show_thread(self, remarks: Sequence[Remark], *, can_answer: bool, nothing: str) -> None:
        """Show the remarks; `nothing` says what will be here when there are none."""
        clear(self._column)
        if not remarks:
            self._column.addWidget(muted(nothing))
        for remark in remarks:
            self._column.addWidget(self._card(remark, can_answer))

    def _card(self, remark: Remark, can_answer: bool) -> Card:
        card = Card(tone=remark.tone)
        card.setAccessibleName(f"{remark.who} {remark.did}, {remark.when}")
        card.body.setSpacing(4)
        card.body.addWidget(muted(f"{remark.who} {remark.did}, {remark.when}"))
        if remark.about:
            card.body.addWidget(muted(f"About {remark.about}"))
        if remark.text:
            card.body.addWidget(Text(remark.text))
        if remark.answered:
            card.body.addWidget(muted("Answered"))
        elif can_answer and remark.answerable:
            answer = Button("Answer", "chat", name=f"Answer {remark.who}")
            answer.clicked.connect(lambda: self.answer_wanted.emit(remark))
            card.body.addLayout(row(answer, None))
        return card


def scroll_to(page: QScrollArea, widget: QWidget) -> None:
    """Bring a widget into view once the layout has settled."""
    QTimer.singleShot(0, widget, lambda: page.ensureWidgetVisible(widget, 0, 48))
