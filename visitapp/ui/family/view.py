"""The Family screen's widgets."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.family.cards import PersonCardWidget, warned_card
from visitapp.ui.family.opening import Kept
from visitapp.ui.family.page import FamilyPage, PersonCard
from visitapp.ui.family.ribbon_card import ribbon_card
from visitapp.ui.family.timeline import Timeline
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.facts import Facts
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.rows import Columns
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Flow, Hairline, Page, clear, column, row
from visitapp.ui.widgets.text import Text, muted, strong

_SIDE_BY_SIDE = 560


class FamilyScreen(Screen):
    """Header and people at the top, the timeline below, due and plan at the right, Start visit within one look."""

    title = "Family"
    rail = "caseload"
    help_page = "family"

    opened = Signal(str)
    left = Signal()
    start_wanted = Signal()
    asked_for = Signal(str)
    asked_for_person = Signal(str, str)
    event_chosen = Signal(str, str)
    narrowed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = Page()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._top = _stack()
        self._people = _stack()
        self._side_body = _stack()
        self.timeline = Timeline()
        self.timeline.chosen.connect(self.event_chosen)
        self.timeline.narrowed.connect(self.narrowed)
        main, side = QWidget(), QWidget()
        in_main = QVBoxLayout(main)
        in_main.setContentsMargins(0, 0, 0, 0)
        in_main.setSpacing(2 * GRID)
        in_main.addLayout(self._people)
        in_main.addWidget(self.timeline)
        in_main.addStretch(1)
        in_side = QVBoxLayout(side)
        in_side.setContentsMargins(0, 0, 0, 0)
        in_side.addLayout(self._side_body)
        in_side.addStretch(1)
        sides = Columns(narrow_under=860)
        sides.add(main, 2)
        sides.add(side, 1)
        self._page.body.addLayout(self._top)
        self._page.body.addWidget(sides)
        self._page.body.addStretch(1)
        self._family = ""
        self._take_focus = False
        self._shown: FamilyPage | None = None

    def open(self, argument: str = "") -> None:
        """Show a family; what the one before it showed is taken away at once."""
        if argument and argument != self._family:
            self._family = argument
            self._clear()
            self.timeline.forget_filters()
            self.say_title("Family")
            self._page.verticalScrollBar().setValue(0)
        self._take_focus = True
        self.opened.emit(self._family)

    def leave(self) -> None:
        """Go out of sight."""
        self.left.emit()

    def show_page(self, page: FamilyPage) -> None:
        """Show everything about a family; nothing moves when nothing changed, and she stays where she was reading."""
        if page == self._shown and not self._take_focus:
            return
        place = self._page.verticalScrollBar().value()
        self._clear()
        self._shown = page
        QTimer.singleShot(0, self._page, lambda: self._page.verticalScrollBar().setValue(place))
        self.say_title(page.name)
        self._show_top(page)
        self._show_people(page)
        self._show_side(page)
        self.timeline.show_events(page.events, has_any=page.has_events)

    def show_gone(self) -> None:
        """Say that the family has left this laptop."""
        self._clear()
        self._top.addWidget(
            EmptyState(
                "This family is no longer on this laptop",
                "It was passed on, or it left your caseload. What you wrote was kept and sent.",
                icon="caseload",
            )
        )

    def _clear(self) -> None:
        self._shown = None
        for layout in (self._top, self._people, self._side_body):
            clear(layout)
        self.timeline.show_events((), has_any=True)

    def _show_top(self, page: FamilyPage) -> None:
        chips = Flow()
        if page.state:
            chips.addWidget(Chip(page.state, "muted", "info"))
        for words, tone, icon in page.chips:
            chips.addWidget(Chip(words, tone, icon))
        across = row(gap=GRID)
        across.addLayout(chips, 1)
        if page.may_write:
            edit = Button("Edit", "edit", name="Edit what is known of the family")
            edit.clicked.connect(lambda: self.asked_for.emit("edit-family"))
            across.addWidget(edit)
        if page.start:
            begin = PrimaryButton(page.start, "draft")
            begin.clicked.connect(self.start_wanted)
            across.addWidget(begin)
        self._top.addLayout(across)
        if page.start and self._take_focus:
            # Layouts show what they are given a moment later, and what is not shown cannot take the keyboard.
            begin.show()
            begin.setFocus()
        self._take_focus = False
        for warned in page.warned:
            card = warned_card(warned)
            if warned.button:
                leads = Button(warned.button, name=f"{warned.button}: {warned.words}")
                leads.clicked.connect(lambda _on=False, to=warned: self.event_chosen.emit(to.screen, to.argument))
                card.body.addLayout(row(leads, None))
            self._top.addWidget(card)

    def _show_people(self, page: FamilyPage) -> None:
        children = Columns(narrow_under=_SIDE_BY_SIDE)
        for child in page.children:
            children.add(self._person(child, page))
        if page.children:
            self._people.addWidget(children)
        if page.adults:
            adults = Columns(narrow_under=_SIDE_BY_SIDE)
            for adult in page.adults:
                adults.add(self._person(adult, page))
            self._people.addWidget(adults)
        if page.may_write:
            add = QuietButton("Add a person", "add")
            add.clicked.connect(lambda: self.asked_for.emit("add-person"))
            self._people.addLayout(row(add, None))
        if not page.children and not page.adults:
            self._people.addWidget(EmptyState("Nobody is written down yet", "Add the mother, the baby, and who else is there."))

    def _person(self, person: PersonCard, page: FamilyPage) -> PersonCardWidget:
        card = PersonCardWidget(person, may_edit=page.may_write)
        card.edit_wanted.connect(lambda id_: self.asked_for_person.emit("edit-person", id_))
        card.birth_wanted.connect(lambda id_: self.asked_for_person.emit("birth", id_))
        return card

    def _show_side(self, page: FamilyPage) -> None:
        due = Card("Next due")
        for number, line in enumerate(page.due):
            if number:
                due.body.addWidget(Hairline())
            words = column(strong(line.title), Text(line.detail, "small", "danger" if line.is_over else "muted"), gap=2)
            across = row(Picture("warning" if line.is_over else "calendar", 20, "danger" if line.is_over else "muted"))
            across.addLayout(words, 1)
            due.body.addLayout(across)
        if not page.due:
            due.body.addWidget(muted(page.due_empty))
        self._side_body.addWidget(due)
        plan = Card("Goals and plan")
        for item in page.plan:
            across = row(Picture(item.icon, 20, "muted"))
            across.addLayout(column(Text(item.words), *([muted(item.detail)] if item.detail else []), gap=2), 1)
            plan.body.addLayout(across)
        if not page.plan:
            plan.body.addWidget(muted("What is agreed in a visit's plan shows here."))
        self._side_body.addWidget(plan)
        if page.restricted is not None:
            self._side_body.addWidget(self._restricted_card(page.restricted))
        if page.strips:
            self._side_body.addWidget(ribbon_card(page.strips))
        about = Card("About the family")
        about.body.addWidget(Facts(page.facts))
        if page.may_write:
            change = QuietButton("Moved, graduated, declined, or a loss", "next", name="Change the family's state")
            change.clicked.connect(lambda: self.asked_for.emit("family-state"))
            about.body.addLayout(row(change, None))
            refile = QuietButton("Somebody is in the wrong family", "next")
            refile.clicked.connect(lambda: self.asked_for.emit("refile-person"))
            about.body.addLayout(row(refile, None))
        self._side_body.addWidget(about)

    def _restricted_card(self, kept: Kept) -> Card:
        card = Card("Restricted section")
        card.body.addWidget(muted(kept.words))
        if kept.may_open:
            opens = QuietButton("Open for one hour", "restricted", name="Open the restricted section for one hour")
            opens.clicked.connect(lambda: self.asked_for.emit("open-restricted"))
            card.body.addLayout(row(opens, None))
        return card


def _stack() -> QVBoxLayout:
    found = QVBoxLayout()
    found.setContentsMargins(0, 0, 0, 0)
    found.setSpacing(2 * GRID)
    return found
