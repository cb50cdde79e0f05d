"""Questionnaires by url and version: an answer opens with the version it was given in."""

import json
from datetime import date
from typing import Any

import pytest

from visitapp.forms import Library, load_questionnaire
from visitapp.forms.library import Period, VersionTaken


def a_form(version: str, **more: Any) -> Any:
    return load_questionnaire({"resourceType": "Questionnaire", "url": "urn:form", "version": version, "status": "active"} | more)


def test_each_version_stays_and_the_latest_is_the_highest() -> None:
    library = Library([a_form("1.10"), a_form("1.9"), a_form("1.10-draft"), a_form("2.0", status="retired")])
    assert library.get("urn:form|1.9") is not None
    assert library.get("urn:form|3") is None
    latest = library.latest("urn:form")
    assert latest is not None
    assert latest.version == "1.10"
    assert library.get("urn:form") is latest


def test_the_same_version_can_not_mean_two_things() -> None:
    library = Library([a_form("1")])
    library.add(a_form("1"))
    with pytest.raises(VersionTaken):
        library.add(a_form("1", title="Another"))


def test_the_digest_is_of_the_content_whatever_the_order_of_its_keys() -> None:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": []}
    turned = dict(reversed(raw.items()))
    assert load_questionnaire(json.dumps(raw, indent=3)).digest == load_questionnaire(json.dumps(turned)).digest
    assert load_questionnaire(raw | {"title": "x"}).digest != load_questionnaire(raw).digest


def test_a_form_without_a_url_is_named_by_its_content() -> None:
    form = load_questionnaire({"resourceType": "Questionnaire", "status": "active"})
    assert form.canonical == f"urn:sha256:{form.digest}"


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ({"start": "2026-03-01", "end": "2026-09-30"}, date(2026, 3, 1), date(2026, 9, 30)),
        ({"start": "2026-03", "end": "2026-02"}, date(2026, 3, 1), date(2026, 2, 28)),
        ({"end": "2026"}, None, date(2026, 12, 31)),
        ({"start": "2026-03-01T10:00:00Z"}, date(2026, 3, 1), None),
        ({"start": "soon", "end": 5}, None, None),
        ("2026", None, None),
    ],
)
def test_a_form_is_asked_in_the_time_it_gives_itself(said: Any, first: date | None, last: date | None) -> None:
    library = Library([a_form("1", effectivePeriod=said)])
    assert library.period("urn:form|1") == Period(first, last)


def test_out_of_its_time_a_form_is_not_asked_but_its_answers_open() -> None:
    library = Library([a_form("1", effectivePeriod={"end": "2026-06-30"}), a_form("2", effectivePeriod={"start": "2026-07"})])
    versions = [[each.version for each in library.in_use(day)] for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert versions == [["1"], ["2"]]
    assert Library([a_form("1", effectivePeriod={"end": "2026-06"})]).in_use(date(2026, 7, 1)) == ()
    assert library.get("urn:form|1") is not None


def test_the_time_of_a_pack_and_the_time_of_a_form_both_count() -> None:
    library = Library()
    library.add(a_form("1", effectivePeriod={"start": "2026-03-01"}), Period(date(2026, 1, 1), date(2026, 12, 31)))
    assert library.period("urn:form|1") == Period(date(2026, 3, 1), date(2026, 12, 31))
