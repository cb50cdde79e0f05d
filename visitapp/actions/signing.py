"""Signing a visit: what is missing, what will be locked, and the lock itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from visitapp.actions.people import family_scope, restricted_scope
from visitapp.actions.session import Desk
from visitapp.actions.visits import DraftView, begun_id, open_draft
from visitapp.domain.bodies import Body, dump, sha256
from visitapp.domain.clock import LONDON, iso
from visitapp.domain.ids import PartId, VisitId
from visitapp.domain.observation import visit_flags
from visitapp.domain.people import Role
from visitapp.domain.problems import ReasonNeeded, VisitNotComplete
from visitapp.domain.programme import age_text, phase
from visitapp.domain.review import UserRole
from visitapp.domain.visits import (
    EXTENSIONS,
    Outcome,
    Sheet,
    answer_values,
    first_answer,
    is_late,
    questionnaire_name,
    sealed,
)
from visitapp.forms.filling import Filling

MINUTES = ("min-personal", "min-maternal", "min-lifecourse", "min-family", "min-environment", "min-services")
RISKS = ("risk-fact", "risk-report", "risk-analysis")
SAFETY_FLOW = EXTENSIONS + "safety-flow"
SUMMARY_LENGTH = 160
MEASURES = {"weight": ("weight", "g"), "length": ("length", "cm"), "head": ("head", "cm")}


@dataclass(frozen=True)
class Missing:
    """One thing that keeps a visit from being signed, and where to go to mend it."""

    section: str
    sheet_key: str
    place: str
    why: str
    text: str = ""


@dataclass(frozen=True)
class SignPreview:
    """What will be locked by signing now."""

    draft: DraftView
    parts: tuple[Sheet, ...]
    missing: tuple[Missing, ...]
    ended_at: datetime
    late: bool
    flags: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """A visit that has just been signed."""

    visit: VisitId
    content_hash: str
    signed_at: datetime
    late: bool


def preview_signing(desk: Desk, visit: VisitId, language: str = "en") -> SignPreview:
    """Gather what signing this draft now would lock, and what is missing, as asked in a language. Raises NoSuchVisit."""
    desk.must_write()
    draft = open_draft(desk, visit)
    fillings = _fillings(desk, draft, language)
    ended = ended_at(draft, desk.clock.now())
    return SignPreview(
        draft=draft,
        parts=tuple(sheet for sheet, filling in fillings if filling.answers() or sheet.left_behind),
        missing=tuple(_missing(desk, draft, fillings)),
        ended_at=ended,
        late=is_late(ended, desk.clock.now()),
        flags=flags_of(draft.asked),
        readers=_readers(desk, draft),
    )


def flags_of(sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Return what a supervisor must see first about a visit: concerns by level, risk asked, baby not seen, no access."""
    return visit_flags([(questionnaire_name(sheet.questionnaire), sheet.answers) for sheet in sheets])


def _fillings(desk: Desk, draft: DraftView, language: str) -> list[tuple[Sheet, Filling]]:
    return [
        (sheet, Filling(desk.questionnaire(sheet.questionnaire), sheet.answers, language=language)) for sheet in draft.asked
    ]


def _readers(desk: Desk, draft: DraftView) -> tuple[str, ...]:
    team = desk.user.team_name or "your team"
    return (desk.user.name, f"the supervisors of {team}")


def _missing(desk: Desk, draft: DraftView, fillings: Sequence[tuple[Sheet, Filling]]) -> list[Missing]:
    found: list[Missing] = []
    for sheet, filling in fillings:
        for place in filling.progress().required_missing:
            text = filling.row(place).text
            found.append(Missing(sheet.section, sheet.key, place, "required", text))
        found += [
            Missing(sheet.section, sheet.key, fact.path, "invalid", fact.rule)
            for fact in filling.facts()
            if fact.severity == "error" and fact.rule != "required"
        ]
    found += _risks_not_recorded(draft)
    found += _risk_now_missing(desk, draft)
    found += _minutes_do_not_add_up(draft)
    return found


def _risks_not_recorded(draft: DraftView) -> list[Missing]:
    """Risks are identified or said to be none, in every note (NMC Code 10.2)."""
    for sheet in draft.asked:
        if questionnaire_name(sheet.questionnaire) == "visit-risks":
            told = [str(first_answer(sheet.answers, key, "")).strip() for key in RISKS]
            said = first_answer(sheet.answers, "risks-none") is True or any(told)
            return [] if said else [Missing("risks", sheet.key, "risks-none", "risks")]
    return []


def needs_risk_now(desk: Desk, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the sheets with an answer that asks for the "risk now?" page.

    Which questions do is data: the extension `safety-flow` (PHQ-9 item 9 above 0, a disclosure ticked, marker Y9).
    """
    return [sheet for sheet in sheets if any(map(_is_positive, _safety_answers(desk, sheet)))]


def _safety_answers(desk: Desk, sheet: Sheet) -> list[Any]:
    found: list[Any] = []
    pending = list(desk.questionnaire(sheet.questionnaire).raw.get("item") or ())
    while pending:
        item = pending.pop()
        if any(extension.get("url") == SAFETY_FLOW for extension in item.get("extension") or ()):
            found += answer_values(sheet.answers, item["linkId"])
        pending += item.get("item") or ()
    return found


def _is_positive(value: Any) -> bool:
    return value not in (False, None, "", "0", 0, "none")


def _risk_now_missing(desk: Desk, draft: DraftView) -> list[Missing]:
    answered = {
        sheet.subject.id
        for sheet in draft.asked
        if questionnaire_name(sheet.questionnaire) == "risk-now" and first_answer(sheet.answers, "rn-outcome")
    }
    return [
        Missing(sheet.section, sheet.key, "", "risk-now")
        for sheet in needs_risk_now(desk, draft.asked)
        if not (sheet.subject.id in answered or (sheet.section == "concerns" and answered))
    ]


def _minutes_do_not_add_up(draft: DraftView) -> list[Missing]:
    for sheet in draft.asked:
        if questionnaire_name(sheet.questionnaire) != "visit-topics":
            continue
        minutes = sum(int(first_answer(sheet.answers, key, 0)) for key in MINUTES)
        length = visit_minutes(draft)
        if minutes and length is not None and minutes != length:
            return [Missing("topics", sheet.key, MINUTES[0], "minutes", f"{minutes} of {length}")]
    return []


def visit_minutes(draft: DraftView) -> int | None:
    """Return the visit's length in minutes as the arrival sheet tells it, or None while start or end is unknown."""
    start, end = _times(draft)
    if end is None:
        return None
    minutes = int((end - start).total_seconds() // 60)
    return minutes if minutes >= 0 else minutes + 24 * 60


def _times(draft: DraftView) -> tuple[datetime, datetime | None]:
    """Return when the visit began and, where it is recorded, ended."""
    day = draft.started_at.astimezone(LONDON).date()
    arrival = next((sheet.answers for sheet in draft.sheets if sheet.section == "arrival"), ())
    return _at(day, first_answer(arrival, "started")) or draft.started_at, _at(day, first_answer(arrival, "ended"))


def _at(day: date, text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{text}").replace(tzinfo=LONDON) if text else None
    except ValueError:
        return None


def ended_at(draft: DraftView, now: datetime) -> datetime:
    """Return when the visit ended: as recorded, else an hour after it began or now, whichever is earlier."""
    start, end = _times(draft)
    if end is not None:
        return end if end >= start else end + timedelta(days=1)
    return max(start, min(start + timedelta(hours=1), now))


def sign_visit(desk: Desk, visit: VisitId, late_reason: str = "") -> Signed:
    """Lock a draft as a signed visit: its parts, the visit over their hashes, the draft gone, all in one transaction.

    Raises NoSuchVisit, VisitNotComplete (with how much is missing), ReasonNeeded (a late entry), NotAllowed.
    """
    desk.must_write()
    desk.must_be(UserRole.NURSE)
    preview = preview_signing(desk, visit)
    if preview.missing:
        raise VisitNotComplete(len(preview.missing))
    if preview.late and not late_reason.strip():
        raise ReasonNeeded("late")
    draft = preview.draft
    now = desk.clock.now()
    parts = [_part(desk, draft, sheet) for sheet in preview.parts]
    body = sealed(_visit_body(desk, preview, parts, now, late_reason), desk.sign)
    group = desk.ids()
    family = family_scope(draft.family)
    with desk.record.writing() as w:
        for part_id, part in parts:
            scope = restricted_scope(draft.family) if part["restricted"] else family
            w.put(scope, "part", part_id, part, group=group)
        w.put(family, "visit", visit, body, group=group, type="sign")
        mark = w.body(family, begun_id(visit))
        if mark is not None:
            w.put(family, "begun", begun_id(visit), {**mark, "closed": True}, group=group)
        w.delete(desk.drafts_scope, visit, "draft", group=group)
        for scope, kind, id_, extra in _extracted(desk, draft, preview.parts):
            w.put(scope, kind, id_, extra, group=group)
        w.audit("visit_signed", family=draft.family, visit=visit)
    desk.record.checkpoint()
    return Signed(visit, body["content_hash"], now, preview.late)


def _part(desk: Desk, draft: DraftView, sheet: Sheet) -> tuple[PartId, Body]:
    questionnaire = desk.questionnaire(sheet.questionnaire)
    filling = Filling(questionnaire, sheet.answers)
    body: Body = {
        "visit": draft.visit, "section": sheet.section, "questionnaire": sheet.questionnaire,
        "title": questionnaire.title, "subject": sheet.subject.body(), "caregiver": sheet.caregiver,
        "restricted": sheet.restricted, "answers": filling.answers(),
        **({"left_behind": list(sheet.left_behind)} if sheet.left_behind else {}),
    }  # fmt: skip
    score = filling.total()
    if score is not None:
        body["score"] = {"value": _number(score.value), "answered": score.answered, "of": score.of}
        if score.band is not None:
            body["score"]["band"] = score.band.label
    return PartId(desk.ids()), body


def _number(value: Any) -> float | int | None:
    return None if value is None else int(value) if value == int(value) else float(value)


def _visit_body(
    desk: Desk, preview: SignPreview, parts: Sequence[tuple[PartId, Body]], now: datetime, late_reason: str
) -> Body:
    draft = preview.draft
    arrival = next((s.answers for s in draft.asked if s.section == "arrival"), ())
    today = draft.started_at.astimezone(LONDON).date()
    seen = {baby.id: _baby_seen(draft, arrival) for baby in draft.babies if baby.role is Role.BABY}
    body: Body = {
        "visit": draft.visit, "family": draft.family, "version": 1, "author": desk.user.user,
        "author_name": desk.user.name, "author_role": desk.user.job_title or desk.user.role.value,
        "device": desk.device, "started_at": iso(_times(draft)[0]), "ended_at": iso(preview.ended_at),
        "signed_at": iso(now), "outcome": draft.outcome.value, "mode": first_answer(arrival, "mode", "home"),
        "late": preview.late, "baby_ids": [baby.id for baby in draft.babies],
        "babies_seen": "awake" if "awake" in seen.values() else next(iter(seen.values()), ""),
        "present": answer_values(arrival, "present"), "counts_as": answer_values(arrival, "counts-as"),
        "phase": _phase_of(draft, today),
        "ages": {p.id: age_text(p, today) for p in draft.babies}, "summary": _summary(draft),
        "flags": list(preview.flags),
        "parts": [
            {
                "id": id_, "section": part["section"], "subject": part["subject"], "sha256": sha256(dump(part)),
                "restricted": part["restricted"], "title": "" if part["restricted"] else part["title"],
            }
            for id_, part in parts
        ],
    }  # fmt: skip
    if late_reason.strip():
        body["late_reason"] = late_reason.strip()
    return body


def _baby_seen(draft: DraftView, arrival: Sequence[Mapping[str, Any]]) -> str:
    if draft.outcome is not Outcome.COMPLETED:
        return "not-seen"
    return str(first_answer(arrival, "baby-seen", ""))


def _phase_of(draft: DraftView, today: date) -> str:
    first = draft.babies[0] if draft.babies else None
    return phase(first, today) if first else ""


def _summary(draft: DraftView) -> str:
    """Return the note's first words for lists; never from a restricted or a parent's confidential sheet."""
    for sheet in draft.asked:
        if sheet.section == "narrative" and not sheet.restricted:
            text = " ".join(str(first_answer(sheet.answers, "story", "")).split())
            return text if len(text) <= SUMMARY_LENGTH else text[: SUMMARY_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return ""


def _extracted(desk: Desk, draft: DraftView, sheets: Sequence[Sheet]) -> list[tuple[str, str, str, Body]]:
    """Return the measurements and plan items that a signed visit adds to the family, as (scope, kind, id, body)."""
    scope = family_scope(draft.family)
    day = draft.started_at.astimezone(LONDON).date().isoformat()
    found: list[tuple[str, str, str, Body]] = []
    for sheet in sheets:
        name = questionnaire_name(sheet.questionnaire)
        if name == "baby-health":
            for link_id, (code, unit) in MEASURES.items():
                value = first_answer(sheet.answers, link_id)
                if isinstance(value, Mapping) and value.get("value") is not None:
                    body: Body = {
                        "person": sheet.subject.id, "visit": draft.visit, "code": code, "value": value["value"],
                        "unit": value.get("unit") or unit, "taken_on": day,
                    }  # fmt: skip
                    found.append((scope, "measurement", desk.ids(), body))
        elif name == "visit-plan":
            found += [(scope, "plan_item", desk.ids(), item) for item in plan_items(draft.visit, sheet.answers)]
    return found


def plan_items(visit: str, answers: Sequence[Mapping[str, Any]]) -> list[Body]:
    """Return the plan of a visit as plan items: what, who, by when, agreed with the family or not, and the next visit."""
    items: list[Body] = []
    goal = first_answer(answers, "goal")
    if goal:
        items.append(
            {"text": goal, "kind": "goal", "from_visit": visit, "agreed": first_answer(answers, "goal-agreed") is True}
        )
    for group in answers:
        if group.get("linkId") != "plan-item":
            continue
        inside = group.get("item") or ()
        what = first_answer(inside, "plan-what")
        if what:
            item: Body = {
                "text": what, "who": first_answer(inside, "plan-who"), "due_on": first_answer(inside, "plan-when"),
                "agreed": first_answer(inside, "plan-agreed") is True, "kind": "task", "from_visit": visit,
            }  # fmt: skip
            items.append(item)
    next_on = first_answer(answers, "next-on")
    if next_on:
        time = first_answer(answers, "next-at")
        known = first_answer(answers, "next-agreed") is not False
        items.append(
            {"text": "Next visit", "due_on": next_on, "at": time, "kind": "next_visit", "from_visit": visit, "agreed": known}
        )
    return [{key: value for key, value in item.items() if value is not None} for item in items]
