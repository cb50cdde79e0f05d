"""Decides which copy of a visit is shown, printed or saved; no Qt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import Problem
from visitapp.ui.roles import Lanes, Navigate, Notices

if TYPE_CHECKING:
    from visitapp.actions.printing import MadeCopy, PrintChoices

FAMILY = "family"
PROFESSIONAL = "professional"
SHORTEST_PASSPHRASE = 12
"""A file that leaves the laptop is attacked at leisure: a short passphrase would not hold."""


@dataclass(frozen=True)
class Wanted:
    """Which copy is wanted."""

    copy: str = FAMILY
    subject: str = ""
    large_print: bool = False


@dataclass(frozen=True)
class PrintPage:
    """What the right-hand side offers and says."""

    wanted: Wanted
    subjects: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    practice: bool
    after_loss: bool

    @property
    def rule(self) -> str:
        """What the chosen copy may and may not hold."""
        if self.wanted.copy == FAMILY:
            return (
                "The family copy has the strengths, the baby's voice and what was ticked “agreed”. Never on it: address, "
                "phone, scores, concerns, safe enquiry, what a third party said."
            )
        return (
            "A professional copy is about one person: a parent's confidential matters stay in the parent's own copy. "
            "Restricted parts are left out."
        )


class PrintView(Protocol):
    """What the presenter asks of the screen."""

    def show_choices(self, page: PrintPage) -> None: ...
    def show_pdf(self, pdf: bytes) -> None: ...
    def show_making(self) -> None: ...
    def print_pdf(self, pdf: bytes, name: str) -> None: ...
    def ask_path(self, suggested: str, encrypted: bool) -> None: ...
    def show_wrong(self, words: str) -> None: ...
    def show_done(self, words: str) -> None: ...


class PrintPresenter:
    """One signed visit on its way to paper."""

    def __init__(
        self, view: PrintView, desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices,
        language: Callable[[], str] = lambda: "en",
    ) -> None:  # fmt: skip
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._language = language
        self._visit = VisitId("")
        self._wanted = Wanted()
        self._choices: PrintChoices | None = None
        self._made: MadeCopy | None = None
        self._passphrase = ""

    def open(self, argument: str) -> None:
        """Show a visit's copies; "id|professional" begins with that copy."""
        visit, _, copy = argument.partition("|")
        self._visit = VisitId(visit)
        self._wanted = Wanted(copy if copy in (FAMILY, PROFESSIONAL) else FAMILY)
        self._made = None
        self._lanes.on_record(self._view, lambda: _choices(self._desk, VisitId(visit)), self._came, self._failed)

    def leave(self) -> None:
        """Let go of the copy: nothing of it is kept."""
        self._made = None
        self._choices = None
        self._passphrase = ""

    def choose_copy(self, copy: str) -> None:
        """Show the family or the professional copy."""
        self._want(replace(self._wanted, copy=copy))

    def choose_subject(self, subject: str) -> None:
        """Show the professional copy about one person ("" is family and baby)."""
        self._want(replace(self._wanted, subject=subject))

    def choose_large_print(self, large: bool) -> None:
        """Show the copy in large print or in normal print."""
        self._want(replace(self._wanted, large_print=large))

    def print_it(self) -> None:
        """Send the copy shown to the printer."""
        if self._made is not None:
            self._view.print_pdf(self._made.pdf, self._made.file_stem)

    def printed(self) -> None:
        """The copy went to the printer."""
        self._note("printed")
        self._view.show_done("Sent to the printer.")

    def save(self, passphrase: str, again: str) -> None:
        """Save the copy encrypted: asks where, once the passphrase will do."""
        if len(passphrase) < SHORTEST_PASSPHRASE:
            self._view.show_wrong(f"Use a passphrase of at least {SHORTEST_PASSPHRASE} characters.")
        elif passphrase != again:
            self._view.show_wrong("The two passphrases are not the same.")
        elif self._made is not None:
            self._passphrase = passphrase
            self._view.ask_path(f"{self._made.file_stem}.pdf", True)

    def save_plain(self) -> None:
        """Save the copy so that anyone can open it: asks where."""
        if self._made is not None:
            self._passphrase = ""
            self._view.ask_path(f"{self._made.file_stem}.pdf", False)

    def write(self, path: str) -> None:
        """Write the copy shown to the file the nurse named."""
        made, passphrase = self._made, self._passphrase
        self._passphrase = ""
        if made is None or not path:
            return
        how = "saved_encrypted" if passphrase else "saved_plain"
        self._lanes.slowly(
            self._view,
            lambda: _written(made.pdf, Path(path), passphrase),
            lambda written: self._wrote(written, how, Path(path).name),
        )

    def back(self) -> None:
        """Go back to the visit."""
        self._navigate("note", self._visit)

    def _want(self, wanted: Wanted) -> None:
        if wanted != self._wanted and self._choices is not None:
            self._wanted = wanted
            self._show()

    def _came(self, choices: "PrintChoices") -> None:
        if choices.visit == self._visit:
            self._choices = choices
            self._show()

    def _show(self) -> None:
        choices, wanted, visit = self._choices, self._wanted, self._visit
        if choices is None:
            return
        self._made = None
        self._view.show_choices(
            PrintPage(wanted, choices.subjects, choices.left_out, choices.practice, choices.after_loss)
        )
        self._view.show_making()
        language = self._language()
        self._lanes.on_record(
            self._view, lambda: _copy(self._desk, visit, wanted, language), lambda made: self._was_made(wanted, made), self._failed
        )

    def _was_made(self, wanted: Wanted, made: "MadeCopy") -> None:
        # Choices may have changed while this one was being made.
        if wanted == self._wanted and self._choices is not None:
            self._made = made
            self._view.show_pdf(made.pdf)

    def _wrote(self, written: bool, how: str, name: str) -> None:
        if not written:
            self._view.show_wrong("It could not be saved there. Choose another folder.")
            return
        self._note(how)
        plain = " Anyone who has the file can read it." if how == "saved_plain" else ""
        self._view.show_done(f"Saved as {name}.{plain}")

    def _note(self, how: str) -> None:
        visit, copy = self._visit, self._wanted.copy
        self._lanes.on_record(
            self._view, lambda: _audit(self._desk, visit, copy, how), lambda _none: None, self._notices.problem
        )

    def _failed(self, problem: Problem) -> None:
        self._notices.problem(problem)


# What makes PDFs is heavy to load and rarely used: it is loaded on the lane, when first wanted.


def _choices(desk: Desk, visit: VisitId) -> "PrintChoices":
    from visitapp.actions.printing import print_choices

    return print_choices(desk, visit)


def _copy(desk: Desk, visit: VisitId, wanted: Wanted, language: str) -> "MadeCopy":
    from visitapp.actions.printing import preview_copy
    from visitapp.reports.document import CopyType

    subject = wanted.subject if wanted.copy == PROFESSIONAL else ""
    return preview_copy(desk, visit, CopyType(wanted.copy), subject, large_print=wanted.large_print, language=language)


def _audit(desk: Desk, visit: VisitId, copy: str, how: str) -> None:
    from visitapp.actions.printing import note_copy_made
    from visitapp.reports.document import CopyType

    note_copy_made(desk, visit, CopyType(copy), how)


def _written(pdf: bytes, path: Path, passphrase: str) -> bool:
    from visitapp.reports.encryption import encrypt

    try:
        path.write_bytes(encrypt(pdf, passphrase) if passphrase else pdf)
    except OSError:
        return False
    return True
