"""The questionnaires at hand, by url and version; the same url|version always means the same content."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from visitapp.forms.definition import Questionnaire


class VersionTaken(Exception):
    """Another content already has this url and version."""

    def __init__(self, canonical: str) -> None:
        super().__init__(canonical)
        self.canonical = canonical


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when (both included) a questionnaire is asked; None is without end."""

    first: date | None = None
    last: date | None = None

    def has(self, day: date) -> bool:
        """Whether a day is in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


    def within(self, other: "Period") -> "Period":
        """The days that are in both."""
        firsts = [each for each in (self.first, other.first) if each is not None]
        lasts = [each for each in (self.last, other.last) if each is not None]
        return Period(max(firsts, default=None), min(lasts, default=None))


def own_period(questionnaire: Questionnaire) -> Period:
    """The effectivePeriod that a questionnaire gives itself; a month or a year counts whole."""
    said = questionnaire.raw.get("effectivePeriod")
    if not isinstance(said, Mapping):
        return Period()
    return Period(_day(said.get("start"), last=False), _day(said.get("end"), last=True))


def _day(said: object, *, last: bool) -> date | None:
    found = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*)?", said) if isinstance(said, str) else None
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is None or (month and day):
            return date(year or 0, month or 0, day or 0)
        month = month or (12 if last else 1)
        return date(year, month, monthrange(year, month)[1] if last else 1)
    except ValueError:
        return None


class Library:
    """Holds questionnaires; an answer always opens with the version it was given in."""

    def __init__(self, questionnaires: Iterable[Questionnaire] = ()) -> None:
        self._held: dict[str, Questionnaire] = {}
        self._periods: dict[str, Period] = {}
        self.refused: tuple[str, ...] = ()
        """The names of what came and could not be taken in."""
        for questionnaire in questionnaires:
            self.add(questionnaire)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Questionnaire]:
        return iter(self._held.values())

    def __contains__(self, canonical: str) -> bool:
        return canonical in self._held

    def copy(self) -> "Library":
        """Another library that holds the same for now."""
        made = Library()
        made._held, made._periods = self._held, self._periods
        return made

    def add(self, questionnaire: Questionnaire, period: Period | None = None) -> None:
        """Takes a questionnaire in; raises `VersionTaken` where its url|version is held with other content."""
        canonical = questionnaire.canonical
        held = self._held.get(canonical)
        if held is not None and held.digest != questionnaire.digest:
            raise VersionTaken(canonical)
        # Replaced and never changed: another thread may be going through them.
        self._held = {**self._held, canonical: held or questionnaire}
        if period is not None:
            self._periods = {**self._periods, canonical: period}

    def period(self, canonical: str) -> Period:
        """When a questionnaire is asked: as its pack says, and as it says itself; without end for one that nobody limited."""
        given = self._periods.get(canonical, Period())
        held = self._held.get(canonical)
        return given if held is None else given.within(own_period(held))

    def get(self, canonical: str) -> Questionnaire | None:
        """Exactly that url|version; for a url alone the latest."""
        found = self._held.get(canonical)
        return found if found is not None or "|" in canonical else self.latest(canonical)

    def latest(self, url: str, on: date | None = None) -> Questionnaire | None:
        """The highest version of a url that is asked on a day; one that isn't, or a retired one, only where there is no other."""
        held = [each for each in self._held.values() if each.url == url]
        return max(held, key=lambda each: (*self._standing(each, on), version_key(each.version)), default=None)

    def in_use(self, on: date) -> tuple[Questionnaire, ...]:
        """What is asked on a day: of each url one version, none where all are retired or out of their time."""
        newest = {each.url: self.latest(each.url, on) for each in self._held.values()}
        return tuple(each for each in newest.values() if each is not None and all(self._standing(each, on)))

    def _standing(self, questionnaire: Questionnaire, on: date | None) -> tuple[bool, bool]:
        is_asked = on is None or self.period(questionnaire.canonical).has(on)
        return is_asked, questionnaire.status != "retired"


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Orders versions as people do: 1.10 after 1.9, and 1.0 after 1.0-draft."""
    pieces = re.findall(r"\d+|[a-z]+", version.lower())
    key = [(1, int(piece), "") if piece.isdigit() else (-1, 0, piece) for piece in pieces if len(piece) < 40]
    return (*key, (0, 0, ""))
