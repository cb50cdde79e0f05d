"""How a contact that is due is said: what, for whom, by when, and how far over."""

from datetime import date
from typing import Protocol

from visitapp.ui.wording import count, day_words


class Contact(Protocol):
    """What the words need of a due contact."""

    @property
    def title(self) -> str: ...
    @property
    def opens_on(self) -> date: ...
    @property
    def closes_on(self) -> date: ...
    @property
    def status(self) -> str: ...


def window_words(contact: Contact, today: date) -> str:
    """Say a contact's window as it matters today: "due by 3 Dec, 5 days over", "due by 3 Dec", "from 3 Dec to 9 Jan"."""
    by = f"due by {day_words(contact.closes_on, today)}"
    over = (today - contact.closes_on).days
    if over > 0:
        return f"{by}, {count(over, 'day')} over"
    if contact.opens_on > today:
        return f"from {day_words(contact.opens_on, today)} to {day_words(contact.closes_on, today)}"
    return f"{by}, today is the last day" if over == 0 else by


def due_words(contact: Contact, today: date) -> str:
    """Say what is due and its window: "12-month review, due by 3 Dec, 5 days over"."""
    return f"{contact.title}, {window_words(contact, today)}"
