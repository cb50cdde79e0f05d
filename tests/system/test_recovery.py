"""A passphrase or keyring that is lost: escrow at the real service, two administrators, no network, nothing unsent lost (S7)."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.kit.custody import WORDS, KeptLaptop, administered, an_administrator, begin_family, kept, refused
from tests.kit.service import ServiceKit
from visitapp.__main__ import main
from visitapp.actions.caseload import caseload
from visitapp.server.admin import custody
from visitapp.server.admin.people import NotPossible
from visitapp.vault.problems import (
    DeviceSecretMissing,
    HalvesDoNotFit,
    NeedsRecovery,
    NoEscrow,
    RecoveryAnswerWrong,
    RecoveryCheckDiffers,
    WrongPassphrase,
)
from visitapp.vault.recovery import RecoveryKey, answered, new_recovery_key

__all__ = ["kept"]
Make = Callable[..., KeptLaptop]
NEW = b"lantern otter cabbage seven"


class Organisation:
    """A recovery key in halves, and the administrators who hold them."""

    def __init__(self, service: ServiceKit, team: str) -> None:
        self.service = service
        self.key: RecoveryKey = new_recovery_key(needed=2, of=3)
        administered(service, custody.set_recovery_key, self.key.public.hex())
        self.people = [an_administrator(service, team, name) for name in ("Ida Grant", "Ola Reyes")]

    def answer(self, text: str, check: str) -> str:
        return answered(text, check, (self.key.halves[0], self.key.halves[2]))

    def note(self, user: str, request: str = "") -> list[dict[str, object]]:
        found: list[dict[str, object]] = administered(self.service, custody.note_recovery, user, *self.people, request)
        return found

    def log(self) -> list[str]:
        return [str(line["what"]) for line in administered(self.service, custody.log)]


@pytest.fixture
def organisation(service: ServiceKit) -> Organisation:
    return Organisation(service, service.team("Office"))


@pytest.fixture
def laptop(organisation: Organisation, kept: Make) -> KeptLaptop:
    """In escrow, with a family that was never sent."""
    laptop = kept()
    assert laptop.sync().complete
    begin_family(laptop.here.record, "Unsent")
    laptop.lock()
    return laptop


def recovered(laptop: KeptLaptop, organisation: Organisation, words: bytes = NEW) -> None:
    occasion = laptop.new_doors().begin_recovery("bea")
    answer = organisation.answer(occasion.request.text(), occasion.request.check())
    laptop.opened = laptop.new_doors().finish_recovery(occasion, answer, "bea", bytearray(words))


def names(laptop: KeptLaptop) -> list[str]:
    return [row.name for row in caseload(laptop.here.desk)]


def audited(laptop: KeptLaptop, what: str) -> int:
    with laptop.here.record.reading() as r:
        from visitapp.store.sql import text

        return sum(what in str(row) for row in r.all(text("SELECT * FROM audit")))


def test_the_first_exchange_puts_the_key_into_escrow_and_says_so_at_both_ends(
    organisation: Organisation, laptop: KeptLaptop
) -> None:
    kept_there = administered(organisation.service, custody.escrows, laptop.user)
    assert [(row["epoch"], row["current"]) for row in kept_there] == [(1, True)]
    assert organisation.log().count("escrow-made") == 1
    laptop.unlock()
    assert audited(laptop, "escrow_kept") == 1
    assert laptop.sync().complete
    assert organisation.log().count("escrow-made") == 1


def test_a_lost_passphrase_ends_with_a_new_one_and_nothing_unsent_is_lost(organisation: Organisation, laptop: KeptLaptop) -> None:
    recovered(laptop, organisation)
    assert names(laptop) == ["Unsent"]
    assert audited(laptop, "recovered") == 1
    laptop.lock()
    assert isinstance(refused(lambda: laptop.unlock(WORDS)), WrongPassphrase)
    laptop.unlock(NEW)
    assert laptop.sync().complete
    # What was in escrow before is over at the service too.
    assert [row["epoch"] for row in administered(organisation.service, custody.escrows, laptop.user)] == [2]
    assert organisation.log().count("escrow-renewed") == 1


def test_a_keyring_that_was_reset_is_told_from_a_wrong_passphrase_and_recovered(
    organisation: Organisation, laptop: KeptLaptop
) -> None:
    laptop.secrets.kept.clear()
    assert isinstance(refused(laptop.unlock), DeviceSecretMissing)
    recovered(laptop, organisation)
    assert names(laptop) == ["Unsent"]
    laptop.lock()
    assert [row.name for row in caseload(laptop.unlock(NEW).desk)] == ["Unsent"]


def test_the_tenth_wrong_passphrase_seals_and_only_recovery_opens(organisation: Organisation, laptop: KeptLaptop) -> None:
    for tried in range(10):
        laptop.clock.off_by += timedelta(minutes=20)
        problem = refused(lambda: laptop.unlock(b"not these words at all"))
        assert isinstance(problem, NeedsRecovery if tried == 9 else WrongPassphrase)
    laptop.clock.off_by += timedelta(days=2)
    assert isinstance(refused(lambda: laptop.unlock(WORDS)), NeedsRecovery)
    recovered(laptop, organisation)
    assert names(laptop) == ["Unsent"]


@pytest.mark.hunt
def test_sealed_and_with_a_reset_keyring_it_is_recovered_too(organisation: Organisation, laptop: KeptLaptop) -> None:
    for _ in range(10):
        laptop.clock.off_by += timedelta(minutes=20)
        refused(lambda: laptop.unlock(b"not these words at all"))
    laptop.secrets.kept.clear()
    recovered(laptop, organisation)
    assert names(laptop) == ["Unsent"]


def test_one_administrator_alone_opens_nothing(organisation: Organisation, laptop: KeptLaptop) -> None:
    request = laptop.new_doors().begin_recovery("bea").request
    half = organisation.key.halves[1]
    for halves in ((half,), (half, half), ()):
        assert isinstance(refused(lambda halves=halves: answered(request.text(), request.check(), halves)), HalvesDoNotFit)


def test_eight_digits_that_differ_stop_it(organisation: Organisation, laptop: KeptLaptop) -> None:
    mine, other = (laptop.new_doors().begin_recovery("bea").request for _ in range(2))
    assert isinstance(refused(lambda: organisation.answer(mine.text(), other.check())), RecoveryCheckDiffers)


def test_an_answer_fits_the_page_that_asked_and_once(organisation: Organisation, laptop: KeptLaptop) -> None:
    doors = laptop.new_doors()
    first, second = doors.begin_recovery("bea"), doors.begin_recovery("bea")
    answer = organisation.answer(first.request.text(), first.request.check())
    assert isinstance(refused(lambda: doors.finish_recovery(second, answer, "bea", bytearray(NEW))), RecoveryAnswerWrong)
    laptop.opened = doors.finish_recovery(first, answer, "bea", bytearray(NEW))
    laptop.lock()
    assert isinstance(
        refused(lambda: doors.finish_recovery(first, answer, "bea", bytearray(b"another four words here"))), RecoveryAnswerWrong
    )
    laptop.unlock(NEW)


def test_without_a_recovery_key_at_the_service_there_is_no_escrow_to_open(kept: Make) -> None:
    laptop = kept()
    laptop.sync()
    laptop.lock()
    assert isinstance(refused(lambda: laptop.new_doors().begin_recovery("bea")), NoEscrow)
    assert isinstance(refused(lambda: laptop.new_doors().begin_recovery("nobody")), WrongPassphrase)


def test_a_new_recovery_key_has_every_laptop_sealed_to_it(organisation: Organisation, laptop: KeptLaptop) -> None:
    later = new_recovery_key(needed=2, of=2)
    administered(organisation.service, custody.set_recovery_key, later.public.hex())
    laptop.unlock()
    with laptop.here.record.writing() as w:
        w.meta_set("lease", "")
    assert laptop.sync().complete
    laptop.lock()
    assert [(row["epoch"], row["current"]) for row in administered(organisation.service, custody.escrows, laptop.user)] == [
        (2, True)
    ]
    request = laptop.new_doors().begin_recovery("bea").request
    assert isinstance(refused(lambda: organisation.answer(request.text(), request.check())), HalvesDoNotFit)
    assert answered(request.text(), request.check(), later.halves).startswith("VA1.")


def test_the_service_knows_the_request_and_writes_down_who_asked(
    organisation: Organisation, laptop: KeptLaptop, kept: Make
) -> None:
    request = laptop.new_doors().begin_recovery("bea").request
    assert [row["vault"] for row in organisation.note(laptop.user, request.text())] == [request.vault_id]
    assert organisation.log()[0] == "recovery-opened"
    other = kept()
    other.sync()
    for user, text in ((other.user, request.text()), (laptop.user, "VR1.nonsense")):
        with pytest.raises(NotPossible):
            organisation.note(user, text)
    # After the recovery has been sent, what the old request shows is no longer what is kept.
    recovered(laptop, organisation)
    laptop.sync()
    with pytest.raises(NotPossible):
        organisation.note(laptop.user, request.text())


def test_two_different_administrators_neither_of_them_herself(organisation: Organisation, laptop: KeptLaptop) -> None:
    first, second = organisation.people
    for by in ((first, first), (first, laptop.user), (laptop.user, second)):
        with pytest.raises(NotPossible):
            administered(organisation.service, custody.note_recovery, laptop.user, *by)
    with pytest.raises(NotPossible):
        administered(organisation.service, custody.note_recovery, first, first, second)


def test_the_offline_door_answers_in_groups_that_can_be_typed(
    organisation: Organisation, laptop: KeptLaptop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    occasion = laptop.new_doors().begin_recovery("bea")
    lines = (occasion.request.text(), occasion.request.check(), *organisation.key.halves[:2], "")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    assert main(["recovery", "open"]) == 0
    answer = capsys.readouterr().out.splitlines()[-1]
    assert all(len(group) <= 6 for group in answer[answer.index("VA1") :].split())
    laptop.opened = laptop.new_doors().finish_recovery(occasion, answer[answer.index("VA1") :], "bea", bytearray(NEW))
    assert names(laptop) == ["Unsent"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join((lines[0], "0000 0000", "", "")) + "\n"))
    assert main(["recovery", "open"]) == 1
    assert "eight digits" in capsys.readouterr().err


def test_two_nurses_on_one_laptop_are_recovered_each_for_herself(organisation: Organisation, laptop: KeptLaptop) -> None:
    other = laptop.service.user(laptop.service.team("South"), name="Cai Other")
    doors = laptop.new_doors()
    second = doors.connect(laptop.address, laptop.service.code(other), "cai", bytearray(b"window orchard pebble sixty"))
    second.close()
    assert len(laptop.at.vault_folders()) == 2
    recovered(laptop, organisation)
    assert names(laptop) == ["Unsent"]
    opened = laptop.new_doors().unlock("cai", bytearray(b"window orchard pebble sixty"))
    assert opened.desk.user.user == other
    opened.close()


def test_an_answer_with_a_passphrase_refused_leaves_everything_as_it_was(organisation: Organisation, laptop: KeptLaptop) -> None:
    occasion = laptop.new_doors().begin_recovery("bea")
    answer = organisation.answer(occasion.request.text(), occasion.request.check())
    wrong = answer[:-4] + ("AAAA" if not answer.endswith("AAAA") else "BBBB")
    assert isinstance(
        refused(lambda: laptop.new_doors().finish_recovery(occasion, wrong, "bea", bytearray(NEW))), RecoveryAnswerWrong
    )
    laptop.unlock(WORDS)
    assert names(laptop) == ["Unsent"]
