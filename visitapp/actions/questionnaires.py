"""Which questionnaires are loaded, judging a file that somebody brings, accepting it, and carrying a draft to a newer version."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from visitapp.actions import shelf
from visitapp.actions.packing import is_signed_by
from visitapp.actions.session import Desk
from visitapp.actions.shelf import Copy, Origin, Refusal
from visitapp.forms import wire
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity, has_errors
from visitapp.forms.inspection import unreadable
from visitapp.forms.library import Period, own_period, version_key
from visitapp.forms.packs import FORMAT, Pack, PackRefused, check_pack


@dataclass(frozen=True)
class Loaded:
    """A questionnaire on this laptop, as the list of them shows it."""

    questionnaire: Questionnaire
    origin: Origin
    source: str
    signer: str
    period: Period
    is_asked: bool

    @property
    def canonical(self) -> str:
        """Its url and version."""
        return self.questionnaire.canonical


@dataclass(frozen=True)
class LoadedView:
    """All questionnaires on this laptop, by title and newest version first, and what was refused."""

    loaded: tuple[Loaded, ...]
    refused: tuple[Refusal, ...]
    practice: bool


@dataclass(frozen=True)
class Candidate:
    """A file that somebody brought: what is in it, what is wrong with it, and why it may not be used here, if so."""

    name: str
    raw: bytes
    digest: str
    questionnaires: tuple[Questionnaire, ...]
    pack: Pack | None
    facts: tuple[Fact, ...]
    refusals: tuple[Fact, ...]

    @property
    def may_be_accepted(self) -> bool:
        """Whether nothing stands against it."""
        return bool(self.questionnaires) and not self.refusals


def loaded(desk: Desk) -> LoadedView:
    """List every questionnaire on this laptop, and what came but could not be used."""
    with desk.record.reading() as r:
        copies, refused = shelf.held(r)
    by = {copy.questionnaire.canonical: copy for copy in copies}
    asked = {each.canonical for each in desk.library.in_use(desk.clock.today())}
    rows = [_loaded(each, by.get(each.canonical), each.canonical in asked) for each in desk.library]
    # Twice stable: titles ascending, and within a title the newest version first.
    rows.sort(key=lambda row: version_key(row.questionnaire.version), reverse=True)
    rows.sort(key=lambda row: (row.questionnaire.title.casefold(), row.questionnaire.url))
    others = [copy.questionnaire.canonical for copy in copies if _is_other(desk, copy.questionnaire)]
    taken = tuple(Refusal(canonical, (_fact("versionTaken", name=canonical),)) for canonical in others)
    return LoadedView(tuple(rows), (*refused, *taken), desk.practice)


def _loaded(questionnaire: Questionnaire, copy: Copy | None, is_asked: bool) -> Loaded:
    source = copy.pack.source if copy and copy.pack else str(questionnaire.raw.get("publisher") or "")
    return Loaded(
        questionnaire=questionnaire,
        origin=copy.origin if copy else Origin.SHIPPED,
        source=source,
        signer=(copy.pack.key or "") if copy and copy.pack else "",
        period=(copy.period if copy else Period()).within(own_period(questionnaire)),
        is_asked=is_asked,
    )


def judge_file(desk: Desk, name: str, raw: bytes) -> Candidate:
    """Tell what a file holds and whether it may be used in this record.

    A practice record takes any questionnaire without errors; a service's record takes packs only, signed by a key whose
    packs the service itself has published.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        questionnaires, pack = _opened(raw)
    except (PackRefused, MalformedQuestionnaire) as problem:
        return Candidate(name, raw, digest, (), None, tuple(problem.facts), tuple(problem.facts))
    facts = tuple(fact for each in questionnaires for fact in (*each.facts, *unreadable(each)))
    refusals = [fact for fact in facts if fact.severity is Severity.ERROR]
    refusals += [_fact("versionTaken", name=each.canonical) for each in questionnaires if _is_other(desk, each)]
    refusals += _distrust(desk, raw, pack)
    return Candidate(name, raw, digest, questionnaires, pack, facts, tuple(refusals))


def _opened(raw: bytes) -> tuple[tuple[Questionnaire, ...], Pack | None]:
    if _is_pack(raw):
        pack = check_pack(raw, None)
        return pack.questionnaires, pack
    return (load_questionnaire(raw),), None


def _is_pack(raw: bytes) -> bool:
    try:
        found = wire.parse(raw)
    except wire.NotReadable:
        return False
    return isinstance(found, Mapping) and found.get("format") == FORMAT


def _distrust(desk: Desk, raw: bytes, pack: Pack | None) -> Sequence[Fact]:
    if pack is None:
        return () if desk.practice else (_fact("packNeeded"),)
    try:
        if pack.key is not None or not desk.practice:
            check_pack(raw, is_signed_by)
    except PackRefused as refused:
        return refused.facts
    if desk.practice:
        return ()
    with desk.record.reading() as r:
        known = shelf.signers(r)
    return () if pack.key in known else (_fact("packSigner", key=str(pack.key)),)


def accept(desk: Desk, candidate: Candidate) -> Candidate:
    """Use a file that was judged in this record from now on; judged again here, and returned as judged.

    Where something stands against it nothing is done: see `refusals` of what is returned.
    """
    judged = judge_file(desk, candidate.name, candidate.raw)
    if judged.may_be_accepted and not has_errors(judged.facts):
        shelf.accept_into(desk.record, judged.digest, judged.name, judged.raw, desk.user.user)
        shelf.take_in(desk.record, desk.library)
    return judged


def _is_other(desk: Desk, questionnaire: Questionnaire) -> bool:
    there = desk.library.get(questionnaire.canonical) if questionnaire.canonical in desk.library else None
    return there is not None and there.digest != questionnaire.digest


def _fact(rule: str, **detail: str) -> Fact:
    return Fact(Severity.ERROR, rule, None, "", detail, structural=True)
