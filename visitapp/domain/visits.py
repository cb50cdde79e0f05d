"""A visit, its sheets and parts, its states, and what may follow what."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from visitapp.domain.bodies import Body, canonical, sha256
from visitapp.domain.problems import SignatureDoesNotVerify

LATE_AFTER = timedelta(hours=24)
"""A note signed later than this after the visit ended is a late entry and needs a reason (NMC Code 10.1; the service's default)."""

QUESTIONNAIRES = "https://visitapp.example/fhir/Questionnaire/"
EXTENSIONS = "https://visitapp.example/fhir/StructureDefinition/"


class NoteState(StrEnum):
    """How far a note has come, in the order a note passes through them."""

    DRAFT = "draft"
    SIGNED = "signed"
    RECEIVED = "received"
    SEEN = "seen"
    RETURNED = "returned"
    COUNTERSIGNED = "countersigned"
    IN_ERROR = "in_error"


class Outcome(StrEnum):
    """What came of a visit; every one of them is worth a note."""

    COMPLETED = "completed"
    NO_ACCESS = "no-access"
    CANCELLED_FAMILY = "cancelled-family"
    CANCELLED_SERVICE = "cancelled-service"
    DECLINED = "declined"
    NOT_BROUGHT = "not-brought"


SECTIONS = (
    "arrival", "narrative", "observation", "concerns", "voice", "health", "parents", "topics", "risks", "plan",
)  # fmt: skip
"""The steps of a visit in the order they stand at the left of the screen and on paper."""

SHORT_SECTIONS = ("arrival", "narrative", "risks", "plan")
"""What is asked when nobody was seen: the visit still has a story, a risk and a plan."""


@dataclass(frozen=True)
class Subject:
    """Whom a sheet or a part of a note is about: the family as a whole or one person of it."""

    kind: str
    id: str
    role: str = ""

    def body(self) -> Body:
        """Return the subject as a body holds it."""
        return {"kind": self.kind, "id": self.id, "role": self.role}


@dataclass(frozen=True)
class Sheet:
    """One questionnaire asked about one subject while a visit is being written."""

    key: str
    section: str
    questionnaire: str
    subject: Subject
    caregiver: str = ""
    restricted: bool = False
    answers: tuple[Mapping[str, Any], ...] = ()
    left_behind: tuple[Mapping[str, Any], ...] = ()
    """Answers that had no place when the sheet was carried to a newer version; they stay with it."""

    def body(self) -> Body:
        """Return the sheet as a draft's body holds it."""
        return {
            "key": self.key, "section": self.section, "questionnaire": self.questionnaire,
            "subject": self.subject.body(), "caregiver": self.caregiver, "restricted": self.restricted,
            "answers": list(self.answers),
            **({"left_behind": list(self.left_behind)} if self.left_behind else {}),
        }  # fmt: skip


def sheet_from_body(body: Mapping[str, Any]) -> Sheet:
    """Read a sheet from a draft's body."""
    subject = body.get("subject") or {}
    return Sheet(
        key=str(body["key"]),
        section=str(body["section"]),
        questionnaire=str(body["questionnaire"]),
        subject=Subject(str(subject.get("kind", "family")), str(subject.get("id", "")), str(subject.get("role", ""))),
        caregiver=str(body.get("caregiver") or ""),
        restricted=bool(body.get("restricted")),
        answers=tuple(body.get("answers") or ()),
        left_behind=tuple(body.get("left_behind") or ()),
    )


def sheet_key(questionnaire_name: str, subject: str, caregiver: str = "") -> str:
    """Return the key that tells a sheet from every other sheet of its visit."""
    return ":".join(part for part in (questionnaire_name, subject, caregiver) if part)


def questionnaire_name(canonical_or_url: str) -> str:
    """Return the last part of a questionnaire's url: "observation-in" for ".../observation-in|1.0.0"."""
    return canonical_or_url.split("|", 1)[0].rsplit("/", 1)[-1]


def is_late(ended_at: datetime, signed_at: datetime) -> bool:
    """Tell whether a note signed now would be a late entry."""
    return signed_at - ended_at > LATE_AFTER


def answer_values(answers: Sequence[Mapping[str, Any]], link_id: str) -> list[Any]:
    """Return the plain values answered to a question, wherever it stands; a coding gives its code."""
    found: list[Any] = []
    for item in answers:
        for answer in item.get("answer") or ():
            if item.get("linkId") == link_id:
                found.extend(_plain(value) for key, value in answer.items() if key.startswith("value"))
            found.extend(answer_values(answer.get("item") or (), link_id))
        found.extend(answer_values(item.get("item") or (), link_id))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping) and "code" in value and "value" not in value:
        return value["code"]
    return value


def first_answer(answers: Sequence[Mapping[str, Any]], link_id: str, default: Any = None) -> Any:
    """Return the first plain value answered to a question, or the default."""
    values = answer_values(answers, link_id)
    return values[0] if values else default


def content_hash(visit: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a signed visit's content: everything but hash and signature, keys sorted."""
    return sha256(canonical({key: value for key, value in visit.items() if key not in ("content_hash", "signature")}))


def sealed(visit: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> Body:
    """Return the visit with its content hash and the device's Ed25519 signature over that hash."""
    digest = content_hash(visit)
    return {**visit, "content_hash": digest, "signature": base64.b64encode(sign(bytes.fromhex(digest))).decode()}


def check_seal(
    visit: Mapping[str, Any], parts: Mapping[str, bytes], verify: Callable[[bytes, bytes], bool] | None = None
) -> None:
    """Check that a signed visit and those of its parts that are at hand are what was signed.

    `parts` maps part ids to body bytes; a restricted part that the reader may not hold is simply absent. `verify` takes
    signature and message. Raises SignatureDoesNotVerify.
    """
    if content_hash(visit) != visit.get("content_hash"):
        raise SignatureDoesNotVerify
    for part in visit.get("parts", ()):
        raw = parts.get(part["id"])
        if raw is not None and sha256(raw) != part["sha256"]:
            raise SignatureDoesNotVerify
    if verify is not None:
        try:
            signature = base64.b64decode(str(visit.get("signature", "")))
        except ValueError:
            raise SignatureDoesNotVerify from None
        if not verify(signature, bytes.fromhex(str(visit["content_hash"]))):
            raise SignatureDoesNotVerify
