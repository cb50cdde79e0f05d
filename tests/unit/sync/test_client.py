"""The client's door: which addresses it speaks to, how long it waits, and the closed set of states."""

from typing import get_args

import pytest

from visitapp.sync import state
from visitapp.sync.client import wait_s
from visitapp.sync.problems import InsecureAddress, NotAnAddress
from visitapp.sync.wire import checked_address


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("https://visits.example.nhs.uk", "https://visits.example.nhs.uk"),
        ("https://visits.example.nhs.uk/", "https://visits.example.nhs.uk"),
        (" https://visits.example:8443/api ", "https://visits.example:8443/api"),
        ("http://127.0.0.1:8741", "http://127.0.0.1:8741"),
        ("http://localhost:8741", "http://localhost:8741"),
        ("http://[::1]:8741", "http://[::1]:8741"),
    ],
)
def test_address_that_is_safe_is_taken(typed: str, taken: str) -> None:
    assert checked_address(typed) == taken


@pytest.mark.parametrize(
    "typed",
    [
        "http://visits.example.nhs.uk", "http://192.168.1.4", "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://10.0.0.1:8741", "http://0.0.0.0",
    ],
)  # fmt: skip
def test_plain_http_goes_no_further_than_this_machine(typed: str) -> None:
    with pytest.raises(InsecureAddress):
        checked_address(typed)


@pytest.mark.parametrize("typed", ["", "visits", "ftp://x.example", "https://", "https://a:b@x.example", "https://x.example/?a=1"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAddress):
        checked_address(typed)


def test_waits_grow_from_seconds_to_a_quarter_of_an_hour_and_are_spread() -> None:
    assert wait_s(0, 0, lambda: 1.0) == 5.0
    assert wait_s(0, 0, lambda: 0.0) == 2.5
    assert [wait_s(retry, 0, lambda: 1.0) for retry in (1, 2, 5)] == [10.0, 20.0, 160.0]
    assert wait_s(500, 0, lambda: 1.0) == 900.0


def test_server_that_asks_for_more_patience_gets_it() -> None:
    assert wait_s(0, 120, lambda: 0.5) == 120.0


def test_states_are_a_closed_set_of_frozen_classes() -> None:
    listed = set(get_args(state.SyncState))
    found = {value for value in vars(state).values() if isinstance(value, type) and value.__module__ == state.__name__}
    assert listed == found
    assert all(kind.__dataclass_params__.frozen for kind in found)
