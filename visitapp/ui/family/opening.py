"""The page that opens the restricted section of a family for an hour, with a reason, and says first who is told. No Qt."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.caseload import family_view
from visitapp.actions.glass import Access, open_restricted
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId
from visitapp.domain.problems import CheckNeeded, TextNeeded
from visitapp.ui.family.form_presenter import Opened
from visitapp.ui.form import FieldKind, FieldSpec, Form, Section, Values, is_ticked, text_of
from visitapp.ui.wording import moment_words

CHECK = "understood"
WHAT_HAPPENS = (
    "The restricted section holds what was told in confidence: about violence, about somebody else, about staff safety. It is kept "
    "from everybody whose work does not need it. You can open it for one hour, to read. Your reason is sent at once to your "
    "safeguarding lead and to the information governance auditor, with your name, and stays in the audit. Opening needs a network."
)


@dataclass(frozen=True)
class OpenRestricted:
    """Asks the service to open the section; it arrives with the sync that follows."""

    desk: Desk
    done: str = "Opened for one hour. The restricted section arrives with the next sync, which begins now."

    def load(self, argument: str) -> Opened:
        """Say what will happen before anything is asked."""
        name = family_view(self.desk, FamilyId(argument)).row.name
        fields = (
            FieldSpec("reason", "Why you have to see it now", FieldKind.PARAGRAPH, "In a few words, for those who are told."),
            FieldSpec(CHECK, "I know that this is told to them", FieldKind.TICK),
        )
        form = Form(f"Restricted section of {name}", (Section("", fields),), save="Open for one hour", introduction=WHAT_HAPPENS)
        return Opened(form, {"reason": "", CHECK: False})

    def save(self, argument: str, values: Values) -> str:
        """Open it. Raises TextNeeded, CheckNeeded and what `open_restricted` raises."""
        reason = text_of(values, "reason")
        if not reason:
            raise TextNeeded("reason")
        if not is_ticked(values, CHECK):
            raise CheckNeeded(CHECK)
        open_restricted(self.desk, FamilyId(argument), reason)
        return argument


@dataclass(frozen=True)
class Kept:
    """What the family page says about the section where she does not hold it by her work."""

    words: str
    may_open: bool


def kept_section(access: Access, now: datetime) -> Kept | None:
    """Put into words how she stands to the section; nothing where she holds it by her work."""
    if access.by_work:
        return None
    if access.until is None:
        return Kept("Kept from you: your work does not need it every day. Whether there is anything in it is not shown.", True)
    return Kept(f"Open to you, to read, until {moment_words(access.until, now)}. It goes from this laptop by itself.", False)
