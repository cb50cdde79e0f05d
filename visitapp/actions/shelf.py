"""What questionnaires a record holds beside those that ship: published by the service, or accepted on this laptop."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from visitapp.actions.packing import is_signed_by
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity
from visitapp.forms.library import Library, Period, VersionTaken
from visitapp.forms.packs import Pack, PackRefused, check_pack
from visitapp.forms.published import read_published
from visitapp.store.reading import Reading
from visitapp.store.record import Record

SCOPE = "g:"
KIND = "questionnaire"
_ACCEPTED = "questionnaires_accepted"


class Origin(StrEnum):
    """Where a questionnaire came from."""

    SHIPPED = "shipped"
    SERVICE = "service"
    RECORD = "record"


@dataclass(frozen=True)
class Copy:
    """A questionnaire of this record, with the pack that brought it, if a pack did."""

    questionnaire: Questionnaire
    origin: Origin
    pack: Pack | None = None

    @property
    def period(self) -> Period:
        """When it is asked."""
        return Period(self.pack.effective_from, self.pack.effective_until) if self.pack else Period()


@dataclass(frozen=True)
class Refusal:
    """Something that came and was not taken in, and why."""

    name: str
    facts: tuple[Fact, ...]


def held(r: Reading) -> tuple[tuple[Copy, ...], tuple[Refusal, ...]]:
    """Return what a record holds and what of it cannot be used, each signature verified."""
    copies: list[Copy] = []
    refused: list[Refusal] = []
    for _, _, body in r.of_kind(KIND, SCOPE):
        try:
            found = read_published(body, is_signed_by)
        except PackRefused as problem:
            refused.append(Refusal(_name(body), problem.facts))
        else:
            copies.append(Copy(found.questionnaire, Origin.SERVICE, found.pack))
    for name, raw in accepted(r):
        try:
            copies += list(_copies(raw))
        except (PackRefused, MalformedQuestionnaire) as problem:
            refused.append(Refusal(name, tuple(problem.facts)))
    return tuple(copies), tuple(refused)


def take_in(record: Record, library: Library) -> tuple[Refusal, ...]:
    """Add what the record holds to a library; returns what was refused. One version never changes its content."""
    with record.reading() as r:
        copies, refused = held(r)
    refused = (*refused, *_add(copies, library))
    library.refused = tuple(each.name for each in refused)
    return refused


def _add(copies: tuple[Copy, ...], library: Library) -> Iterator[Refusal]:
    for copy in copies:
        try:
            library.add(copy.questionnaire, copy.period)
        except VersionTaken as taken:
            fact = Fact(Severity.ERROR, "versionTaken", None, "", {"name": taken.canonical}, structural=True)
            yield Refusal(taken.canonical, (fact,))


def signers(r: Reading) -> frozenset[str]:
    """Return the keys whose packs the service has published: it answers for them."""
    copies, _ = held(r)
    return frozenset(copy.pack.key for copy in copies if copy.origin is Origin.SERVICE and copy.pack and copy.pack.key)


def accepted(r: Reading) -> tuple[tuple[str, bytes], ...]:
    """Return the packs and questionnaires that were accepted on this laptop, by the names of their files."""
    kept = json.loads(r.meta(_ACCEPTED) or "{}")
    return tuple((str(entry["name"]), str(entry["raw"]).encode("utf-8", "surrogatepass")) for entry in kept.values())


def accept_into(record: Record, digest: str, name: str, raw: bytes, user: str) -> None:
    """Keep a pack or questionnaire with the record; accepting it again changes nothing."""
    with record.writing() as w:
        kept = json.loads(w.meta(_ACCEPTED) or "{}")
        if digest not in kept:
            kept[digest] = {"name": name, "raw": raw.decode("utf-8", "surrogatepass")}
            w.meta_set(_ACCEPTED, json.dumps(kept))
            w.audit("questionnaire_accepted", user=user)


def _copies(raw: bytes) -> Iterator[Copy]:
    # It was judged when it was accepted, by rules that depend on the record; here it is only opened.
    try:
        pack = check_pack(raw, None)
    except PackRefused:
        yield Copy(load_questionnaire(raw), Origin.RECORD)
    else:
        for questionnaire in pack.questionnaires:
            yield Copy(questionnaire, Origin.RECORD, pack)


def _name(body: Mapping[str, object]) -> str:
    return str(body.get("title") or body.get("url") or "")[:200]
