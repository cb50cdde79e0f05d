"""How each kind of line of a note is set in a professional copy."""

from collections.abc import Iterator
from dataclasses import replace

from visitapp.reports import page, wording
from visitapp.reports.document import (
    Answer,
    Concern,
    Heading,
    Line,
    Narrative,
    Remark,
    Scale,
    ScaleItem,
    Score,
    Strengths,
    Voice,
)
from visitapp.reports.fonts import Style
from visitapp.reports.page import Align, Band, Shape, paragraph, stack
from visitapp.reports.setting import Setting

_SHAPES = {
    Scale.SEEN: Shape.FULL,
    Scale.EMERGING: Shape.HALF,
    Scale.NOT_SEEN: Shape.RING,
    Scale.NO_OPPORTUNITY: Shape.DASH,
}


def line_bands(line: Line, setting: Setting) -> Iterator[Band]:
    """The bands of one line."""
    match line:
        case Heading(text=text):
            yield setting.wide(text, setting.strong, "H3", above=setting.gap * 2.2, keep_with_next=True)
        case Answer():
            unanswered = line.unanswered or not line.answer.strip()
            said = wording.UNANSWERED if unanswered else line.answer
            yield setting.pair(line.question, setting.text(said, setting.muted if unanswered else None))
        case Narrative():
            yield setting.pair(line.label, setting.text(line.text, setting.running), above=setting.gap * 1.3)
        case Voice():
            yield from _voice(line, setting)
        case ScaleItem():
            yield _scale_item(line, setting)
        case Score():
            yield from _score(line, setting)
        case Concern():
            yield from _concern(line, setting)
        case Remark(text=text):
            yield setting.wide(text, setting.small)
        case Strengths(items=items):
            for item in items:
                yield setting.pair("", setting.text(item, shape=Shape.DOT, indent=setting.body.size * 1.3))


def _voice(line: Voice, setting: Setting) -> Iterator[Band]:
    style = replace(setting.running, cut=Style.ITALIC, size=setting.body.size * 1.12)
    yield setting.pair("In the baby's words", setting.text(line.text, style))
    if line.because:
        yield setting.pair("Because I saw", setting.text(line.because))
    if line.change:
        yield setting.pair("What will change", setting.text(line.change))


def _scale_item(item: ScaleItem, setting: Setting) -> Band:
    """Sentence at the left, its mark and word at the right; evidence under the sentence."""
    quiet = item.answer is Scale.NO_OPPORTUNITY
    said = setting.muted if quiet else setting.body
    word = replace(setting.muted if quiet else setting.strong, size=setting.body.size * 0.94)
    word = replace(word, leading=setting.body.line_height / word.size)
    left, width, indent = setting.frame.left, setting.frame.width, setting.body.size * 1.4
    if setting.stacked:
        parts = [setting.text(f"{item.code}  {item.text}", said)]
        parts.append(setting.text(wording.SCALE[item.answer], word, shape=_SHAPES[item.answer], indent=indent))
        if item.evidence:
            parts.append(setting.text(item.evidence, setting.muted))
        return Band((stack(parts),), above=setting.gap * 1.4)
    code_width, word_width = 38.0, 92.0
    text_width = width - code_width - word_width - 24
    code = replace(setting.small, leading=setting.body.line_height / setting.small.size)
    parts = [paragraph(item.text, said, left + code_width, text_width)]
    if item.evidence:
        parts.append(paragraph(item.evidence, setting.muted, left + code_width, text_width))
    word_x = left + width - word_width + indent
    return Band(
        (
            paragraph(item.code, code, left, code_width),
            stack(parts),
            paragraph(wording.SCALE[item.answer], word, word_x, word_width - indent, shape=_SHAPES[item.answer]),
        ),
        above=setting.gap * 0.9,
    )


def _score(score: Score, setting: Setting) -> Iterator[Band]:
    if score.value is None:
        total = wording.NO_TOTAL.format(answered=score.answered, asked=score.asked)
    else:
        total = f"{score.value} of {score.highest}" + (f", {score.band}" if score.band else "")
    how = ", ".join(part for part in (score.answered_by, score.how) if part)
    columns = [setting.text(total, setting.strong)]
    if how:
        columns.append(setting.text(how, setting.small))
    yield setting.pair(score.name, *columns, above=setting.gap * 1.4, keep_with_next=bool(score.answers))
    left, width = setting.frame.left, setting.frame.width
    style = replace(setting.body, size=setting.body.size * 0.94)
    for at, answer in enumerate(score.answers):
        points = "" if answer.points is None else f"{answer.points}"
        if setting.stacked:
            said = f"{answer.answer} ({points})" if points else answer.answer
            yield setting.pair(answer.question, setting.text(said))
            continue
        yield Band(
            (
                paragraph(answer.question, style, left, width * 0.62),
                paragraph(answer.answer, style, left + width * 0.65, width * 0.27),
                paragraph(points, style, left + width * 0.92, width * 0.08, align=Align.END),
            ),
            above=setting.gap * 1.3,
            rule=page.HAIRLINE,
            keep_with_next=at == 0,
        )


def _concern(concern: Concern, setting: Setting) -> Iterator[Band]:
    strong = replace(setting.strong, colour=page.DANGER)
    head = setting.text(concern.text, setting.strong)
    seen = ", ".join(part for part in (concern.seen, concern.level) if part)
    yield setting.pair(concern.code, stack((head, setting.text(seen, strong))), above=setting.gap * 1.6, keep_with_next=True)
    details = (
        ("What I saw or heard", concern.words),
        ("What I did", concern.action),
        ("Who was told", concern.told),
        ("Outcome", concern.outcome),
    )
    for label, said in details:
        if said:
            yield setting.pair(label, setting.text(said), above=setting.gap * 0.6)
