"""Invented notes: what the sheets of an invented visit say, plausible for the baby's age and different every time."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visitapp.actions.session import Desk
from visitapp.domain.people import Person, Role
from visitapp.domain.visits import QUESTIONNAIRES

Answers = list[dict[str, Any]]

SHORT_FORM = {
    "AN": (1, 2, 4, 6, 8), "NB": (2, 5, 6, 9, 12, 13), "IN": (1, 3, 6, 9, 13, 14), "MB": (2, 4, 8, 10, 13, 14),
    "TD": (1, 2, 7, 10, 13, 14),
}  # fmt: skip

STORIES = {
    "AN": (
        "{mother} showed me the corner of the room she is making ready. We talked about sleep, about the last check-up, and "
        "about who could come to the birth. The baby kicked while we were talking and she laughed and put my hand there.",
        "A quieter visit. {mother} is tired and had been sick in the morning. We kept to what she wanted to talk about: money, "
        "and what it will be like when the baby cries at night.",
        "We looked at what newborns can already do. {mother} had not known that the baby hears voices now and tried a song.",
    ),
    "NB": (
        "{baby} fed twice while I was there. {mother} noticed the rooting before any crying and said so aloud. Weighed "
        "undressed on the mat; {baby} looked at the light and then at her face for a long time.",
        "{mother} had slept four hours. We talked through the evening crying and tried holding {baby} upright. The health "
        "visitor's advice on safe sleep was gone over again with the cot in front of us.",
        "{baby} was asleep for most of the visit and woke hungry. {mother} talked about the birth for the first time.",
    ),
    "IN": (
        "{baby} was on the mat with a wooden spoon and a saucepan lid. {mother} waited, let {baby} start the game, and joined "
        "in. When the lid fell and startled {baby}, she picked {baby} up at once and they both laughed.",
        "We weighed {baby} and talked about first foods. {mother} worries about gagging; we looked at how {baby} sits and "
        "brings things to the mouth, and at what to do if {baby} does choke.",
        "{mother} had a hard week at college. {baby} was fretful and wanted to be held; she carried {baby} round the kitchen "
        "while we talked, and asked about a nursery place.",
    ),
    "MB": (
        "{baby} pulls up on everything. {mother} has moved the cups off the low table and put a gate on the stairs. When I came "
        "in {baby} looked at me, looked at her, and then came half way.",
        "{baby} banged a head on the door frame, cried, and went straight to {mother}; settled in a minute and went back to "
        "the bricks. She said what {baby} was feeling before I could ask.",
        "We talked about saying goodbye at nursery. {mother} had been slipping out; today she tried waving and coming back.",
    ),
    "TD": (
        "{baby} made me tea in a plastic cup and told {mother} to drink hers too. New words every day, she says. There was one "
        "storm about shoes; she sat down on the floor and waited, and it passed.",
        "{mother} has started a course on two mornings. {baby} misses her on those days and says so. We thought about what helps "
        "in the evening.",
        "{baby} chose the book. {mother} let {baby} turn the pages and asked what happens next.",
    ),
}  # fmt: skip
STRENGTHS = (
    "She saw the first small sign and answered it.", "Waited for {baby} to take a turn, and got one.",
    "Put {baby}'s feeling into words.", "They laughed together three times.", "Kept her voice soft though she was tired.",
    "{baby} looked for her when I came in.", "Held {baby} close and still until the crying passed.",
    "Asked her own question and wrote the answer down.", "Noticed that {baby} had had enough, and stopped.",
)  # fmt: skip
VOICES = (
    "I like it when you look at me for a long time.", "That lid was loud. You came quickly.", "I was sleeping. You spoke softly.",
    "I can nearly do it. Please wait for me.", "I was hungry before I cried and you knew.", "Play it again. Again!",
    "New person. I'll stay by you for now.",
)  # fmt: skip
TOPICS = ("Safe sleep", "First foods", "Crying and comfort", "Money and benefits", "Going back to college", "Play at this age",
          "Feeling low", "Immunisations", "Father's part", "Home safety", "Teeth", "Books and songs")  # fmt: skip
PLANS = (
    ("Bring the leaflet about the play group", "Family nurse"), ("Ring the surgery about the check", "Mother"),
    ("Try the song before the bath every evening", "Mother"), ("Ask about a nursery place", "Family nurse"),
    ("Move the hot drinks out of reach", "Both parents"), ("Write down questions for next time", "Mother"),
)  # fmt: skip
EVIDENCE = ("a little, with encouragement", "once, at the end", "when I pointed it out", "only while feeding")


@dataclass(frozen=True)
class Told:
    """One sheet of an invented visit."""

    name: str
    section: str
    person: Person | None
    caregiver: Person | None
    answers: Answers


class Writer:
    """Writes invented answers with the codings that the questionnaires themselves hold."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        self._desk = desk
        self._rng = rng
        self._codings: dict[tuple[str, str, str], dict[str, Any]] = {}

    def coding(self, name: str, link_id: str, code: str) -> dict[str, Any]:
        """Return a choice's coding as the questionnaire lists it; raises KeyError when it does not."""
        key = (name, link_id, code)
        if key not in self._codings:
            pending = list(self._desk.questionnaire(QUESTIONNAIRES + name).raw.get("item") or ())
            while pending:
                item = pending.pop()
                pending += item.get("item") or ()
                for option in item.get("answerOption") or ():
                    value = option.get("valueCoding")
                    if value:
                        told = {k: value[k] for k in ("system", "code", "display") if k in value}
                        self._codings[name, item["linkId"], value["code"]] = told
        return self._codings[key]

    def choice(self, name: str, link_id: str, *codes: str) -> dict[str, Any]:
        """Return an answered choice."""
        return {"linkId": link_id, "answer": [{"valueCoding": self.coding(name, link_id, code)} for code in codes]}

    def visit(self, mother: Person, baby: Person, band: str, minutes: int, start: str, end: str) -> list[Told]:
        """Return the sheets of one completed visit."""
        rng = self._rng
        names = {"mother": mother.short_name, "baby": baby.short_name}
        born = baby.role is Role.BABY and band != "AN"
        seen = rng.choices(("awake", "asleep"), (9, 1))[0]
        arrival = [
            self.choice("visit-arrival", "outcome", "completed"), self.choice("visit-arrival", "mode", "home"),
            {"linkId": "started", "answer": [{"valueTime": start}]}, {"linkId": "ended", "answer": [{"valueTime": end}]},
            self.choice("visit-arrival", "present", "mother", *(("baby",) if born else ())),
        ]  # fmt: skip
        if born:
            arrival.append(self.choice("visit-arrival", "baby-seen", seen))
        told = [
            Told("visit-arrival", "arrival", None, None, arrival),
            Told("visit-narrative", "narrative", None, None, [text("story", rng.choice(STORIES[band]).format(**names))]),
        ]
        if rng.random() < 0.6 and (seen == "awake" or not born):
            told.append(self._observation(mother, baby, band, names))
        told.append(Told("voice-of-infant", "voice", baby, None, [text("voice", rng.choice(VOICES))]))
        if born and rng.random() < 0.5:
            told.append(Told("baby-health", "health", baby, None, []))
        told += [self._topics(minutes), self._risks(), self._plan()]
        return told

    def no_access(self, start: str) -> list[Told]:
        """Return the sheets of a visit where nobody opened."""
        arrival = [
            self.choice("visit-arrival", "outcome", "no-access"),
            text("outcome-reason", "Nobody came to the door. Telephoned from the car, no answer. Card not left."),
            {"linkId": "started", "answer": [{"valueTime": start}]},
        ]
        return [Told("visit-arrival", "arrival", None, None, arrival), self._risks()]

    def _observation(self, mother: Person, baby: Person, band: str, names: Mapping[str, str]) -> Told:
        rng = self._rng
        name = f"observation-{band.lower()}"
        first, second = rng.sample(STRENGTHS, 2)
        items = []
        for number in SHORT_FORM[band]:
            code = rng.choices("SENO", (12, 3, 1, 2))[0]
            item = self.choice(name, f"{band}{number}", code)
            if code in "EN":
                item["answer"][0]["item"] = [text(f"{band}{number}-evidence", rng.choice(EVIDENCE))]
            items.append(item)
        answers: Answers = [
            text("strength-1", first.format(**names)), text("strength-2", second.format(**names)),
            {"linkId": "items", "item": items},
        ]  # fmt: skip
        return Told(name, "observation", baby, mother, answers)

    def _topics(self, minutes: int) -> Told:
        maternal = minutes // 2
        services = minutes - maternal - 10 - 10
        answers: Answers = [
            number("min-personal", 10), number("min-maternal", maternal), number("min-family", 10),
            number("min-services", services), text("topics", ", ".join(self._rng.sample(TOPICS, 3))),
        ]  # fmt: skip
        return Told("visit-topics", "topics", None, None, answers)

    def _risks(self) -> Told:
        return Told("visit-risks", "risks", None, None, [{"linkId": "risks-none", "answer": [{"valueBoolean": True}]}])

    def _plan(self) -> Told:
        what, who = self._rng.choice(PLANS)
        items = [text("plan-what", what), text("plan-who", who), {"linkId": "plan-agreed", "answer": [{"valueBoolean": True}]}]
        return Told("visit-plan", "plan", None, None, [{"linkId": "plan-item", "item": items}])


def text(link_id: str, words: str) -> dict[str, Any]:
    """Return an answered text."""
    return {"linkId": link_id, "answer": [{"valueString": words}]}


def number(link_id: str, value: int) -> dict[str, Any]:
    """Return an answered whole number."""
    return {"linkId": link_id, "answer": [{"valueInteger": value}]}


def measured(answers: Answers, weight_g: int) -> Sequence[dict[str, Any]]:
    """Return a health sheet's answers with a weight in grams."""
    value = {"value": weight_g, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}
    return [*answers, {"linkId": "weight", "answer": [{"valueQuantity": value}]}]
