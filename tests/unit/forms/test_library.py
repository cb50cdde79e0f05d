"""Questionnaires by url and version: an answer opens with the version it was given in."""

import json
from typing import Any

import pytest

from visitapp.forms import Library, load_questionnaire
from visitapp.forms.library import VersionTaken


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
