"""Accounts on a real database: set up by a one-use code, name and password and second factor together, limits, sessions."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.kit.office import GOOD, Clock, Person, an_account
from tests.kit.service import ServiceKit
from visitapp.server import accounts as module
from visitapp.server import sessions, totp
from visitapp.server.accounts import Accounts, CodeRefused, NotAccepted, SignInRefused, TooOften, give_account, give_setup_code
from visitapp.server.database import administering
from visitapp.server.passwords import Passwords


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(databases: object, clock: Clock) -> Iterator[tuple[ServiceKit, Accounts]]:
    kit = ServiceKit(databases, clock_ms=clock)  # type: ignore[arg-type]
    yield kit, Accounts(kit.app.state.service.engine, kit.settings, Passwords(memory_kib=1024, rounds=1))
    kit.close()


@pytest.fixture
def ada(accounts: tuple[ServiceKit, Accounts], clock: Clock) -> Person:
    kit, book = accounts
    return an_account(kit, clock, book=book)


def test_a_setup_code_is_spent_once_and_gives_eight_recovery_codes(accounts: tuple[ServiceKit, Accounts], clock: Clock) -> None:
    kit, book = accounts
    user = kit.user(kit.team(), "administrator", "Łucja Nowak")
    with administering(kit.owner) as connection:
        assert give_account(connection, user) == "lucja.nowak"
        code = give_setup_code(connection, user)
    enrolment = book.begin_setup(code.lower().replace("-", " "), "here")
    assert enrolment.address.startswith("otpauth://totp/visitapp:lucja.nowak?secret=" + enrolment.secret)
    assert enrolment.picture.startswith("data:image/svg+xml;base64,")
    digits = totp.code_now(enrolment.secret, clock() // 1000)
    with pytest.raises(NotAccepted, match="six digits"):
        book.finish_setup(code, GOOD, "000000" if digits != "000000" else "111111", "here")
    with pytest.raises(NotAccepted, match="own name"):
        book.finish_setup(code, "lucja.nowak12", digits, "here")
    codes = book.finish_setup(code, GOOD, digits, "here")
    assert len(set(codes)) == 8
    with pytest.raises(CodeRefused):
        book.begin_setup(code, "here")


def test_nothing_that_is_kept_can_be_used_as_it_lies(accounts: tuple[ServiceKit, Accounts], ada: Person) -> None:
    kit, _ = accounts
    kept = str(kit.sql("select * from credential")) + str(kit.sql("select * from recovery_code"))
    assert not any(secret in kept for secret in (GOOD, ada.secret, *ada.codes))
    assert "$argon2id$" in kept


def test_signing_in_needs_all_three_and_each_code_works_once(
    accounts: tuple[ServiceKit, Accounts], ada: Person, clock: Clock
) -> None:
    _, book = accounts
    right = (ada.login, GOOD, ada.digits())
    for place in range(3):
        wrong = [*right]
        wrong[place] = "nobody at all"
        with pytest.raises(SignInRefused):
            book.sign_in(wrong[0], wrong[1], wrong[2], f"place {place}")
    clock.ahead_s += 30
    right = (ada.login, GOOD, ada.digits())
    assert book.sign_in(*right, "here").user == ada.user
    with pytest.raises(SignInRefused):
        book.sign_in(*right, "here")
    assert book.sign_in(ada.login.upper(), GOOD, ada.codes[0].lower(), "here").user == ada.user
    with pytest.raises(SignInRefused):
        book.sign_in(ada.login, GOOD, ada.codes[0], "here")


@pytest.mark.parametrize("same", ["account", "place"])
def test_five_wrong_tries_make_the_sixth_wait_even_when_it_is_right(
    same: str, accounts: tuple[ServiceKit, Accounts], ada: Person
) -> None:
    _, book = accounts
    for n in range(5):
        login, place = (ada.login, f"place {n}") if same == "account" else (f"someone{n}", "here")
        with pytest.raises(SignInRefused):
            book.sign_in(login, "wrong", "000000", place)
    with pytest.raises(TooOften) as waited:
        book.sign_in(ada.login, GOOD, ada.digits(), "here" if same == "place" else "elsewhere")
    assert 0 < waited.value.wait_s <= 15 * 60 + 1


def test_a_new_setup_code_voids_what_was_there(accounts: tuple[ServiceKit, Accounts], ada: Person) -> None:
    kit, book = accounts
    with administering(kit.owner) as connection:
        give_setup_code(connection, ada.user)
    for second in (ada.digits(), ada.codes[3]):
        with pytest.raises(SignInRefused):
            book.sign_in(ada.login, GOOD, second, "here")


def test_a_nurse_has_no_account_here(accounts: tuple[ServiceKit, Accounts]) -> None:
    kit, _ = accounts
    nurse = kit.user(kit.team())
    with administering(kit.owner) as connection, pytest.raises(module.NotPossible, match="administrator"):
        give_account(connection, nurse)


def a_session(kit: ServiceKit, book: Accounts, ada: Person) -> str:
    holder = book.sign_in(ada.login, GOOD, ada.digits(), "here")
    with kit.app.state.service.engine.begin() as connection:
        return sessions.open_session(connection, holder, "password")


def is_alive(kit: ServiceKit, token: str) -> bool:
    with kit.app.state.service.engine.begin() as connection:
        return sessions.read_session(connection, token) is not None


ENDS = {
    "idle for a quarter of an hour": "update web_session set seen_at = now() - interval '15 minutes'",
    "begun twelve hours ago": "update web_session set made_at = now() - interval '12 hours'",
    "ended": "update web_session set ended_at = now()",
    "account closed": "update member set active = false where id = :user",
    "role changed": "update member set role = 'auditor' where id = :user",
    "sessions ended": "update account set ended_at = now() where user_id = :user",
}


@pytest.mark.parametrize("statement", ENDS.values(), ids=ENDS.keys())
def test_a_session_is_over_at_once_when(statement: str, accounts: tuple[ServiceKit, Accounts], ada: Person) -> None:
    kit, book = accounts
    token = a_session(kit, book, ada)
    assert is_alive(kit, token)
    kit.sql(statement + " returning 1", **({"user": ada.user} if ":user" in statement else {}))
    assert not is_alive(kit, token)


def test_the_walls_open_to_a_live_session_only(accounts: tuple[ServiceKit, Accounts], ada: Person) -> None:
    kit, book = accounts
    kit.user(kit.team("South"), name="Bea Elsewhere")
    token = a_session(kit, book, ada)
    count = text("select count(*) from member")
    with kit.app.state.service.engine.begin() as connection:
        connection.execute(text("select set_config('visitapp.user', :me, true)"), {"me": ada.user})
        assert connection.execute(count).scalar_one() == 1
    with kit.app.state.service.engine.begin() as connection:
        assert sessions.read_session(connection, token)
        assert connection.execute(count).scalar_one() == 2
        assert connection.execute(text("select count(*) from credential")).scalar_one() == 1
    kit.sql("update web_session set ended_at = now() returning 1")
    with kit.app.state.service.engine.begin() as connection:
        sessions.read_session(connection, token)
        assert connection.execute(count).scalar_one() == 0
