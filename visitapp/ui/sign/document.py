"""A signed visit as a document: its parts as lines, what was added and said, all in words; no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from visitapp.actions.reading import ReadPart, VisitReading
from visitapp.domain.clock import spoken_date
from visitapp.domain.review import ReviewAction
from visitapp.domain.visits import NoteState, Outcome
from visitapp.forms.printing import PrintLine
from visitapp.store.rows import AddendumRow, ReviewRow
from visitapp.ui.wording import BABY_SEEN, MODES, NOTE_STATES, OUTCOMES, count, flag_words, moment_words

SAID_WORDS: Mapping[str, str] = {
    ReviewAction.COMMENT: "commented", ReviewAction.SEEN: "has seen it", ReviewAction.RETURNED: "returned it with a question",
    ReviewAction.COUNTERSIGNED: "countersigned it", ReviewAction.RESOLVED: "closed the question",
}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """Something added to the note or said of it, as it stands in the thread."""

    id: str
    who: str
    did: str
    text: str
    about: str
    when: str
    at: datetime
    tone: str = ""
    answerable: bool = False
    answered: bool = False


@dataclass(frozen=True)
class DocLine:
    """One line of a part: a heading, a note, or a question with its answer and what was said of it."""

    kind: str
    depth: int
    text: str
    value: str
    unanswered: bool
    part: str = ""
    link_id: str = ""
    remarks: tuple[Remark, ...] = ()
    correction: str = ""

    @property
    def is_question(self) -> bool:
        """Whether the line can be commented on and corrected."""
        return self.kind == "question"


@dataclass(frozen=True)
class DocPart:
    """One part of the note."""

    id: str
    heading: str
    restricted: bool
    held: bool
    colour: str
    lines: tuple[DocLine, ...]
    empty: int


@dataclass(frozen=True)
class DocumentPage:
    """Everything a reader sees of a signed visit."""

    visit: str
    family: str
    babies: str
    facts: tuple[str, ...]
    state: tuple[str, str, str]
    flags: tuple[tuple[str, str, str], ...]
    parts: tuple[DocPart, ...]
    thread: tuple[Remark, ...]
    struck: str
    warning: str


def document_of(reading: VisitReading, now: datetime) -> DocumentPage:
    """Put a signed visit in words for reading."""
    row = reading.row
    babies = ", ".join(person.short_name for id_ in row.baby_ids if (person := reading.person(id_)))
    return DocumentPage(
        visit=reading.visit,
        family=reading.family_name,
        babies=babies,
        facts=tuple(_facts(reading, now)),
        state=NOTE_STATES[reading.state],
        flags=tuple(flag_words(flag) for flag in reading.flags),
        parts=tuple(_part(part, reading, now) for part in reading.parts),
        thread=thread_of(reading, now),
        struck=_struck(reading, now),
        warning="" if reading.genuine else "This note or one of its parts is not what was signed. Tell your supervisor.",
    )


def _facts(reading: VisitReading, now: datetime) -> list[str]:
    row, body = reading.row, reading.body
    outcome = OUTCOMES[Outcome(row.outcome)] if row.outcome in set(Outcome) else row.outcome
    facts = [f"{outcome.capitalize()}, {MODES.get(row.mode, row.mode)}, {moment_words(row.started_at, now)}"]
    if row.babies_seen:
        facts.append(BABY_SEEN.get(row.babies_seen, row.babies_seen).capitalize())
    facts.append(f"Signed by {row.author_name}, {row.author_role}, {moment_words(row.signed_at, now)}, version {row.version}")
    if row.late:
        facts.append(f"Late entry: {body.get('late_reason') or 'no reason given'}")
    return facts


def _struck(reading: VisitReading, now: datetime) -> str:
    if reading.struck is None:
        return ""
    return f"Entered in error {moment_words(reading.struck.at, now)}, by {reading.struck.author_name}: {reading.struck.reason}"


def _part(part: ReadPart, reading: VisitReading, now: datetime) -> DocPart:
    lines = tuple(
        DocLine(
            kind=line.kind,
            depth=line.depth,
            text=line.text,
            value=value_words(line),
            unanswered=line.unanswered,
            part=part.id,
            link_id=line.item.link_id if line.item is not None else "",
            remarks=_remarks_on(part.id, line.item.link_id if line.item is not None else "", reading, now),
            correction=_correction(part.id, line.item.link_id if line.item is not None else "", reading.added, now),
        )
        for line in part.lines
    )
    several = len(reading.row.baby_ids) > 1
    return DocPart(
        id=part.id,
        heading=part.heading if part.held else "A restricted part",
        restricted=part.restricted,
        held=part.held,
        colour=part.subject.colour if several and part.subject is not None else "",
        lines=lines,
        empty=sum(line.unanswered and line.kind == "question" for line in lines),
    )


def value_words(line: PrintLine) -> str:
    """An answer as people write it: days and times of day in words, the rest as it was given."""
    kind = line.item.type if line.item is not None else ""
    return "\n".join(_when(kind, value) for value in line.value_text.split("\n"))


def _when(kind: str, value: str) -> str:
    try:
        if kind == "date":
            return spoken_date(date.fromisoformat(value))
        if kind == "time":
            return f"{time.fromisoformat(value):%H:%M}"
        if kind == "dateTime":
            moment = datetime.fromisoformat(value)
            return f"{spoken_date(moment.date())}, {moment:%H:%M}"
    except ValueError:
        pass
    return value


def _remarks_on(part: str, link_id: str, reading: VisitReading, now: datetime) -> tuple[Remark, ...]:
    said = [item for item in reading.said if link_id and item.part == part and item.link_id == link_id]
    return tuple(_said(item, reading, now) for item in said)


def _correction(part: str, link_id: str, added: Sequence[AddendumRow], now: datetime) -> str:
    found = [a for a in added if a.kind == "correction" and link_id and a.part == part and a.link_id == link_id]
    return "\n".join(
        f"Corrected {moment_words(item.written_at, now)} by {item.author_name}: “{item.new}”. Reason: {item.reason}"
        for item in found
    )


def thread_of(reading: VisitReading, now: datetime) -> tuple[Remark, ...]:
    """Everything added and said, in the order it happened."""
    remarks = [_said(item, reading, now) for item in reading.said] + [_added(item, now) for item in reading.added]
    return tuple(sorted(remarks, key=lambda remark: remark.at))


def _said(item: ReviewRow, reading: VisitReading, now: datetime) -> Remark:
    about = f"“{item.quote}”" if item.quote else _question(item, reading)
    version = "" if reading.is_about_this_version(item) else "about an earlier version"
    return Remark(
        id=item.id,
        who=" · ".join(part for part in (item.author_name, item.author_role) if part),
        did=SAID_WORDS.get(item.action, item.action),
        text=item.text,
        about=", ".join(part for part in (about, version) if part),
        when=moment_words(item.at, now),
        at=item.at,
        tone="attention" if item.action == ReviewAction.RETURNED else "",
        answerable=item.action in (ReviewAction.RETURNED, ReviewAction.COMMENT),
        answered=item.resolved or any(added.replies_to == item.id for added in reading.added),
    )


def _question(item: ReviewRow, reading: VisitReading) -> str:
    for part in reading.parts:
        for line in part.lines:
            if part.id == item.part and line.item is not None and line.item.link_id == item.link_id:
                return line.text
    return ""


def _added(item: AddendumRow, now: datetime) -> Remark:
    corrected = item.kind == "correction"
    return Remark(
        id=item.id,
        who=" · ".join(part for part in (item.author_name, item.author_role) if part),
        did="corrected an answer" if corrected else "answered" if item.replies_to else "added",
        text=f"Was: {item.old or 'not answered'}\nNow: {item.new}\nReason: {item.reason}" if corrected else item.text,
        about="",
        when=moment_words(item.written_at, now),
        at=item.written_at,
    )


def empty_words(number: int) -> str:
    """How many questions were left empty."""
    return f"{count(number, 'question')} left empty"


def is_open_for_author(state: NoteState) -> bool:
    """Whether anything may still be added."""
    return state is not NoteState.IN_ERROR
