"""The administrator's commands about people, on a real database: the same that the web pages do."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kit.service import Laptop, ServiceKit, a_family
from visitapp.protocol.fingerprints import device_digits
from visitapp.server import staff_door
from visitapp.server.admin.people import NotPossible
from visitapp.server.database import administering


class Door:
    """Runs a command as `visitapp server` does, in a transaction of the owner."""

    def __init__(self, kit: ServiceKit, data: Path) -> None:
        self._kit = kit
        self._parser = argparse.ArgumentParser()
        self._parser.set_defaults(data=data)
        commands = self._parser.add_subparsers(required=True)
        for add in staff_door.commands(lambda carry_out: carry_out, lambda told: datetime.fromisoformat(told).replace(tzinfo=UTC)):
            add(commands)

    def __call__(self, *words: str) -> str:
        asked: Any = self._parser.parse_args(words)
        with administering(self._kit.owner) as connection:
            said: str = asked.carry_out(connection, asked)
        return said


@pytest.fixture
def door(service: ServiceKit, tmp_path: Path) -> Door:
    return Door(service, tmp_path)


def test_a_nurse_goes_and_another_has_her_families(service: ServiceKit, door: Door) -> None:
    team = service.team()
    ann, bea = (service.laptop(service.user(team, name=name)) for name in ("Ann", "Bea"))
    family = a_family()
    ann.push(family)
    assert door("cover", ann.user, bea.user, "--from", "2020-01-01", "--until", "2099-01-01") == "1 families"
    assert door("hand-over", ann.user, bea.user) == "1 families"
    bea.pull()
    assert bea.caseload[family.scope] == "nurse"
    door("close-user", ann.user)
    with pytest.raises(AssertionError, match="blocked"):
        ann.pull()
    door("reopen-user", ann.user)
    ann.pull()
    assert family.scope not in ann.caseload
    door("change-user", ann.user, "--role", "supervisor")
    ann.pull()
    assert ann.caseload[family.scope] == "review"


def test_a_laptop_is_let_in_by_its_own_digits_only(service: ServiceKit, door: Door) -> None:
    assert "approve_devices on" in door("policy", "approve_devices", "on")
    laptop = Laptop(service.http)
    laptop.enrol(service.code(service.user(service.team())))
    digits = device_digits(laptop.key.public_key().public_bytes_raw())
    wrong = ("1" if digits[0] != "1" else "2") + digits[1:]
    with pytest.raises(NotPossible, match="not the digits"):
        door("approve-device", laptop.device, wrong)
    with pytest.raises(AssertionError, match="pending"):
        laptop.pull()
    door("approve-device", laptop.device, digits)
    laptop.pull()
    with pytest.raises(NotPossible, match="not waiting"):
        door("approve-device", laptop.device, digits)


def test_an_account_is_made_by_code_or_for_the_organisations_sign_in(service: ServiceKit, door: Door) -> None:
    user = service.user(service.team(), "administrator", "Imogen Example")
    assert "one-use code" in door("account", user)
    assert door("account", user, "--login", "imogen", "--subject", "sub-1") == "user name imogen"
    assert service.sql("select login, subject from account") == [("imogen", "sub-1")]
