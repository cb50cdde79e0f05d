"""The desk: what is at hand for whoever is signed in on this laptop."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from visitapp.actions.leases import lease_standing
from visitapp.actions.shelf import KIND, take_in
from visitapp.domain.bodies import Body, dump, load
from visitapp.domain.clock import Clock
from visitapp.domain.ids import DeviceId, Ids, TeamId, UserId
from visitapp.domain.problems import NotAllowed, QuestionnaireNotHere, RecordHasNoOwner
from visitapp.domain.programme import Programme
from visitapp.domain.review import UserRole
from visitapp.domain.visits import questionnaire_name
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.library import Library
from visitapp.store.changes import Changes
from visitapp.store.record import Record
from visitapp.vault.device import DeviceKey
from visitapp.vault.lease import Leave
from visitapp.vault.problems import LeaseOver


@dataclass(frozen=True)
class Profile:
    """Who is signed in."""

    user: UserId
    name: str
    role: UserRole
    job_title: str = ""
    team: TeamId = TeamId("")
    team_name: str = ""

    def body(self) -> Body:
        """Return the profile as it is kept in the record."""
        return {
            "user": self.user, "name": self.name, "role": self.role.value, "job_title": self.job_title,
            "team": self.team, "team_name": self.team_name,
        }  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Everything an action needs; built once after unlock, closed with the record."""

    record: Record
    clock: Clock
    ids: Ids
    user: Profile
    device: DeviceId
    sign: Callable[[bytes], bytes]
    library: Library
    programmes: Sequence[Programme]
    phone_cards: Sequence[Body] = ()
    practice: bool = False
    leave: Leave = Leave.FREE
    """What may be done without the service, as it was judged when the record was opened."""

    @property
    def drafts_scope(self) -> str:
        """The scope that holds this person's own drafts."""
        return f"u:{self.user.user}"

    def questionnaire(self, canonical: str) -> Questionnaire:
        """Return a questionnaire by "url|version", or by its url the version that is asked today.

        A version that is not here is read by the newest one that is. Raises QuestionnaireNotHere.
        """
        found = self.library.get(canonical) if "|" in canonical else None
        found = found or self.library.latest(canonical.split("|", 1)[0], self.clock.today())
        if found is None:
            raise QuestionnaireNotHere(questionnaire_name(canonical))
        return found

    def must_be(self, *roles: UserRole) -> None:
        """Raise NotAllowed unless the signed-in person has one of these roles."""
        if self.user.role not in roles:
            raise NotAllowed(self.user.role.value)


    def must_read(self) -> None:
        """Raise LeaseOver where families that came from the service may not be shown."""
        if self.leave not in (Leave.FREE, Leave.WARN):
            raise LeaseOver(may_write=self.leave is Leave.WRITE_ONLY)

    def must_write(self) -> None:
        """Raise LeaseOver where not even a new visit may be written."""
        if self.leave is Leave.SEALED:
            raise LeaseOver(may_write=False)


def profile_from_body(body: Body) -> Profile:
    """Read a profile; raises KeyError or ValueError when it is not one."""
    return Profile(
        user=UserId(body["user"]),
        name=str(body["name"]),
        role=UserRole(body["role"]),
        job_title=str(body.get("job_title") or ""),
        team=TeamId(str(body.get("team") or "")),
        team_name=str(body.get("team_name") or ""),
    )


def begin_record(record: Record, profile: Profile, device: DeviceId, key: DeviceKey, *, practice: bool) -> None:
    """Write into a new record whose it is, which device this is, and whether it is for practice only."""
    with record.writing() as w:
        w.meta_set("profile", dump(profile.body()).decode())
        w.meta_set("device", device)
        w.meta_set("device_key", base64.b64encode(key.private_bytes()).decode())
        w.meta_set("practice", "1" if practice else "0")
        w.audit("record_begun", user=profile.user, device=device)


def has_owner(record: Record) -> bool:
    """Tell whether a record knows whose it is."""
    with record.reading() as r:
        return bool(r.meta("profile"))


def sit_down(record: Record, clock: Clock, shipped: "Shipped") -> Desk:
    """Return the desk of the record's owner. Raises RecordHasNoOwner."""
    with record.reading() as r:
        raw, device, key = r.meta("profile"), r.meta("device"), r.meta("device_key")
        practice = r.meta("practice") == "1"
    if not (raw and device and key):
        raise RecordHasNoOwner
    # Shelves are one's own: what this record's service published is nobody else's.
    library = shipped.library.copy()
    take_in(record, library)
    record.changes.subscribe(lambda changes: _take_in_published(changes, record, library))
    return Desk(
        record=record,
        clock=clock,
        ids=Ids(clock),
        user=profile_from_body(load(raw.encode())),
        device=DeviceId(device),
        sign=DeviceKey.from_bytes(base64.b64decode(key)).sign,
        library=library,
        programmes=shipped.programmes,
        phone_cards=shipped.phone_cards,
        practice=practice,
        leave=lease_standing(record).leave,
    )


def _take_in_published(changes: Changes, record: Record, library: Library) -> None:
    if KIND in changes.kinds:
        take_in(record, library)


@dataclass(frozen=True)
class Shipped:
    """The clinical data that comes with the program: questionnaires, programme packs, the sample phone card."""

    library: Library
    programmes: Sequence[Programme]
    phone_cards: Sequence[Body]


def shipped(resources: Path) -> Shipped:
    """Read the clinical data files that ship."""

    def files(folder: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((resources / folder).glob("*.json"))]

    return Shipped(
        library=Library(load_questionnaire(raw) for raw in files("questionnaires")),
        programmes=tuple(Programme.from_pack(load(raw)) for raw in files("programmes")),
        phone_cards=tuple(card for raw in files("directory") for card in load(raw).get("cards", ())),
    )
