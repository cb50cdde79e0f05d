"""A record taken off a laptop by its service, end to end: order, last words, erasure, receipt, and the work that was sealed (S10)."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit.custody import KeptLaptop, administered, an_administrator, begin_family, kept, refused
from tests.kit.leaks import encodings_of, files_below
from tests.kit.service import ServiceKit, some_uuid
from visitapp.protocol.papers import WipeOrder, paper_text
from visitapp.server.admin import custody
from visitapp.server.admin.people import NotPossible, set_device_state
from visitapp.sync.problems import WipeOrdered
from visitapp.vault.problems import VaultMissing, WipeRefused, WrongPassphrase
from visitapp.vault.wiping import Step, finish, under_way

__all__ = ["kept"]
Make = Callable[..., KeptLaptop]
CANARY = "Quillfeather"


def order(service: ServiceKit, laptop: KeptLaptop) -> None:
    administered(service, custody.ask_wipe, laptop.device())


def families(service: ServiceKit) -> list[str]:
    return [bytes(row.body).decode() for row in service.sql("select body from rec where kind = 'family'")]


def is_gone(laptop: KeptLaptop) -> bool:
    assert not laptop.secrets.kept
    words = encodings_of(CANARY)
    return not any(word in path.read_bytes() for path in files_below(laptop.folder) for word in words)


def wiped(service: ServiceKit) -> dict[str, Any]:
    found: dict[str, Any] = administered(service, custody.wipes)[0]
    return found


def test_unsent_work_is_handed_in_first_although_the_device_is_to_be_wiped(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    assert laptop.sync().complete
    begin_family(laptop.here.record, CANARY)
    order(service, laptop)
    assert isinstance(laptop.sync().problem, WipeOrdered)
    assert under_way(laptop.vault_folder) is Step.ORDERED
    assert CANARY in families(service)[0]
    laptop.doors.settle_wipe(laptop.here)
    laptop.lock()
    done = laptop.new_doors().finish_wipes()
    assert (done.gone, done.waiting) == (1, 0)
    assert laptop.at.vault_folders() == ()
    assert is_gone(laptop)
    told = wiped(service)
    assert told["wiped_at"] is not None
    assert told["unsent"] == "none"
    assert isinstance(refused(laptop.unlock), VaultMissing)


def test_work_that_cannot_be_sent_is_sealed_and_handed_in_by_the_service_when_the_receipt_comes(
    service: ServiceKit, kept: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = kept()
    assert laptop.sync().complete
    order(service, laptop)
    assert isinstance(laptop.sync().problem, WipeOrdered)
    begin_family(laptop.here.record, CANARY)
    with monkeypatch.context() as offline:
        offline.setattr("visitapp.actions.connecting.service_client", lambda record, clock: None)
        laptop.doors.settle_wipe(laptop.here)
    laptop.lock()
    with monkeypatch.context() as offline:
        offline.setattr("visitapp.sync.enrolment.opened", _no_network)
        done = laptop.new_doors().finish_wipes()
    assert (done.gone, done.waiting) == (1, 1)
    assert is_gone(laptop)
    assert isinstance(refused(laptop.unlock), WrongPassphrase)
    done = laptop.new_doors().finish_wipes()
    assert (done.gone, done.waiting) == (1, 0)
    assert laptop.at.vault_folders() == ()
    assert CANARY in families(service)[0]
    assert (wiped(service)["unsent"], wiped(service)["count"]) == ("sealed", 1)


def _no_network(*_: Any, **__: Any) -> Any:
    from visitapp.sync.problems import ServiceUnreachable

    raise ServiceUnreachable


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(Step.SETTLED, marks=pytest.mark.hunt),
        Step.KEY_GONE,
        pytest.param(Step.HEADER_GONE, marks=pytest.mark.hunt),
        Step.DONE,
    ],
)
def test_cut_off_after_any_step_the_next_start_finishes(service: ServiceKit, kept: Make, last: Step) -> None:
    class Killed(BaseException):
        """The process ended here."""

    laptop = kept()
    begin_family(laptop.here.record, CANARY)
    assert laptop.sync().complete
    order(service, laptop)
    laptop.sync()
    laptop.doors.settle_wipe(laptop.here)
    laptop.lock()

    def reached(step: Step) -> None:
        if step is last:
            raise Killed

    if last is not Step.SETTLED:
        with pytest.raises(Killed):
            finish(laptop.vault_folder, laptop.secrets, reached=reached)
    assert under_way(laptop.vault_folder) is last
    assert laptop.new_doors().finish_wipes().waiting == 0
    assert is_gone(laptop)
    assert wiped(service)["wiped_at"] is not None


def test_an_order_met_before_a_crash_is_carried_out_at_the_next_unlock(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    order(service, laptop)
    laptop.sync()
    laptop.lock()
    assert laptop.new_doors().finish_wipes().gone == 0
    laptop.unlock()
    assert under_way(laptop.vault_folder) is Step.ORDERED
    laptop.doors.settle_wipe(laptop.here)
    laptop.lock()
    assert laptop.new_doors().finish_wipes().waiting == 0
    assert is_gone(laptop)


def test_a_laptop_that_is_to_be_wiped_gets_nothing_and_no_lease(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    family = begin_family(laptop.here.record, "Ours")
    assert laptop.sync().complete
    with laptop.here.record.reading() as r:
        lease = r.meta("lease")
    order(service, laptop)
    with laptop.here.record.writing() as w:
        w.put(f"f:{family}", "family", family, {"id": family, "name": "Ours", "state": "paused"})
    service.sql("update rec set rev = rev + 1 where kind = 'family' returning 1")
    laptop.sync()
    with laptop.here.record.reading() as r:
        assert r.meta("lease") == lease
        assert r.body(f"f:{family}", family) == {"id": family, "name": "Ours", "state": "paused"}


def test_forged_replayed_and_foreign_orders_are_refused_and_nothing_goes(service: ServiceKit, kept: Make) -> None:
    from visitapp.actions.guarding import Guard
    from visitapp.vault.device import DeviceKey

    laptop, other = kept(), kept()
    laptop.sync()
    other.sync()
    guard = Guard(laptop.here.record, laptop.here.vault)
    forged = WipeOrder(some_uuid(), laptop.device(), 10**13, base64.b64encode(b"k" * 32).decode(), ("x",))
    reasons = []
    for text in (paper_text(forged, DeviceKey.generate().sign), "nonsense.nonsense"):
        with pytest.raises(WipeRefused) as raised:
            guard.ordered(text)
        reasons.append(raised.value.reason)
    order(service, other)
    with pytest.raises(WipeRefused) as raised:
        guard.ordered(getattr(other.sync().problem, "order", ""))
    assert [*reasons, raised.value.reason] == ["forged", "forged", "another-device"]
    # Taken back by the service, then put forward again by somebody on the way.
    order(service, laptop)
    problem = laptop.sync().problem
    assert isinstance(problem, WipeOrdered)
    administered(service, set_device_state, laptop.device(), "active")
    (laptop.vault_folder / "wipe.json").unlink()
    assert laptop.sync().complete
    with pytest.raises(WipeRefused) as raised:
        guard.ordered(problem.order)
    assert raised.value.reason == "replayed"
    assert under_way(laptop.vault_folder) is None


def test_leaving_unsent_work_behind_needs_two_different_administrators(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    first, second = (an_administrator(service, service.team(), name) for name in ("Ida", "Ola"))
    with pytest.raises(NotPossible):
        administered(service, custody.ask_wipe_now, laptop.device(), laptop.user)
    assert not administered(service, custody.ask_wipe_now, laptop.device(), first)
    assert not administered(service, custody.ask_wipe_now, laptop.device(), first)
    assert not wiped(service)["now"]
    assert administered(service, custody.ask_wipe_now, laptop.device(), second)
    assert (wiped(service)["now"], wiped(service)["by_first"], wiped(service)["by_second"]) == (True, first, second)
    begin_family(laptop.here.record, CANARY)
    service.sql("update device set state = 'wipe' returning 1")
    problem = laptop.sync().problem
    assert isinstance(problem, WipeOrdered)
    laptop.doors.settle_wipe(laptop.here)
    laptop.lock()
    assert laptop.new_doors().finish_wipes().waiting == 0


def test_a_receipt_is_believed_once_and_only_from_the_device_that_was_ordered(
    service: ServiceKit, kept: Make, tmp_path: Path
) -> None:
    from visitapp.protocol import codec
    from visitapp.protocol import messages as m

    laptop, other = kept(), kept()
    order(service, laptop)
    laptop.sync()
    laptop.doors.settle_wipe(laptop.here)
    laptop.lock()
    receipt = finish(laptop.vault_folder, laptop.secrets)
    bad = receipt[:-4] + ("AAAA" if not receipt.endswith("AAAA") else "BBBB")
    said = [
        service.http.post("/v1/wiped", content=codec.encode_plain(m.WipedAsk(text))).status_code
        for text in (bad, "x", receipt, receipt)
    ]
    assert said == [401, 400, 200, 200]
    lines = [row["what"] for row in administered(service, custody.log)]
    assert lines.count("wiped") == 1
    assert other.sync().complete
