"""The administrator's commands about custody, as they are typed, on a real database."""

import argparse
import io
import json
from typing import Any

import pytest

from tests.kit.custody import an_administrator
from tests.kit.service import ServiceKit
from visitapp.server.admin.custody_door import commands
from visitapp.server.admin.people import NotFound, NotPossible
from visitapp.server.database import administering


def typed(service: ServiceKit, *words: str) -> str:
    def inside(carry_out: Any) -> Any:
        def in_transaction(engine: Any, asked: argparse.Namespace) -> str:
            with administering(engine) as connection:
                return str(carry_out(connection, asked))

        return in_transaction

    parser = argparse.ArgumentParser()
    parsers = parser.add_subparsers(dest="command", required=True)
    for add in commands(inside):
        add(parsers)
    asked = parser.parse_args(words)
    return str(asked.carry_out(service.owner, asked))


@pytest.fixture
def people(service: ServiceKit) -> list[str]:
    team = service.team()
    return [an_administrator(service, team, name) for name in ("Ida Grant", "Ola Reyes")]


def test_a_wipe_is_ordered_listed_and_made_a_wipe_now_by_two(service: ServiceKit, people: list[str]) -> None:
    laptop = service.laptop(service.user(service.team()))
    order = typed(service, "wipe-device", laptop.device)
    assert json.loads(typed(service, "wipes", "--json"))[0]["id"] == order
    with pytest.raises(NotPossible, match="--by"):
        typed(service, "wipe-device", laptop.device, "--now")
    assert "second administrator" in typed(service, "wipe-device", laptop.device, "--now", "--by", people[0])
    assert "left behind" in typed(service, "wipe-device", laptop.device, "--now", "--by", people[1])
    told = json.loads(typed(service, "wipes", "--json"))[0]
    assert (told["now"], told["by_first"], told["by_second"]) == (True, *people)
    with pytest.raises(NotFound):
        typed(service, "wipe-device", "018f3a00-0000-7000-8000-000000000000")
    assert service.sql("select state from device where id = :id", id=laptop.device)[0].state == "wipe"


def test_two_at_once_make_a_wipe_now(service: ServiceKit, people: list[str]) -> None:
    laptop = service.laptop(service.user(service.team()))
    said = typed(service, "wipe-device", laptop.device, "--now", "--by", people[0], "--by", people[1])
    assert "left behind" in said


def test_lease_recovery_key_escrow_and_log(service: ServiceKit, people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    nurse = service.user(service.team())
    assert typed(service, "lease", "21") == "policy 2: 21 days"
    for wrong in ("zz", "00"):
        with pytest.raises(NotPossible):
            typed(service, "recovery-key", wrong)
    typed(service, "recovery-key", "ab" * 32)
    assert json.loads(typed(service, "escrow", "--json")) == []
    with pytest.raises(NotPossible, match="two administrators"):
        typed(service, "recover", nurse, "--by", people[0])
    monkeypatch.setattr("sys.stdin", io.StringIO("VR1.nothing\n"))
    with pytest.raises(NotPossible, match="not from a laptop"):
        typed(service, "recover", nurse, "--by", people[0], "--by", people[1], "--request", "-")
    lines = [line["what"] for line in json.loads(typed(service, "custody-log", "--json"))]
    assert lines == ["recovery-key-changed", "lease-changed"]
