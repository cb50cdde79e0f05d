"""How old a child is: from birth and corrected, in words, and the phase and observation band that follow from it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from visitapp.domain.people import FamilyState

TERM_DAYS = 37 * 7
"""A child born before 37+0 weeks is preterm (practice §3.3, rule 4)."""
FULL_TERM_DAYS = 40 * 7
CORRECT_UNTIL_MONTHS = 24
"""Correction for being born early ends at the second birthday (practice §3.3, rule 4)."""
LATEST_BIRTH_DAYS = 43 * 7
"""After this many days of gestation a pregnancy is no longer counted: birth or loss has not been entered yet."""
DAYS_UNTIL_WEEKS = 14
WEEKS_UNTIL_MONTHS = 13


class Child(Protocol):
    """What is needed of a child, born or unborn, to say how old it is."""

    @property
    def born_on(self) -> date | None:
        """The day of birth; None before it."""

    @property
    def due_on(self) -> date | None:
        """The expected day of birth."""

    @property
    def gestation_days(self) -> int | None:
        """Days of gestation at birth; None when unknown."""

    @property
    def died_on(self) -> date | None:
        """The day of death, or None."""


class Phase(StrEnum):
    """Where a child stands in a programme that runs from pregnancy to the second birthday."""

    PREGNANCY = "pregnancy"
    INFANCY = "infancy"
    TODDLERHOOD = "toddlerhood"
    GRADUATED = "graduated"
    NONE = ""
    """No phase: the child has died. Nothing counts on for this child."""


class Band(StrEnum):
    """The five age bands of the relationship observation (practice §3.4)."""

    AN = "AN"
    NB = "NB"
    IN = "IN"
    MB = "MB"
    TD = "TD"


_BAND_FROM_MONTHS = ((18, Band.TD), (9, Band.MB), (3, Band.IN))


@dataclass(frozen=True, order=True)
class Age:
    """A length of life: whole days since birth, and the whole calendar months in it."""

    days: int
    months: int

    @property
    def weeks(self) -> int:
        """Whole weeks."""
        return self.days // 7

    @property
    def text(self) -> str:
        """The age as people say it: "9 days", "7 weeks", "5 months", "2 years 3 months"."""
        if self.days < DAYS_UNTIL_WEEKS:
            return _count(self.days, "day")
        if self.weeks < WEEKS_UNTIL_MONTHS:
            return _count(self.weeks, "week")
        if self.months < CORRECT_UNTIL_MONTHS:
            return _count(self.months, "month")
        years, months = divmod(self.months, 12)
        return f"{_count(years, 'year')} {_count(months, 'month')}" if months else _count(years, "year")


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or earlier) month, or that month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_on(born_on: date, today: date) -> Age:
    """Return the age from birth; before the birth the days are negative and the months 0."""
    days = (today - born_on).days
    months = max(0, (today.year - born_on.year) * 12 + today.month - born_on.month)
    if months and add_months(born_on, months) > today:
        months -= 1
    return Age(days, months)


def corrected_age(born_on: date, gestation_days: int | None, today: date) -> Age | None:
    """Return the age counted from the day a preterm child would have been 40 weeks; None when nothing is corrected.

    Applies to a child born before 37+0 weeks until the second birthday (practice §3.3, rule 4). The days are negative
    before that day is reached. Bands and milestones go by this age; immunisations and statutory reviews never do.
    """
    if gestation_days is None or gestation_days >= TERM_DAYS:
        return None
    if age_on(born_on, today).months >= CORRECT_UNTIL_MONTHS:
        return None
    return age_on(born_on + timedelta(days=FULL_TERM_DAYS - gestation_days), today)


def gestation_on(due_on: date, today: date) -> int:
    """Return the days of gestation on a day, from the expected day of birth (40+0 weeks)."""
    return FULL_TERM_DAYS - (due_on - today).days


def age_text(child: Child, today: date, *, state: str = FamilyState.ACTIVE) -> str:
    """Return both ages in words: "5 months (4 months corrected)"; for an unborn child the gestation, "24+3 weeks".

    After a child has died the age no longer grows: "lived 5 weeks". After a pregnancy has ended, nothing is counted and
    the text is empty.
    """
    if child.died_on is not None:
        return _life_text(child.born_on, child.died_on)
    if child.born_on is None:
        return _gestation_text(child.due_on, today) if state == FamilyState.ACTIVE else ""
    age = age_on(child.born_on, today)
    if age.days < 0:
        return ""
    corrected = corrected_age(child.born_on, child.gestation_days, today)
    if corrected is None:
        return age.text
    return f"{age.text} (not yet term)" if corrected.days < 0 else f"{age.text} ({corrected.text} corrected)"


def _life_text(born_on: date | None, died_on: date) -> str:
    if born_on is None or died_on < born_on:
        return ""
    life = age_on(born_on, died_on)
    return f"lived {life.text}" if life.days else ""


def _gestation_text(due_on: date | None, today: date) -> str:
    if due_on is None:
        return "not born yet"
    gestation = gestation_on(due_on, today)
    if gestation < 0 or gestation >= LATEST_BIRTH_DAYS:
        return ""
    return f"{gestation // 7}+{gestation % 7} weeks"


def phase(child: Child, today: date) -> Phase:
    """Return the phase by the age from birth: pregnancy, to 12 months, to 24 months, graduated (practice §1.2)."""
    if child.died_on is not None:
        return Phase.NONE
    if child.born_on is None or child.born_on > today:
        return Phase.PREGNANCY
    months = age_on(child.born_on, today).months
    if months < 12:
        return Phase.INFANCY
    return Phase.TODDLERHOOD if months < CORRECT_UNTIL_MONTHS else Phase.GRADUATED


def band_for(child: Child, today: date) -> Band:
    """Return the observation band of a child's age, corrected where it applies (practice §3.3, rule 4)."""
    if child.born_on is None or child.born_on > today:
        return Band.AN
    age = corrected_age(child.born_on, child.gestation_days, today) or age_on(child.born_on, today)
    return next((band for months, band in _BAND_FROM_MONTHS if age.months >= months), Band.NB)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
