"""The desk: what is at hand for whoever is signed in on this laptop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from visitapp.domain.bodies import Body, load
from visitapp.domain.clock import Clock
from visitapp.domain.ids import DeviceId, Ids, TeamId, UserId
from visitapp.domain.problems import NotAllowed, QuestionnaireNotHere
from visitapp.domain.programme import Programme
from visitapp.domain.review import UserRole
from visitapp.domain.visits import questionnaire_name
from visitapp.forms.definition import Questionnaire
from visitapp.forms.library import Library
from visitapp.store.record import Record


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

    @property
    def drafts_scope(self) -> str:
        """The scope that holds this person's own drafts."""
        return f"u:{self.user.user}"

    def questionnaire(self, canonical: str) -> Questionnaire:
        """Return a questionnaire by "url|version", or its newest version here. Raises QuestionnaireNotHere."""
        found = self.library.get(canonical) or self.library.latest(canonical.split("|", 1)[0])
        if found is None:
            raise QuestionnaireNotHere(questionnaire_name(canonical))
        return found

    def must_be(self, *roles: UserRole) -> None:
        """Raise NotAllowed unless the signed-in person has one of these roles."""
        if self.user.role not in roles:
            raise NotAllowed(self.user.role.value)


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


def kept_profile(record: Record) -> Profile | None:
    """Return the profile this record belongs to, or None in a record that has no owner yet."""
    with record.reading() as r:
        raw = r.meta("profile")
    return profile_from_body(load(raw.encode())) if raw else None
