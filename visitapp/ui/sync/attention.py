"""What is said of a change that waits for a person: what happened, what is safe, and a button for each thing that can be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.stuck import Waiting, Way
from visitapp.ui.disagreement.labels import kind_title
from visitapp.ui.wording import moment_words


@dataclass(frozen=True)
class Attention:
    """One change that waits, in words. `ways` are pairs of what to do and what its button says, the best first."""

    op: str
    title: str
    happened: str
    safe: str
    ways: tuple[tuple[Way, str], ...]


_HAPPENED: Mapping[tuple[str, str], str] = {
    ("conflict", ""): "It was changed on this laptop and by somebody else, before either knew of the other.",
    ("conflict", "moved"): "It was filed in another family while somebody changed it.",
    ("conflict", "state"): "The referral moved on at your service, and this step does not follow from where it is now.",
    ("gone", ""): "It was taken away at your service before this change came.",
    ("frozen", ""): "Your service has another text under the same name, and that one is final.",
    ("denied", ""): "Your service did not take it: this family is not yours, or not any more.",
    ("denied", "kept"): "Your service keeps everything of this kind, so it cannot be taken away.",
    ("denied", "server-only"): "Only your service writes this.",
    ("parked", ""): "Your service could not take it three times in a row.",
    ("held", "assignment"): "It came after this family had gone to somebody else, so a person at your service has to look at it.",
    ("held", "unknown-kind"): "Your service does not know this kind of record yet, so it keeps it until it does.",
    ("held", "body"): "Something in it did not pass your service's checks, so a person there has to look at it.",
    ("held", ""): "Your service has kept it for a person to look at.",
}
"""By state and what the server said; "" for whatever else it says."""
_OF_KIND: Mapping[tuple[str, str], str] = {
    ("frozen", "visit"): "This visit was signed on two laptops. The first signature counts; a signed note is never changed.",
    ("gone", "draft"): "This draft was signed, or passed on with its family, while you wrote here.",
    ("gone", "person"): "This person was filed in another family meanwhile.",
}
_SAFE: Mapping[str, str] = {
    "conflict": "Both texts are kept.",
    "gone": "What you wrote is kept on this laptop.",
    "frozen": "What you wrote is kept on this laptop.",
    "denied": "What you wrote is kept on this laptop.",
    "parked": "It is kept on this laptop.",
    "held": "Your service has received it. Receipt number {number}; quote it to the service desk.",
}
_BUTTONS: Mapping[Way, str] = {
    Way.DECIDE: "Compare and decide",
    Way.ADDENDUM: "File it as an addendum",
    Way.ANEW: "Keep it as a new record",
    Way.AGAIN: "Send it again",
    Way.MOVE: "File it there all the same",
    Way.STAY: "Leave it where it is",
    Way.SIGN: "Keep my signature",
    Way.HAND_ON: "Give it to my supervisor",
    Way.ASIDE: "Put it aside",
}
_DONE: Mapping[Way, str] = {
    Way.ADDENDUM: "Filed as an addendum to the signed note. It goes out with the next sync.",
    Way.ANEW: "Kept under a new name. It goes out with the next sync.",
    Way.AGAIN: "It goes out again with the next sync.",
    Way.MOVE: "It is filed there with the next sync.",
    Way.STAY: "It stays where it is. What you wrote is in the history.",
    Way.SIGN: "Your signature goes out with the next sync. What was written elsewhere is in the history.",
    Way.HAND_ON: "Your supervisor gets it with the next sync. It stays in the history.",
    Way.ASIDE: "Put aside. It stays in the history.",
}


def attention_of(waiting: Waiting, now: datetime) -> Attention:
    """Put a change that waits into words."""
    state, code = waiting.state, waiting.code.split(":", 1)[0]
    if waiting.act == "del" and state == "conflict":
        happened = "You signed this visit here, and wrote on in its draft on another laptop."
    else:
        happened = _OF_KIND.get((state, waiting.kind)) or _HAPPENED.get((state, code)) or _HAPPENED[state, ""]
    what = "signed note" if waiting.act == "del" else ""
    title = " · ".join(part for part in (waiting.family_name, what or kind_title(waiting.kind, waiting.about)) if part)
    safe = _SAFE[state].format(number=waiting.number)
    return Attention(
        op=waiting.op,
        title=f"{title}, written {moment_words(waiting.made_at, now)}",
        happened=happened,
        safe=safe,
        ways=tuple((way, button_words(way, waiting.kind)) for way in waiting.ways),
    )


def button_words(way: Way, kind: str) -> str:
    """Say what a button does."""
    return "Keep it as a new draft" if way is Way.ANEW and kind == "draft" else _BUTTONS[way]


def done_words(way: Way) -> str:
    """Say what has been done."""
    return _DONE.get(way, "Done.")
