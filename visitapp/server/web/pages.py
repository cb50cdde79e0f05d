"""What a page and a form of the web administration are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.protocol.messages import is_id
from visitapp.server.admin.people import NotFound
from visitapp.server.decision import Question, decide
from visitapp.server.operations import Relation, Subject
from visitapp.server.sessions import Session

MOST: Final = 200
"""How long a line of a form may be."""


class Wrong(Exception):
    """Something typed into a form that cannot be taken. `why` is a sentence for whoever typed it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to draw: its template and the facts in it."""

    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A form that was carried out: where to go on, and the word for what is said there."""

    to: str
    said: str


@dataclass(slots=True)
class Call:
    """One request of somebody who is signed in, inside a transaction that sees what her session may see."""

    connection: Connection
    session: Session
    names: Mapping[str, str]
    told: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    about: str = ""
    """What the deed was done to, for the log; an id."""
    words: str = ""
    """A few words for the log."""
    handed_over: set[tuple[str, str]] = field(default_factory=set)
    """Nurses and the families they no longer have, whose drafts the service hands on afterwards."""

    def id(self, name: str) -> str:
        """An id from the address. Raises NotFound for anything else."""
        found = self.names.get(name, "")
        if not is_id(found):
            raise NotFound(name)
        self.about = self.about or found
        return found

    def line(self, name: str, label: str, *, needed: bool = True) -> str:
        """One line of a form, trimmed. Raises Wrong if it is missing or too long."""
        found = " ".join(self.told.get(name, "").split())
        if needed and not found:
            raise Wrong(f"{label} is missing.")
        if len(found) > MOST:
            raise Wrong(f"{label} is too long: {MOST} characters at most.")
        return found

    def may(self, operation: str, user: str = "") -> bool:
        """Whether this account may do something, to another account if one is named."""
        return decide(question(self.connection, self.session, operation, user)).allowed


def question(connection: Connection, session: Session, operation: str, user: str = "") -> Question:
    """What is asked of the decision: this session, this operation, and whose affairs they are."""
    subject: Subject = "audit" if operation.startswith("audit.") else "admin"
    relation: Relation = "other"
    if user and not is_id(user):
        raise NotFound("person")
    if operation.startswith(("account.", "web.")) or user == session.holder.user:
        relation = "own"
    elif user:
        team = connection.execute(text("select team from member where id = :user"), {"user": user}).scalar()
        relation = "team" if team == session.holder.team else "other"
    return Question(operation, session.holder.role, subject, relation)


@dataclass(frozen=True, slots=True)
class Page:
    """Something to look at: its address below /admin, its row in the table of operations, and what draws it."""

    path: str
    operation: str
    show: Callable[[Call], Shown]
    noted: bool = False
    """Whether having looked is a deed of its own."""


@dataclass(frozen=True, slots=True)
class Form:
    """Something to do. `fresh` asks for the second factor again unless it was shown within minutes."""

    path: str
    operation: str
    carry_out: Callable[[Call], Done | Shown]
    fresh: bool = False
    limit: int = 64 * 1024
