"""A family in words: what its header, cards, timeline and side say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from visitapp.actions.caseload import FamilyView, Urgency
from visitapp.actions.disagreements import OVERLAP, Decided
from visitapp.domain.people import FamilyState, Person, Role, shown_nhs_number
from visitapp.domain.visits import NoteState, Outcome
from visitapp.store.overlaps import OverlapRow
from visitapp.store.rows import DraftRow, MeasurementRow, OutboxRow, PlanRow, VisitRow
from visitapp.ui.disagreement.labels import KINDS, kind_title
from visitapp.ui.disagreement.presenter import CHOSEN_WORDS, DECIDED
from visitapp.ui.due import window_words
from visitapp.ui.family.opening import Kept, kept_section
from visitapp.ui.family.ribbons import RibbonStrip, strips_of
from visitapp.ui.family.standing import nothing_due, state_words
from visitapp.ui.wording import (
    BABY_SEEN,
    LONDON,
    LOSS,
    MODES,
    NOTE_STATES,
    OUTCOMES,
    ROLES,
    day_words,
    flag_words,
    moment_words,
    weekday_words,
)

SHOWN_DUE = 6


class Kind(StrEnum):
    """What the timeline can be narrowed to."""

    VISIT = "visit"
    NOT_SEEN = "not_seen"
    MEASURE = "measure"
    FLAGGED = "flagged"
    SCORE = "score"


KIND_WORDS = {
    Kind.VISIT: "Visits",
    Kind.NOT_SEEN: "Not seen",
    Kind.FLAGGED: "Concerns",
    Kind.MEASURE: "Measures",
    Kind.SCORE: "Scores",
}
Chip = tuple[str, str, str]


@dataclass(frozen=True)
class PersonCard:
    """One person: what the card says, its colour, and what can be done there."""

    id: str
    name: str
    role: str
    colour: str
    age: str
    facts: tuple[tuple[str, str], ...]
    chips: tuple[Chip, ...] = ()
    is_child: bool = False
    may_be_born: bool = False


@dataclass(frozen=True)
class Warned:
    """Something to know before the door is opened."""

    words: str
    detail: str
    tone: str = "attention"
    icon: str = "warning"
    is_hidden: bool = False
    """Shown only when she asks for it: somebody may be looking over her shoulder."""
    button: str = ""
    screen: str = ""
    argument: str = ""
    """Where its button leads, if it has one."""


@dataclass(frozen=True)
class Event:
    """One entry of the timeline."""

    when: str
    title: str
    detail: str
    icon: str
    tone: str
    chips: tuple[Chip, ...]
    screen: str
    argument: str
    kinds: frozenset[Kind]
    at: datetime


@dataclass(frozen=True)
class DueLine:
    """A contact that is due."""

    title: str
    detail: str
    is_over: bool


@dataclass(frozen=True)
class PlanLine:
    """A goal, task or next visit."""

    words: str
    detail: str
    icon: str


@dataclass(frozen=True)
class FamilyPage:
    """Everything the Family screen shows, in words."""

    name: str
    state: str
    warned: tuple[Warned, ...]
    chips: tuple[Chip, ...]
    children: tuple[PersonCard, ...]
    adults: tuple[PersonCard, ...]
    facts: tuple[tuple[str, str], ...]
    due: tuple[DueLine, ...]
    due_empty: str
    plan: tuple[PlanLine, ...]
    events: tuple[Event, ...]
    has_events: bool
    start: str
    may_write: bool
    strips: tuple[RibbonStrip, ...] = ()
    restricted: Kept | None = None


def page_of(view: FamilyView, now: datetime, kinds: frozenset[Kind] = frozenset(), *, may_write: bool) -> FamilyPage:
    """Put a family into words; `kinds` narrows the timeline."""
    today = now.astimezone(LONDON).date()
    state = view.row.state
    events = sorted(_events(view, now), key=lambda event: event.at, reverse=True)
    return FamilyPage(
        name=view.row.name,
        state="" if state is FamilyState.ACTIVE else state_words(view, today),
        warned=tuple(_warned(view, now)),
        chips=tuple(flag_words(code) for code in view.row.flags),
        children=tuple(_card(p, view, today, may_write=may_write) for p in view.people if p.is_child),
        adults=tuple(_card(p, view, today, may_write=may_write) for p in view.people if not p.is_child),
        facts=tuple(_facts(view)),
        due=tuple(
            DueLine(
                " · ".join(filter(None, (due.contact.title, due.person_name))),
                window_words(due.contact, today),
                due.urgency is Urgency.OVERDUE,
            )
            for due in view.due[:SHOWN_DUE]
        ),
        due_empty=nothing_due(state),
        plan=tuple(_plan(view.plan, today)),
        events=tuple(event for event in events if not kinds or kinds & event.kinds),
        has_events=bool(events),
        start=("Go on writing" if view.drafts else "Start visit") if may_write else "",
        may_write=may_write,
        strips=() if state in LOSS else strips_of(view.extracts.ribbons, view.people, now),
        restricted=kept_section(view.restricted, now),
    )


def _warned(view: FamilyView, now: datetime) -> Iterable[Warned]:
    today = now.astimezone(LONDON).date()
    for alert in view.row.alerts:
        detail = [alert.source]
        if alert.review_on is not None:
            late = alert.review_on < today
            detail.append(("review was due " if late else "review by ") + day_words(alert.review_on, today))
        yield Warned(alert.text or alert.code, " · ".join(part for part in detail if part), is_hidden=alert.restricted)
    if view.cover is not None:
        until = day_words(view.cover.until.astimezone(LONDON).date(), today)
        words = f"You cover this family for {view.cover.for_name or 'a colleague'} until {until}"
        yield Warned(words, "Then it leaves your caseload by itself. What you sign arrives.", tone="accent", icon="calendar")
    yield from (*map(_stuck, view.stuck), *map(_overlap, view.overlaps))
    if view.unseen_twice and view.row.state is FamilyState.ACTIVE:
        seen = "The baby was not seen awake at the last two visits"
        yield Warned(seen, "Plan a visit when the baby is likely to be awake.", icon="hide")
    for mark in view.begun_elsewhere:
        yield Warned(
            f"{mark.author_name or 'A colleague'} has begun a visit that is not signed",
            f"Begun {moment_words(mark.started_at, now)}. Its content stays with them until they sign.",
            tone="accent",
            icon="draft",
        )


def _stuck(op: OutboxRow) -> Warned:
    two = (op.state, op.act) == ("conflict", "put")
    words = "there are two versions" if two else "your service did not take a change"
    detail = "Choose one, or write one from both." if two else "What you wrote is kept. See what can be done."
    button, screen = ("Compare and decide", "disagreement") if two else ("Open Sync", "sync")
    title = f"{KINDS.get(op.kind, 'record').capitalize()}: {words}"
    return Warned(title, detail, icon="question", button=button, screen=screen, argument=op.op)


def _overlap(row: OverlapRow) -> Warned:
    title = f"{KINDS.get(row.kind, 'record').capitalize()}: two people changed the same thing"
    where = f"{OVERLAP}{row.id}"
    return Warned(title, "The newest text counts.", icon="question", button="Look at both", screen="disagreement", argument=where)


def _card(person: Person, view: FamilyView, today: date, *, may_write: bool) -> PersonCard:
    chips: list[Chip] = []
    if person.died_on is not None:
        chips.append((f"died {day_words(person.died_on)}", "muted", "heart"))
    elif person.is_child and person.colour:
        chips.append(("twin", person.colour, "baby"))
    if person.parental_responsibility:
        chips.append(("parental responsibility", "accent", "done"))
    if not person.lives_here:
        chips.append(("lives elsewhere", "muted", "home"))
    return PersonCard(
        id=person.id,
        name=person.full_name or ROLES[person.role],
        role=ROLES[person.role],
        colour=person.colour if person.is_child else "",
        age=view.ages.get(person.id, ""),
        facts=tuple(_person_facts(person, today)),
        chips=tuple(chips),
        is_child=person.is_child,
        may_be_born=may_write and person.role is Role.UNBORN and view.row.state is FamilyState.ACTIVE,
    )


def _person_facts(person: Person, today: date) -> Iterable[tuple[str, str]]:
    if person.known_as and person.known_as != person.given_name:
        yield "Known as", person.known_as
    if person.pronouns:
        yield "Pronouns", person.pronouns
    if person.born_on is not None:
        born = day_words(person.born_on)
        if person.is_child and person.gestation_days:
            weeks, days = divmod(person.gestation_days, 7)
            born += f", at {weeks} weeks" + (f" and {days} days" if days else "")
        elif not person.is_child:
            born += f" ({_years(person.born_on, today)})"
        yield "Born", born
    if person.due_on is not None and person.role is Role.UNBORN:
        yield "Expected", day_words(person.due_on)
    if person.nhs_number:
        yield "NHS number", shown_nhs_number(person.nhs_number)
    for label, value in (("Phone", person.phone), ("Language", person.language), ("Note", person.note)):
        if value:
            yield label, value


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _facts(view: FamilyView) -> Iterable[tuple[str, str]]:
    body = view.body
    address = body.get("address") or {}
    lines = [str(address.get(key) or "") for key in ("line", "town", "postcode")]
    pairs = [("Address", ", ".join(line for line in lines if line)), ("Phone", str(body.get("phone") or ""))]
    pairs.append(("Safe contact", str(body.get("safe_contact") or "")))
    interpreter = body.get("interpreter") or {}
    if interpreter.get("needed"):
        told = [f"needed, {interpreter.get('language') or 'language not known'}", str(interpreter.get("note") or "")]
        pairs.append(("Interpreter", "; ".join(part for part in told if part)))
    languages = body.get("languages") or ()
    pairs.append(("Languages", ", ".join(languages) if isinstance(languages, list) else str(languages)))
    pairs.append(("GP", str(body.get("gp") or "")))
    for other in body.get("professionals") or ():
        told = [str(other.get("name") or ""), str(other.get("phone") or "")]
        pairs.append((str(other.get("role") or "Also works with them"), ", ".join(part for part in told if part)))
    pairs.append(("Family nurse", str(body.get("nurse_name") or "")))
    pairs.append(("Note", str(body.get("note") or "")))
    return [(label, value) for label, value in pairs if value]


def _plan(items: Sequence[PlanRow], today: date) -> Iterable[PlanLine]:
    order = {"next_visit": 0, "goal": 1, "task": 2}
    for item in sorted(items, key=lambda item: (order.get(item.kind, 9), item.due_on or date.max)):
        if item.done_on is not None:
            continue
        when = f"by {day_words(item.due_on, today)}" if item.due_on else ""
        if item.kind == "next_visit" and item.due_on:
            yield PlanLine(f"Next visit {weekday_words(item.due_on)}", item.at, "calendar")
        elif item.kind == "goal":
            yield PlanLine(item.text, "agreed with the family" if item.agreed else "", "spark")
        else:
            yield PlanLine(item.text, " · ".join(part for part in (item.who, when) if part), "plan")


def _events(view: FamilyView, now: datetime) -> Iterable[Event]:
    for draft in view.drafts:
        words, tone, icon = NOTE_STATES[NoteState.DRAFT]
        yield Event(
            moment_words(draft.started_at, now),
            _begun_words(draft), "Only you can see a draft.", icon, tone,
            ((words, tone, icon),), "visit", draft.visit, frozenset({Kind.VISIT}), draft.updated_at,
        )  # fmt: skip
    for visit in view.visits:
        yield _visit_event(visit, now)
    for one in view.decided:
        yield _decision_event(one, now)
    names: dict[str, str] = {person.id: person.short_name for person in view.people}
    for measured in view.measurements:
        if measured.taken_on is not None:
            yield _measure_event(measured, names.get(measured.person, ""), now)
    for said in view.extracts.said:
        title = " · ".join(part for part in (f"{said.title}: {said.words}", names.get(said.person, "")) if part)
        yield Event(
            moment_words(said.at, now), title, "An aid, not a diagnosis." if said.is_score else "", "clipboard", "muted",
            (), "note", said.visit, frozenset({Kind.SCORE}), said.at,
        )  # fmt: skip


def _begun_words(draft: DraftRow) -> str:
    return f"Visit begun by {draft.left_by}, left to you" if draft.left_by else "Visit begun"


def _decision_event(one: Decided, now: datetime) -> Event:
    words = CHOSEN_WORDS.get(one.chosen, "It was decided between two texts")
    title = f"{kind_title(one.kind, one.about)}: {words[0].lower()}{words[1:]}"
    return Event(
        moment_words(one.at, now), title, f"By {one.by}. {one.reason}".strip(), "signed", "muted", (), "disagreement",
        f"{DECIDED}{one.id}", frozenset(), one.at,
    )  # fmt: skip


def _visit_event(visit: VisitRow, now: datetime) -> Event:
    state = NoteState(visit.state)
    chips: list[Chip] = [NOTE_STATES[state]]
    chips += [flag_words(code) for code in visit.flags]
    if visit.late and "late" not in visit.flags:
        chips.append(flag_words("late"))
    kinds = {Kind.VISIT}
    not_seen = visit.outcome != Outcome.COMPLETED or visit.babies_seen == "not-seen"
    if not_seen:
        kinds.add(Kind.NOT_SEEN)
    if visit.flags:
        kinds.add(Kind.FLAGGED)
    return Event(
        when=moment_words(visit.started_at, now),
        title=_visit_title(visit),
        detail=visit.summary,
        icon="error" if state is NoteState.IN_ERROR else "hide" if not_seen else "note",
        tone="muted" if state is NoteState.IN_ERROR else "attention" if not_seen else "accent",
        chips=tuple(chips),
        screen="note",
        argument=visit.id,
        kinds=frozenset(kinds),
        at=visit.started_at,
    )


def _visit_title(visit: VisitRow) -> str:
    if visit.outcome != Outcome.COMPLETED:
        known = visit.outcome in set(Outcome)
        return (OUTCOMES[Outcome(visit.outcome)] if known else visit.outcome.replace("-", " ")).capitalize()
    where = MODES.get(visit.mode, "")
    seen = BABY_SEEN.get(visit.babies_seen, "")
    return ", ".join(part for part in (f"Visit {where}".strip(), seen) if part)


_MEASURES = {"weight": "Weight", "length": "Length", "head": "Head"}


def _measure_event(measured: MeasurementRow, name: str, now: datetime) -> Event:
    at = datetime.combine(measured.taken_on or now.date(), datetime.min.time(), tzinfo=LONDON)
    value = f"{measured.value:,.0f} g" if measured.unit == "g" else f"{measured.value / 10:.1f} cm"
    title = f"{_MEASURES.get(measured.code, measured.code)} {value}" + (f" · {name}" if name else "")
    screen, argument = ("note", measured.visit) if measured.visit else ("", "")
    return Event(
        day_words(at.date(), now.date()), title, "", "ruler", "muted", (), screen, argument,
        frozenset({Kind.MEASURE}), at,
    )  # fmt: skip
