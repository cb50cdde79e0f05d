"""What the unlock screen shows follows from what is known and what the vault answers."""

from collections.abc import Callable
from typing import Any

import pytest

from visitapp.domain.problems import Problem
from visitapp.ui.unlock.presenter import Place, UnlockPresenter
from visitapp.ui.unlock.saying import (
    Meter,
    Standing,
    Trouble,
    meter,
    reason_line,
    service_address,
    trouble,
    unsent_line,
    wait_line,
)
from visitapp.vault.problems import KeyringIsLocked, PassphraseTooWeak, Sealed, VaultDamaged, WrongPassphrase
from visitapp.vault.strength import strength

GOOD = "kettle harbour violin moss"


def typed(text: str = GOOD) -> bytearray:
    return bytearray(text.encode())


class Screen:
    """Remembers what it was told to show."""

    def __init__(self) -> None:
        self.place = Place.WELCOME
        self.reason = self.unsent = self.busy = self.wait = ""
        self.trouble: Trouble | None = None
        self.meter = Meter(0, "muted", "")
        self.wrong: dict[str, str] = {}

    def show_place(self, place: Place) -> None:
        self.place = place

    def show_standing(self, standing: Standing, reason: str, unsent: str) -> None:
        self.reason, self.unsent = reason, unsent

    def show_busy(self, words: str) -> None:
        self.busy = words

    def show_trouble(self, trouble: Trouble | None) -> None:
        self.trouble = trouble

    def show_wait(self, words: str) -> None:
        self.wait = words

    def show_meter(self, meter: Meter) -> None:
        self.meter = meter

    def show_wrong(self, field: str, words: str) -> None:
        self.wrong[field] = words


class Doors:
    """Opens, or fails as told; remembers what it was asked."""

    def __init__(self) -> None:
        self.problem: Problem | None = None
        self.asked: list[tuple[Any, ...]] = []

    def _answer(self, *asked: Any) -> str:
        self.asked.append(asked)
        if self.problem is not None:
            raise self.problem
        return "an open record"

    def unlock(self, user: str, passphrase: bytearray) -> Any:
        return self._answer("unlock", user, bytes(passphrase))

    def connect(self, address: str, code: str, user: str, passphrase: bytearray) -> Any:
        return self._answer("connect", address, code, user, bytes(passphrase))

    def practise(self) -> Any:
        return self._answer("practise")

    def use_spare(self, user: str) -> None:
        self._answer("spare", user)


class LanesLater:
    """Keeps work until the test lets it happen."""

    def __init__(self) -> None:
        self.kept: list[Callable[[], None]] = []

    def slowly(self, asker, work, done, failed=None) -> None:
        self.kept.append(lambda: done(work()))

    on_record = slowly


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def doors():
    return Doors()


@pytest.fixture
def make(screen, doors, lanes):
    class Scene:
        def __init__(self) -> None:
            self.now = 50.0
            self.opened: list[Any] = []

        def start(self, standing: Standing, lanes: Any = lanes) -> UnlockPresenter:
            presenter = UnlockPresenter(screen, doors, lanes, standing, self.opened.append, seconds=lambda: self.now)
            presenter.start()
            return presenter

    return Scene()


def test_the_first_start_offers_two_ways(screen, make):
    make.start(Standing(has_vault=False))
    assert screen.place is Place.WELCOME


def test_invented_families_open_at_once(screen, doors, make):
    make.start(Standing(has_vault=False)).practise()
    assert doors.asked == [("practise",)]
    assert make.opened == ["an open record"]
    assert screen.busy


def test_connecting_goes_through_address_code_and_passphrase(screen, doors, make):
    presenter = make.start(Standing(has_vault=False))
    presenter.connect()
    assert screen.place is Place.CONNECT
    presenter.take_service("visits.example.org/", " ABCD 12 34 ")
    assert screen.place is Place.PASSPHRASE
    presenter.create(" gwen ", typed(), typed())
    assert doors.asked == [("connect", "https://visits.example.org", "ABCD1234", "gwen", GOOD.encode())]
    assert make.opened == ["an open record"]


@pytest.mark.parametrize(
    ("address", "code", "wrong"),
    [("", "A1", "address"), ("http://visits.example.org", "A1", "address"), ("visits.example.org", "  ", "code")],
)
def test_an_address_or_code_that_cannot_be_right_stays_where_it_is(screen, make, address, code, wrong):
    presenter = make.start(Standing(has_vault=False))
    presenter.connect()
    presenter.take_service(address, code)
    assert screen.place is Place.CONNECT
    assert screen.wrong[wrong]


@pytest.mark.parametrize(
    ("typed_address", "expected"),
    [
        ("visits.example.org", "https://visits.example.org"),
        (" https://visits.example.org:8443/team/ ", "https://visits.example.org:8443/team"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://[::1]:8123", "http://[::1]:8123"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_addresses_are_completed(typed_address, expected):
    assert service_address(typed_address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "two words",
        "ftp://x.example",
        "https://",
        "https://me@x.example",
        "https://x.example/?a=1",
        "x.example:notaport",
        "http://127.0.0.1.x.example",
        "http://localhost.x.example",
        "https://[x",
        "x" * 3000,
    ],
)
def test_what_is_no_address_is_refused_in_words(address):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        service_address(address)


@pytest.mark.parametrize(("user", "first", "second", "wrong"), [("", GOOD, GOOD, "user"), ("gwen", GOOD, GOOD + "s", "again")])
def test_a_record_needs_a_name_and_the_same_passphrase_twice(screen, doors, make, user, first, second, wrong):
    presenter = make.start(Standing(has_vault=False))
    presenter.connect()
    presenter.take_service("visits.example.org", "A1")
    passphrase, again = typed(first), typed(second)
    presenter.create(user, passphrase, again)
    assert screen.wrong[wrong]
    assert doors.asked == []
    assert not any(passphrase)
    assert not any(again)


def test_a_weak_passphrase_makes_no_record_and_is_zeroed(screen, doors, make):
    presenter = make.start(Standing(has_vault=False))
    presenter.take_service("visits.example.org", "A1")
    passphrase = typed("gwen1")
    presenter.create("gwen", passphrase, typed("gwen1"))
    assert doors.asked == []
    assert screen.trouble is not None
    assert screen.wrong["passphrase"]
    assert not any(passphrase)


def test_strength_is_judged_while_typing_and_only_the_latest_counts(screen, doors, make):
    later = LanesLater()
    presenter = make.start(Standing(has_vault=False), lanes=later)
    for words in ("moss", GOOD):
        presenter.judge("gwen", words)
    later.kept[1]()
    assert screen.meter == Meter(4, "success", "Strong")
    later.kept[0]()
    assert screen.meter == Meter(4, "success", "Strong")
    presenter.judge("gwen", "")
    assert screen.meter.bars == 0


def test_the_meter_never_calls_good_what_would_be_refused():
    for words in ("", "moss", "moss kettle", "correct horse battery staple", GOOD, "12345678", "Tr0ub4dour&3"):
        judged = strength(words)
        assert (meter(judged).tone == "success") == judged.acceptable


def test_the_right_passphrase_opens(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    assert screen.place is Place.UNLOCK
    presenter.unlock(" gwen ", typed())
    assert doors.asked == [("unlock", "gwen", GOOD.encode())]
    assert make.opened == ["an open record"]


@pytest.mark.parametrize(("user", "passphrase", "wrong"), [("", GOOD, "user"), ("gwen", "", "passphrase")])
def test_an_empty_field_is_not_a_try(screen, doors, make, user, passphrase, wrong):
    presenter = make.start(Standing(has_vault=True))
    presenter.unlock(user, typed(passphrase))
    assert doors.asked == []
    assert screen.wrong[wrong]


def test_a_wrong_passphrase_counts_the_wait_down_and_tries_nothing_meanwhile(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    doors.problem = WrongPassphrase(retry_after_s=30, tries_left=5)
    presenter.unlock("gwen", typed("wrong"))
    assert (screen.busy, screen.wait) == ("", "You can try again in 0:30.")
    assert "5 more tries" in screen.trouble.do
    make.now += 29.5
    presenter.tick()
    assert screen.wait == "You can try again in 0:01."
    early = typed()
    presenter.unlock("gwen", early)
    assert len(doors.asked) == 1
    assert not any(early)
    make.now += 0.5
    presenter.tick()
    assert screen.wait == ""
    doors.problem = None
    presenter.unlock("gwen", typed())
    assert make.opened == ["an open record"]


def test_the_first_wrong_ones_do_not_threaten(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    doors.problem = WrongPassphrase(retry_after_s=0, tries_left=9)
    presenter.unlock("gwen", typed("wrong"))
    assert "tries" not in screen.trouble.do
    assert screen.wait == ""


def test_a_sealed_vault_says_that_nothing_was_deleted(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    doors.problem = Sealed(retry_after_s=24 * 3600)
    presenter.unlock("gwen", typed("wrong"))
    assert screen.wait == "You can try again in 24 h 00 min."
    assert "nothing was deleted" in screen.trouble.safe


def test_a_damaged_header_offers_its_spare_for_the_same_user(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    doors.problem = VaultDamaged(reason="seal", has_spare=True)
    presenter.unlock("gwen", typed())
    assert screen.trouble.offers_spare
    doors.problem = None
    presenter.use_spare()
    assert doors.asked[-1] == ("spare", "gwen")
    assert (screen.trouble, screen.busy) == (None, "")
    assert not trouble(VaultDamaged(reason="seal")).offers_spare


def test_nothing_is_begun_twice(screen, doors, make):
    later = LanesLater()
    presenter = make.start(Standing(has_vault=True), lanes=later)
    presenter.unlock("gwen", typed())
    second = typed()
    presenter.unlock("gwen", second)
    presenter.go_back()
    presenter.connect()
    assert len(later.kept) == 1
    assert screen.place is Place.UNLOCK
    assert not any(second)


def test_another_person_can_connect_and_come_back(screen, make):
    presenter = make.start(Standing(has_vault=True))
    presenter.connect()
    presenter.take_service("visits.example.org", "A1")
    presenter.go_back()
    assert screen.place is Place.CONNECT
    presenter.go_back()
    assert screen.place is Place.UNLOCK


def test_a_keyring_in_the_way_is_explained(screen, doors, make):
    presenter = make.start(Standing(has_vault=True))
    doors.problem = KeyringIsLocked()
    presenter.unlock("gwen", typed())
    assert "keyring is locked" in screen.trouble.happened
    assert (screen.busy, make.opened) == ("", [])


@pytest.mark.parametrize(
    ("standing", "reason", "unsent"),
    [
        (Standing(True), "", ""),
        (Standing(True, unsent=1), "", "1 note on this laptop only: unlock to send."),
        (Standing(True, unsent=3, locked_by="idle"), "Locked because", "3 notes on this laptop only: unlock to send."),
        (Standing(True, locked_by="asked"), "", ""),
        (Standing(True, locked_by="something new"), "", ""),
    ],
)
def test_the_locked_screen_says_why_and_what_waits(standing, reason, unsent):
    assert reason_line(standing).startswith(reason)
    assert bool(reason_line(standing)) == bool(reason)
    assert unsent_line(standing) == unsent


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "0:01"), (59, "0:59"), (300, "5:00"), (900, "15:00"), (3599, "59:59"), (3600, "1 h 00 min"), (86399, "24 h 00 min")],
)
def test_waits_are_said_to_the_second_and_long_ones_to_the_minute(seconds, words):
    assert wait_line(seconds) == f"You can try again in {words}."


def test_a_weak_passphrase_is_no_alarm():
    assert trouble(PassphraseTooWeak(score=1)).tone == "attention"
