"""What was seen of each construct over the last visits: rows of marks and what they say in words; no Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.extracts import Ribbons
from visitapp.domain.observation import CONSTRUCT_GROUPS, Scale
from visitapp.domain.people import Person
from visitapp.ui.wording import day_words

SHOWN_VISITS = 4
SCALE_WORDS = {
    Scale.SEEN: "seen",
    Scale.EMERGING: "emerging",
    Scale.NOT_SEEN: "not seen",
    Scale.NO_OPPORTUNITY: "no opportunity",
}


@dataclass(frozen=True)
class RibbonRow:
    """One construct: its marks visit by visit, the earliest first, and all of it in words."""

    title: str
    marks: tuple[tuple[Scale, ...], ...]
    words: str


@dataclass(frozen=True)
class RibbonStrip:
    """One baby with one caregiver."""

    who: str
    rows: tuple[RibbonRow, ...]


def strips_of(ribbons: Sequence[Ribbons], people: Sequence[Person], now: datetime) -> tuple[RibbonStrip, ...]:
    """The strips of a family, one for each baby with each caregiver, in the order in which they were seen last."""
    names: dict[str, str] = {person.id: person.short_name for person in people}
    pairs = list(dict.fromkeys((each.baby, each.caregiver) for each in ribbons))
    return tuple(
        RibbonStrip(
            " with ".join(names.get(id_, "") for id_ in (carer, baby) if names.get(id_)),
            tuple(_rows([each for each in ribbons if (each.baby, each.caregiver) == (baby, carer)], now)),
        )
        for baby, carer in pairs
    )


def _rows(seen: Sequence[Ribbons], now: datetime) -> Iterable[RibbonRow]:
    shown = sorted(seen, key=lambda each: each.at)[-SHOWN_VISITS:]
    for construct, title in CONSTRUCT_GROUPS.items():
        if not any(construct in each.seen for each in shown):
            continue
        told = [
            f"{day_words(each.at.date(), now.date())}: {', '.join(SCALE_WORDS[mark] for mark in each.seen[construct])}"
            for each in shown
            if construct in each.seen
        ]
        yield RibbonRow(title, tuple(each.seen.get(construct, ()) for each in shown), f"{title}. {'; '.join(told)}")
