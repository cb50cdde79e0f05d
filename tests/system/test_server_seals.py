"""What comes as signed is judged when it first arrives: its content, its parts, its signature, its answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import Laptop, ServiceKit, a_family, a_part, a_person, an_op, listed, some_uuid
from visitapp.actions.packing import pack_folder, signing_key
from visitapp.domain.visits import sealed
from visitapp.protocol import messages as m
from visitapp.server.admin.packs import publish_pack
from visitapp.server.database import administering

URL = "https://forms.service.example/Questionnaire/bath-time"


@pytest.fixture
def ann(service: ServiceKit) -> Laptop:  # noqa: F811
    return service.laptop(service.user(service.team()))


@pytest.fixture
def family(ann: Laptop) -> str:
    opening = a_family()
    assert ann.outcomes(opening) == ["ok"]
    return opening.id


class Note:
    """A visit with two parts, one of them restricted, as one group."""

    def __init__(self, laptop: Laptop, family: str, **fields: Any) -> None:
        self.visit, self.group, self.scope = some_uuid(), some_uuid(), f"f:{family}"
        self.parts = [a_part(family, self.visit, restricted, group=self.group) for restricted in (False, True)]
        body = {"visit": self.visit, "family": family, "author": laptop.user, "parts": listed(*self.parts), **fields}
        self.body = sealed(body, laptop.key.sign)

    def ops(self) -> tuple[m.Op, ...]:
        return (*self.parts, an_op(self.scope, "visit", self.visit, self.body, act="sign", group=self.group))


def stored(service: ServiceKit) -> int:  # noqa: F811
    [(count,)] = service.sql("select count(*) from rec where kind in ('visit', 'part')")
    return int(count)


def test_note_whose_seal_holds_is_stored(service: ServiceKit, ann: Laptop, family: str) -> None:  # noqa: F811
    assert ann.outcomes(*Note(ann, family).ops()) == ["ok"] * 3
    assert stored(service) == 3


def changed_word(note: Note, ann: Laptop) -> str:
    note.body["summary"] = "something else"
    return "content-hash"


def no_hash(note: Note, ann: Laptop) -> str:
    note.body["content_hash"] = ""
    return "content-hash"


def key_of_nobody(note: Note, ann: Laptop) -> str:
    note.body = sealed(note.body, Ed25519PrivateKey.generate().sign)
    return "signature"


def no_base64(note: Note, ann: Laptop) -> str:
    note.body["signature"] = "☺"
    return "signature"


def other_part(note: Note, ann: Laptop) -> str:
    old = note.parts[0]
    body = {**json.loads(old.body), "answers": [{"linkId": "story"}]}
    note.parts[0] = an_op(old.scope, "part", old.id, body, group=note.group)
    return "part-hash"


def one_part_more(note: Note, ann: Laptop) -> str:
    note.parts.append(a_part(note.scope[2:], note.visit, group=note.group))
    return "part-not-listed"


@pytest.mark.parametrize("spoil", [changed_word, no_hash, key_of_nobody, no_base64, other_part, one_part_more])
def test_note_whose_seal_does_not_hold_is_kept_for_a_person_and_never_as_signed(
    service: ServiceKit,  # noqa: F811
    ann: Laptop,
    family: str,
    spoil: Any,
) -> None:
    note = Note(ann, family)
    why = spoil(note, ann)
    ops = note.ops()
    answer = ann.push(*ops, a_person(family))
    assert [receipt.outcome for receipt in answer.receipts] == ["held"] * len(ops) + ["ok"]
    assert answer.receipts[len(ops) - 1].code == f"body:{why}"
    assert stored(service) == 0
    kept = {bytes(row.raw) for row in service.sql("select raw from held")}
    assert kept == {op.body for op in ops}
    assert ann.outcomes(*ops) == ["held"] * len(ops), "told again, it says the same"


def test_key_of_somebody_else_signs_nothing_of_hers(service: ServiceKit, ann: Laptop, family: str) -> None:  # noqa: F811
    bea = service.laptop(service.user(service.team()))
    note = Note(ann, family)
    note.body = sealed(note.body, bea.key.sign)
    assert ann.outcomes(*note.ops()) == ["held"] * 3


def test_note_signed_on_her_other_laptop_or_with_its_former_key_is_hers(service: ServiceKit, ann: Laptop, family: str) -> None:  # noqa: F811
    second = service.laptop(ann.user)
    note = Note(second, family)
    assert ann.outcomes(*note.ops()) == ["ok"] * 3
    service.sql("update device set state = 'blocked' where id = :id returning id", id=second.device)
    assert ann.outcomes(*Note(second, family).ops()) == ["ok"] * 3


def test_addendum_with_a_wrong_signature_is_held(service: ServiceKit, ann: Laptop, family: str) -> None:  # noqa: F811
    body = {"visit": some_uuid(), "text": "more", "author": ann.user}
    good = sealed(body, ann.key.sign)
    good.pop("content_hash")
    bad = {**good, "text": "less"}
    scope = f"f:{family}"
    assert ann.outcomes(*(an_op(scope, "addendum", some_uuid(), each) for each in (good, bad))) == ["ok", "held"]


class TestAnswers:
    """Against a form that the service has published."""

    @pytest.fixture(autouse=True)
    def published(self, service: ServiceKit, tmp_path: Path) -> None:  # noqa: F811
        folder = tmp_path / "pack"
        folder.mkdir()
        manifest = {"name": "Bath", "version": "1", "source": "us", "licence": "ours", "effective_from": "2026-01-01"}
        (folder / "pack.json").write_text(json.dumps(manifest))
        items = [{"linkId": "warm", "type": "boolean", "text": "Was it warm?", "required": True}]
        form = {"resourceType": "Questionnaire", "url": URL, "version": "1", "title": "Bath", "status": "active", "item": items}
        (folder / "bath.json").write_text(json.dumps(form))
        service.team()
        with administering(service.owner) as connection:
            publish_pack(connection, pack_folder(folder, {}, signing_key(tmp_path / "key"))[1])

    def receipts(self, ann: Laptop, family: str, canonical: str, answers: Any) -> list[tuple[str, str]]:
        body = {"visit": some_uuid(), "section": "topics", "questionnaire": canonical, "answers": answers, "subject": {}}
        receipts = ann.push(an_op(f"f:{family}", "part", some_uuid(), {**body, "restricted": False})).receipts
        return [(receipt.outcome, receipt.code) for receipt in receipts]

    @pytest.mark.parametrize(
        ("answers", "told"),
        [
            ([{"linkId": "warm", "answer": [{"valueBoolean": True}]}], ("ok", "")),
            ([{"linkId": "warm", "answer": [{"valueString": "yes"}]}], ("held", "body:answers")),
            ([{"linkId": "cold", "answer": [{"valueBoolean": True}]}], ("held", "body:answers")),
            ([], ("held", "body:answers")),
            ({"linkId": "warm"}, ("held", "body:answers")),
        ],
    )
    def test_answers_are_judged_by_the_form_they_name(self, ann: Laptop, family: str, answers: Any, told: tuple[str, str]) -> None:
        assert self.receipts(ann, family, f"{URL}|1", answers) == [told]

    @pytest.mark.parametrize("canonical", [f"{URL}|2", "q|1", "☺", 7, None])
    def test_answers_to_an_unknown_form_are_stored_and_noted(self, ann: Laptop, family: str, canonical: Any) -> None:
        assert self.receipts(ann, family, canonical, [{"linkId": "x"}]) == [("ok", "unjudged")]
