"""Programme packs: dated data files that say which contacts a programme asks for, and from when until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from visitapp.domain.ages import Phase, add_months


@dataclass(frozen=True)
class Offset:
    """A distance in calendar months and days from an anchor day."""

    months: int = 0
    days: int = 0

    def after(self, day: date, times: int = 1) -> date:
        """Return the day this far (or so many times this far) from another; months count first."""
        return add_months(day, self.months * times) + timedelta(days=self.days * times)


@dataclass(frozen=True)
class Contact:
    """One contact of a programme with its window, counted from birth or from the expected day of birth."""

    code: str
    title: str
    anchor: str
    opens: Offset
    closes: Offset
    listed_until: Offset
    statutory: bool
    csds_activity: str


@dataclass(frozen=True)
class Rhythm:
    """A stretch of visits at one interval: so many times, or until an age."""

    title: str
    every: Offset
    times: int | None
    until: Offset | None
    window_days: int


@dataclass(frozen=True)
class PhasePlan:
    """The visits of one phase: where it starts, how often, and the share that is the fidelity goal."""

    phase: Phase
    first: Offset
    rhythms: tuple[Rhythm, ...]
    goal_percent: int
    domain_share: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Programme:
    """A programme pack: its contacts, phases and the dates between which it holds."""

    code: str
    title: str
    version: str
    starts_on: date
    ends_on: date | None
    warning: str
    source: tuple[str, ...]
    contacts: tuple[Contact, ...]
    phases: tuple[PhasePlan, ...]
    ends_at: Offset | None
    counted_modes: frozenset[str]

    @classmethod
    def from_pack(cls, pack: Mapping[str, Any]) -> "Programme":
        """Read a pack's JSON; raises KeyError, ValueError or TypeError when it is not one."""
        ends = pack["effective"].get("end")
        return cls(
            code=str(pack["code"]),
            title=str(pack["title"]),
            version=str(pack["version"]),
            starts_on=date.fromisoformat(pack["effective"]["start"]),
            ends_on=date.fromisoformat(ends) if ends else None,
            warning=str(pack["warning"]),
            source=tuple(pack["source"]),
            contacts=tuple(_contact(each) for each in pack.get("contacts", ())),
            phases=tuple(_phase_plan(each) for each in pack.get("phases", ())),
            ends_at=_offset(pack["ends_at"]) if "ends_at" in pack else None,
            counted_modes=frozenset(pack["counted_modes"]),
        )

    def is_past_its_end(self, today: date) -> bool:
        """Whether the dates of this pack no longer hold and it should be replaced."""
        return self.ends_on is not None and today > self.ends_on

    def plan_of(self, of: Phase) -> PhasePlan | None:
        """Return the plan of a phase, or None."""
        return next((plan for plan in self.phases if plan.phase is of), None)


def _offset(found: Mapping[str, int]) -> Offset:
    unknown = set(found) - {"months", "weeks", "days"}
    if unknown:
        raise ValueError("an offset has months, weeks and days")
    return Offset(int(found.get("months", 0)), 7 * int(found.get("weeks", 0)) + int(found.get("days", 0)))


def _contact(found: Mapping[str, Any]) -> Contact:
    if found["anchor"] not in ("birth", "expected"):
        raise ValueError("a contact is anchored at birth or at the expected day of birth")
    return Contact(
        code=str(found["code"]),
        title=str(found["title"]),
        anchor=str(found["anchor"]),
        opens=_offset(found["opens"]),
        closes=_offset(found["closes"]),
        listed_until=_offset(found["listed_until"]),
        statutory=bool(found["statutory"]),
        csds_activity=str(found.get("csds_activity", "")),
    )


def _phase_plan(found: Mapping[str, Any]) -> PhasePlan:
    share = {code: (int(low), int(high)) for code, (low, high) in found.get("domain_share_percent", {}).items()}
    return PhasePlan(
        phase=Phase(found["phase"]),
        first=_offset(found["first"]),
        rhythms=tuple(
            Rhythm(
                title=str(each["title"]),
                every=_offset(each["every"]),
                times=int(each["times"]) if "times" in each else None,
                until=_offset(each["until"]) if "until" in each else None,
                window_days=int(each["window_days"]),
            )
            for each in found["visits"]
        ),
        goal_percent=int(found["goal_percent"]),
        domain_share=share,
    )
