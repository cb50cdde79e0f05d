"""Random histories of several laptops and the real service on a line that fails: nothing is lost, nothing shown to strangers."""

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import Phase

from tests.kit.histories import Histories, run
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit

HISTORIES = int(os.environ.get("VISITAPP_HISTORIES", "100"))
LONG = int(os.environ.get("VISITAPP_LONG_HISTORIES", "50000"))
SHARDS = 4
LONG_SHARDS = 20


@pytest.fixture
def histories(service: ServiceKit) -> Any:  # noqa: F811
    """The machine, on a service that is kept warm."""
    machine = type("Histories", (Histories,), {"service": service, "told": Counter()})
    with service.http:
        yield machine


def _run(machine: Any, start: int, many: int, *phases: Phase) -> None:
    run(machine, start, many, *phases)
    told = machine.told
    print(f"\n{told['histories']} histories from {start}, of {told['steps'] / told['histories']:.0f} steps in the mean")
    assert told["histories"] >= many


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("start", range(SHARDS))
def test_random_histories_lose_nothing_double_nothing_and_show_nothing_to_strangers(histories: Any, start: int) -> None:
    histories.server_is_put_back = start == SHARDS - 1
    _run(histories, start, HISTORIES // SHARDS)


@pytest.mark.hunt
@pytest.mark.timeout(0)
@pytest.mark.parametrize("start", range(100, 100 + LONG_SHARDS))
def test_fifty_thousand_random_histories(histories: Any, start: int) -> None:
    histories.server_is_put_back = start % 4 == 3
    _run(histories, start, LONG // LONG_SHARDS, Phase.shrink)
