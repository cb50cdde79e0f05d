"""A laptop that waits for approval: it says so with its own digits, keeps what is written, and sends it once it is let in."""

from tests.kit.laptops import MakeLaptop, laptop, team  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.protocol.fingerprints import device_digits
from visitapp.server.admin import overview, people
from visitapp.server.database import administering
from visitapp.sync.problems import DeviceWaiting
from visitapp.ui.wording import words_for


def test_work_waits_on_the_laptop_until_it_is_let_in(service: ServiceKit, laptop: MakeLaptop) -> None:  # noqa: F811
    with administering(service.owner) as connection:
        overview.set_policy(connection, "approve_devices", "on")
    ann = laptop()
    family = ann.begin_family()
    problem = ann.sync().problem
    assert isinstance(problem, DeviceWaiting)
    assert problem.digits == device_digits(ann.key.public_bytes)
    assert f"Its digits are {problem.digits}." in words_for(problem).happened
    assert service.sql("select 1 from scope where id = :s", s=f"f:{family}") == []
    with administering(service.owner) as connection:
        people.set_device_state(connection, ann.device, "active")
    ann.level()
    assert service.sql("select n > 0 from scope where id = :s", s=f"f:{family}") == [(True,)]


def test_two_keys_have_different_digits_and_one_always_the_same() -> None:
    found = {device_digits(bytes([n]) * 32) for n in range(256)}
    assert len(found) == 256
    assert all(len(digits) == 14 and digits.replace(" ", "").isdigit() for digits in found)
    assert device_digits(b"\0" * 32) == device_digits(b"\0" * 32)
