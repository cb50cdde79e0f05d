"""The family copy: what was good, what the baby might say, what was agreed and when we meet again. In plain words."""

from collections.abc import Iterator
from dataclasses import replace

from visitapp.reports import page, wording
from visitapp.reports.document import Answer, Narrative, Strengths, VisitDocument, Voice
from visitapp.reports.fonts import Style
from visitapp.reports.page import Band, Shape, TextStyle, paragraph, stack
from visitapp.reports.selection import Selection
from visitapp.reports.setting import Setting


def family_bands(doc: VisitDocument, selection: Selection, setting: Setting) -> list[Band]:
    """The bands of a family copy; of `doc` it uses the date, the nurse, the next visit and the marks, nothing else."""
    told = [
        *_strengths(selection, setting),
        *_voices(selection, setting),
        *_other_lines(selection, setting),
        *_agreed(selection, setting),
        *_next_visit(doc, setting),
    ]
    bands = [*_opening(doc, setting), *told]
    if not told:
        bands.append(setting.wide(wording.FAMILY_NOTHING, above=setting.gap * 3))
    observed = any(isinstance(line, Strengths) for section in selection.sections for line in section.lines)
    closing = f"{wording.FAMILY_NOT_A_TEST} {wording.FAMILY_CLOSING}" if observed else wording.FAMILY_CLOSING
    bands.append(setting.wide(closing, setting.small, above=setting.body.size * 1.6, whole=True))
    return bands


def _opening(doc: VisitDocument, setting: Setting) -> Iterator[Band]:
    title = wording.FAMILY_TITLE if doc.took_place else wording.FAMILY_TITLE_MISSED
    yield setting.wide(title, replace(setting.title, colour=page.ACCENT), "H1", above=0.0)
    nurse = ", ".join(part for part in (doc.nurse, doc.nurse_role) if part)
    when = wording.weekday(wording.local_day(doc.started_at))
    said = f"{when}, with {nurse}" if doc.took_place else f"{nurse}, hoped to see you on {when}."
    yield setting.wide(said, setting.muted, above=4.0)
    if doc.strike:
        yield setting.space(setting.gap * 2)
        yield setting.card(((wording.STRUCK, replace(setting.strong, colour=page.DANGER)),), danger=True)


def _heading(text: str, setting: Setting) -> Band:
    style = TextStyle(setting.body.size * 1.22, Style.SEMIBOLD, page.ACCENT, 1.3)
    return setting.wide(text, style, "H2", above=setting.body.size * 1.9, below=setting.gap * 0.6, keep_with_next=True)


def _strengths(selection: Selection, setting: Setting) -> Iterator[Band]:
    items = [item for section in selection.sections for line in section.lines if isinstance(line, Strengths) for item in line.items]
    if not items:
        return
    yield _heading(wording.FAMILY_STRENGTHS, setting)
    inset = setting.body.size * 1.2
    style = replace(setting.body, size=setting.body.size * 1.06)
    for at, item in enumerate(items):
        column = paragraph(item, style, setting.frame.left + inset * 2, setting.frame.width - inset * 3, shape=Shape.DOT)
        above = setting.body.size if at == 0 else setting.gap
        below = setting.body.size if at == len(items) - 1 else 0.0
        yield Band((column,), above=above, below=below, tint=page.ACCENT_TINT, keep_with_next=at < len(items) - 1)


def _voices(selection: Selection, setting: Setting) -> Iterator[Band]:
    for section in selection.sections:
        name = next((p.first_name for p in selection.people if p.id == section.subject.person), "") or "your baby"
        for line in section.lines:
            if isinstance(line, Voice) and line.text.strip():
                yield _heading(wording.FAMILY_VOICE.format(name=name), setting)
                style = TextStyle(setting.body.size * 1.25, Style.ITALIC, page.INK, 1.5, paragraph_gap=0.4)
                inset = setting.body.size * 1.2
                column = paragraph(line.text, style, setting.frame.left + inset, setting.frame.width - inset)
                yield Band((column,), above=setting.gap * 0.5, below=setting.gap * 0.5, bar=page.ACCENT)


def _other_lines(selection: Selection, setting: Setting) -> Iterator[Band]:
    for section in selection.sections:
        lines = [line for line in section.lines if isinstance(line, Answer | Narrative)]
        if not lines:
            continue
        yield _heading(section.title, setting)
        for line in lines:
            match line:
                case Answer(question=question, answer=answer):
                    yield setting.pair(question, setting.text(answer))
                case Narrative(text=text, label=label):
                    yield setting.pair(label, setting.text(text, setting.running))


def _agreed(selection: Selection, setting: Setting) -> Iterator[Band]:
    if not selection.plan:
        return
    yield _heading(wording.FAMILY_PLAN, setting)
    indent = setting.body.size * 1.8
    left, width = setting.frame.left + indent, setting.frame.width - indent
    for item in selection.plan:
        when = f"by {wording.day(item.by_on)}" if item.by_on else ""
        details = ", ".join(part for part in (item.who, when) if part)
        parts = [paragraph(item.what, setting.body, left, width, shape=Shape.BOX)]
        if details:
            parts.append(paragraph(details, setting.small, left, width))
        yield Band((stack(parts),), above=setting.gap * 1.2)


def _next_visit(doc: VisitDocument, setting: Setting) -> Iterator[Band]:
    if doc.next_visit is None:
        return
    at = f" at {wording.time_of_day(doc.next_visit.at)}" if doc.next_visit.at else ""
    yield _heading(wording.FAMILY_NEXT, setting)
    style = replace(setting.strong, size=setting.body.size * 1.15)
    inset = setting.body.size * 1.2
    when = f"{wording.weekday(doc.next_visit.on)}{at}"
    column = paragraph(when, style, setting.frame.left + inset, setting.frame.width - 2 * inset)
    yield Band((column,), above=setting.body.size * 0.7, below=setting.body.size * 0.7, tint=page.ACCENT_TINT)
