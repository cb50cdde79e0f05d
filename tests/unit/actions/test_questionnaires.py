"""Questionnaires that come by sync or are brought in a file: taken in, refused with a reason, opened in their version."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import MONDAY, a_desk, shipped_library
from visitapp.actions import shelf
from visitapp.actions.caseload import today_view
from visitapp.actions.packing import SigningKey, is_signed_by, pack_folder, signing_key
from visitapp.actions.questionnaires import accept, judge_file, loaded
from visitapp.actions.session import Desk, Shipped, begin_record, sit_down
from visitapp.actions.shelf import Origin, take_in
from visitapp.domain.clock import FixedClock
from visitapp.forms import load_questionnaire
from visitapp.forms.library import Library
from visitapp.forms.packs import PackRefused
from visitapp.forms.published import bodies, read_published
from visitapp.vault.device import DeviceKey

URL = "https://forms.service.example/Questionnaire/bath-time"
MANIFEST = {"name": "Bath", "version": "1", "source": "the bath team", "licence": "ours", "effective_from": "2026-01-01"}


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return signing_key(tmp_path / "pack-key")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = a_desk(tmp_path)
    yield replace(found, library=found.library.copy())
    found.record.close()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Desk]:
    found = a_desk(tmp_path, practice=True)
    yield replace(found, library=found.library.copy())
    found.record.close()


def a_form(version: str = "1", **more: Any) -> dict[str, Any]:
    item = [{"linkId": "warm", "type": "boolean", "text": f"Warm in version {version}?"}]
    head = {"resourceType": "Questionnaire", "url": URL, "version": version, "title": "Bath time", "status": "active"}
    return head | {"item": item} | more


def a_pack(tmp_path: Path, key: SigningKey | None, *forms: dict[str, Any], **manifest: Any) -> bytes:
    folder = tmp_path / f"pack-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / "pack.json").write_text(json.dumps(MANIFEST | manifest))
    for at, form in enumerate(forms):
        (folder / f"{at}.json").write_text(json.dumps(form))
    return pack_folder(folder, {}, key)[1]


def publish(desk: Desk, raw: bytes, **changed: Any) -> None:
    """As sync does it: what the service wrote lands in the scope of everybody."""
    with desk.record.writing() as w:
        for body in bodies(raw, is_signed_by):
            w.put("g:", "questionnaire", desk.ids(), body | changed)


def rules(facts: Any) -> set[str]:
    return {fact.rule for fact in facts}


def test_what_the_service_published_is_asked(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    publish(desk, a_pack(tmp_path, key, a_form(), a_form("2")))
    assert take_in(desk.record, desk.library) == ()
    assert desk.questionnaire(URL).version == "2"
    row = next(row for row in loaded(desk).loaded if row.canonical == f"{URL}|2")
    assert (row.origin, row.source, row.signer, row.is_asked) == (Origin.SERVICE, "the bath team", key.name, True)


def test_an_answer_opens_with_the_version_it_was_given_in(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    publish(desk, a_pack(tmp_path, key, a_form("1"), a_form("2")))
    take_in(desk.record, desk.library)
    assert desk.questionnaire(f"{URL}|1").items[0].text == "Warm in version 1?"
    assert desk.questionnaire(f"{URL}|2").items[0].text == "Warm in version 2?"


def test_a_pack_is_asked_only_in_its_time(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    publish(desk, a_pack(tmp_path, key, a_form("1"), effective_until="2026-12-31"))
    publish(desk, a_pack(tmp_path, key, a_form("2"), effective_from="2027-01-01"))
    take_in(desk.record, desk.library)
    assert desk.questionnaire(URL).version == "1"
    assert desk.library.latest(URL, date(2027, 1, 1)).version == "2"  # type: ignore[union-attr]
    assert desk.questionnaire(f"{URL}|2").version == "2", "answers open outside the time too"
    asked = {row.canonical: row.is_asked for row in loaded(desk).loaded if row.questionnaire.url == URL}
    assert asked == {f"{URL}|1": True, f"{URL}|2": False}
    assert URL not in {each.url for each in desk.library.in_use(date(2025, 6, 1))}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"signature": None}, "packUnsigned"),
        ({"signature": {"key": "ed25519:00", "value": "AAAA"}}, "packSignature"),
        ({"text": json.dumps(a_form(title="Forged"))}, "packChecksum"),
        ({"url": "urn:another"}, "packChecksum"),
        ({"manifest": "{"}, "notReadable"),
        ({"manifest": "[]"}, "packChecksum"),
        ({"text": None, "folded": "AAAA"}, "notReadable"),
    ],
)
def test_what_is_unsigned_or_malformed_is_refused_with_a_reason(
    desk: Desk, key: SigningKey, tmp_path: Path, changed: dict[str, Any], rule: str
) -> None:
    publish(desk, a_pack(tmp_path, key, a_form()), **changed)
    refused = take_in(desk.record, desk.library)
    assert [(each.name, rules(each.facts)) for each in refused] == [("Bath time", {rule})]
    assert desk.library.latest(URL) is None
    assert rules(loaded(desk).refused[0].facts) == {rule}
    assert any("“Bath time” came and cannot be used" in words for words in today_view(desk).pack_warnings)


def test_a_version_never_changes_its_content(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    shipped = next(iter(desk.library))
    forged = json.loads(shipped.source) | {"title": "Changed"}
    publish(desk, a_pack(tmp_path, key, forged))
    assert rules(take_in(desk.record, desk.library)[0].facts) == {"versionTaken"}
    assert desk.questionnaire(shipped.canonical).digest == shipped.digest
    assert rules(loaded(desk).refused[0].facts) == {"versionTaken"}


def test_a_large_questionnaire_travels_folded(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    items = [{"linkId": str(n), "type": "string", "text": f"Question number {n} about the bath"} for n in range(5000)]
    raw = a_pack(tmp_path, key, a_form(item=items))
    body = bodies(raw, is_signed_by)[0]
    assert len(raw) > 256 * 1024 > len(json.dumps(body))
    assert len(read_published(body, is_signed_by).questionnaire.items) == 5000
    with pytest.raises(PackRefused):
        read_published(body | {"folded": body["folded"][:4000]}, is_signed_by)


def test_what_arrives_while_she_works_is_there_at_once_and_for_this_record_only(
    tmp_path: Path, key: SigningKey, desk: Desk
) -> None:
    begin_record(desk.record, desk.user, desk.device, DeviceKey.generate(), practice=False)
    clinical = Shipped(shipped_library(), (), ())
    mine = sit_down(desk.record, FixedClock(MONDAY), clinical)
    assert mine.library.latest(URL) is None
    publish(mine, a_pack(tmp_path, key, a_form()))
    assert mine.questionnaire(URL).version == "1"
    assert clinical.library.latest(URL) is None
    assert sit_down(desk.record, FixedClock(MONDAY), clinical).questionnaire(URL).version == "1"


def test_a_practice_record_takes_any_questionnaire_without_errors(practice: Desk) -> None:
    desk = practice
    candidate = judge_file(desk, "bath.json", json.dumps(a_form()).encode())
    assert candidate.may_be_accepted
    assert accept(desk, candidate).may_be_accepted
    assert desk.questionnaire(URL).title == "Bath time"
    again = Library(shipped_library())
    assert take_in(desk.record, again) == ()
    assert again.latest(URL) is not None, "it is there after the next unlock"
    assert next(row for row in loaded(desk).loaded if row.canonical == f"{URL}|1").origin is Origin.RECORD


def test_a_questionnaire_with_errors_is_never_accepted(practice: Desk) -> None:
    desk = practice
    for raw, rule in (
        (json.dumps(a_form(status="finished")).encode(), "status"),
        (b"{", "notReadable"),
        (json.dumps(a_form(item=[{"linkId": "a", "type": "nothing"}])).encode(), "invalidType"),
        (next(iter(desk.library)).source.replace(b'"title"', b'"name"', 1), "versionTaken"),
    ):
        candidate = accept(desk, judge_file(desk, "x.json", raw))
        assert rule in rules(candidate.refusals)
        assert not candidate.may_be_accepted
    with desk.record.reading() as r:
        assert shelf.accepted(r) == ()


def test_a_service_record_takes_only_packs_by_a_signer_the_service_answers_for(desk: Desk, key: SigningKey, tmp_path: Path) -> None:
    alone = judge_file(desk, "bath.json", json.dumps(a_form()).encode())
    assert rules(alone.refusals) == {"packNeeded"}
    assert alone.questionnaires, "it can be looked at all the same"
    unsigned = judge_file(desk, "bath.pack", a_pack(tmp_path, None, a_form()))
    assert rules(unsigned.refusals) == {"packUnsigned"}
    signed = judge_file(desk, "bath.pack", a_pack(tmp_path, key, a_form("2")))
    assert rules(signed.refusals) == {"packSigner"}
    assert accept(desk, signed).refusals
    publish(desk, a_pack(tmp_path, key, a_form("1")))
    assert accept(desk, signed).may_be_accepted
    assert desk.questionnaire(URL).version == "2"


def test_a_forged_pack_is_refused_in_practice_too(practice: Desk, tmp_path: Path, key: SigningKey) -> None:
    body = json.loads(a_pack(tmp_path, key, a_form()))
    body["manifest"]["source"] = "somebody else"
    assert rules(judge_file(practice, "bath.pack", json.dumps(body).encode()).refusals) == {"packSignature"}


def test_the_shipped_questionnaires_are_listed_by_title(desk: Desk) -> None:
    rows = loaded(desk).loaded
    titles = [row.questionnaire.title.casefold() for row in rows]
    assert titles == sorted(titles)
    assert len(rows) == len(desk.library)
    assert {row.origin for row in rows} == {Origin.SHIPPED}
    assert load_questionnaire(rows[0].questionnaire.source).canonical == rows[0].canonical
