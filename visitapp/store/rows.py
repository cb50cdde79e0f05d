"""What the record's questions answer with: frozen rows, shaped for screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class AlertRow:
    """One alert of a family. `risk`: self, others or from_others."""

    code: str
    text: str
    risk: str = ""
    source: str = ""
    review_on: date | None = None
    end_on: date | None = None
    restricted: bool = False


@dataclass(frozen=True)
class PersonRow:
    """One person of a family."""

    id: str
    family: str
    role: str
    given_name: str
    family_name: str
    known_as: str
    pronouns: str
    born_on: date | None
    due_on: date | None
    died_on: date | None
    gestation_days: int | None
    nhs_number: str
    sex: str
    phone: str
    language: str
    parental_responsibility: bool
    lives_here: bool
    colour: str
    twin_of: str
    order: int
    note: str


@dataclass(frozen=True)
class FamilyRow:
    """One line of the caseload.

    `last_seen_at` is the last visit at which a baby was seen, `last_awake_at` seen awake. `sync` is one word for the dot: received,
    waiting (something is on this laptop only), attention (something waits for a person), arriving (first pull not yet done). `role`
    is how the signed-in user holds the family: nurse, review, or "" before the server has said so.
    """

    id: str
    name: str
    state: str
    state_on: date | None
    enrolled_on: date | None
    line: str
    town: str
    postcode: str
    phone: str
    safe_contact: str
    nurse: str
    nurse_name: str
    programmes: tuple[str, ...]
    alerts: tuple[AlertRow, ...]
    interpreter_needed: bool
    language: str
    gp: str
    people: tuple[PersonRow, ...]
    visit_count: int
    last_visit_at: datetime | None
    last_completed_at: datetime | None
    last_seen_at: datetime | None
    last_awake_at: datetime | None
    last_phase: str
    flags: tuple[str, ...]
    returned: int
    drafts: int
    unsigned_since: datetime | None
    begun: int
    open_referrals: int
    next_visit_on: date | None
    unsent: int
    attention: int
    role: str
    leaving: bool
    sync: str


@dataclass(frozen=True)
class VisitRow:
    """One signed visit. `state`: signed, received, seen, returned, countersigned or in_error; `answered` after a return."""

    id: str
    family: str
    state: str
    author: str
    author_name: str
    author_role: str
    started_at: datetime
    ended_at: datetime | None
    signed_at: datetime
    received_at: datetime | None
    outcome: str
    mode: str
    late: bool
    babies_seen: str
    baby_ids: tuple[str, ...]
    phase: str
    summary: str
    flags: tuple[str, ...]
    version: int
    answered: bool
    hash: str


@dataclass(frozen=True)
class PartRow:
    """One signed sheet: a questionnaire answered about one subject. `hash` is SHA-256 of the body in hexadecimal."""

    id: str
    scope: str
    visit: str
    section: str
    questionnaire: str
    subject_kind: str
    subject: str
    subject_role: str
    caregiver: str
    restricted: bool
    title: str
    answers: tuple[Mapping[str, Any], ...]
    body: bytes
    hash: str


@dataclass(frozen=True)
class DraftRow:
    """One visit being written on this laptop. `owner` is the user whose scope holds it; `left_by` whoever began it and has gone."""

    visit: str
    scope: str
    owner: str
    family: str
    family_name: str
    author: str
    started_at: datetime
    updated_at: datetime
    step: str
    outcome: str
    mode: str
    baby_ids: tuple[str, ...]
    left_by: str = ""


@dataclass(frozen=True)
class BegunRow:
    """A visit that somebody began and has not signed; nothing of its content."""

    visit: str
    family: str
    family_name: str
    author: str
    author_name: str
    started_at: datetime


@dataclass(frozen=True)
class ReviewRow:
    """One step of a review. `state`: received, or where it waits; `resolved` says that a later step settled this comment."""

    id: str
    visit: str
    visit_hash: str
    action: str
    text: str
    part: str
    link_id: str
    quote: str
    author: str
    author_name: str
    author_role: str
    at: datetime
    replies_to: str
    resolved: bool
    state: str


@dataclass(frozen=True)
class AddendumRow:
    """One addendum or correction to a signed visit."""

    id: str
    visit: str
    kind: str
    text: str
    part: str
    link_id: str
    old: str
    new: str
    reason: str
    author: str
    author_name: str
    author_role: str
    written_at: datetime
    replies_to: str
    state: str


@dataclass(frozen=True)
class ErrorMarkRow:
    """The mark that a visit was entered in error."""

    id: str
    visit: str
    reason: str
    author: str
    author_name: str
    at: datetime


@dataclass(frozen=True)
class QueueRow:
    """One note that waits for a supervisor; flagged ones come first, then the oldest."""

    visit: str
    family: str
    family_name: str
    author: str
    author_name: str
    started_at: datetime
    signed_at: datetime
    received_at: datetime | None
    outcome: str
    late: bool
    summary: str
    flags: tuple[str, ...]
    state: str
    answered: bool


@dataclass(frozen=True)
class ReferralRow:
    """One referral of a person."""

    id: str
    family: str
    person: str
    to: str
    reason: str
    state: str
    state_on: date | None


@dataclass(frozen=True)
class MeasurementRow:
    """One measurement of a child; replaced ones are left out. `unit`: g or mm."""

    id: str
    family: str
    person: str
    visit: str
    code: str
    value: float
    unit: str
    taken_on: date | None


@dataclass(frozen=True)
class PlanRow:
    """One goal, task or next visit of a family. `at` is a time of day ("10:30") where one was agreed."""

    id: str
    family: str
    family_name: str
    kind: str
    text: str
    who: str
    due_on: date | None
    at: str
    done_on: date | None
    agreed: bool
    from_visit: str


@dataclass(frozen=True)
class OutboxRow:
    """One change on its way. `state`: waiting, sent, parked, held, conflict, gone, frozen or denied; `code` is the " "server's
    word.
    """

    op: str
    group: str
    scope: str
    kind: str
    id: str
    family: str
    act: str
    state: str
    code: str
    tries: int
    made_at: datetime
    sent_at: datetime | None
    size: int


@dataclass(frozen=True)
class SyncCounts:
    """The sentence of the status bar in numbers.

    `unsent` are changes that the server has not confirmed, `notes_here_only` signed notes among them, `attention` changes that wait
    for a person, `arriving` families whose first pull is not done.
    """

    unsent: int
    notes_here_only: int
    drafts: int
    attention: int
    held: int
    arriving: int
    oldest_unsent_at: datetime | None
    last_sync_at: datetime | None


@dataclass(frozen=True)
class SyncLogRow:
    """One exchange with the server. `outcome`: done, partly, offline or a problem's name."""

    started_at: datetime
    ended_at: datetime
    outcome: str
    sent: int
    received: int
    up_bytes: int
    down_bytes: int
    requests: int
    problem: str


@dataclass(frozen=True)
class ReceiptRow:
    """What the server said to one change."""

    op: str
    scope: str
    kind: str
    id: str
    outcome: str
    rev: int
    code: str
    at: datetime


@dataclass(frozen=True)
class Disagreement:
    """A record with two versions: what was written here and what the server has (None where it has nothing)."""

    op: str
    scope: str
    kind: str
    id: str
    family: str
    outcome: str
    code: str
    mine: bytes
    theirs: bytes | None
    theirs_rev: int
    theirs_author: str
    theirs_at: datetime | None
