"""The offline lease: what may be done when, whatever the clock says, and which papers are believed (S8)."""

import base64
import json
import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from visitapp.protocol.papers import Lease, WipeOrder, paper_text, read_paper
from visitapp.protocol.problems import Malformed
from visitapp.vault.device import DeviceKey, verify
from visitapp.vault.lease import GRACE, Leave, checked_lease, judged, replaces
from visitapp.vault.problems import LeaseRefused

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAYS = 14


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _day(number: float) -> datetime:
    return START + timedelta(days=number)


LEASE = Lease("user-1", "device-1", ("nurse",), 3, _ms(START), _ms(_day(DAYS)))
FREE, WARN, WRITE, SEALED = Leave.FREE, Leave.WARN, Leave.WRITE_ONLY, Leave.SEALED

CASES = [
    # what, judged at (the laptop's clock), highest time seen, newest policy and when it was named, verdict, set back
    ("just given", _day(0), None, (3, None), FREE, False),
    ("the tenth day is about to begin", _day(10) - timedelta(seconds=1), None, (3, None), FREE, False),
    ("the tenth day", _day(10), None, (3, None), WARN, False),
    ("a second before its end", _day(14) - timedelta(seconds=1), None, (3, None), WARN, False),
    ("its end", _day(14), None, (3, None), WRITE, False),
    ("the last second of grace", _day(21) - timedelta(seconds=1), None, (3, None), WRITE, False),
    ("the end of grace", _day(21), None, (3, None), SEALED, False),
    ("five years later", _day(5 * 365), None, (3, None), SEALED, False),
    ("clock set back after the end", _day(1), _day(15), (3, None), WRITE, True),
    ("clock set back after the grace", _day(1), _day(30), (3, None), SEALED, True),
    ("clock set back before the lease was given", _day(-400), None, (3, None), FREE, True),
    ("clock a few minutes behind", _day(5) - timedelta(minutes=4), _day(5), (3, None), FREE, False),
    ("clock ahead, seen by nobody", _day(12), _day(1), (3, None), WARN, False),
    ("policy changed today, role removed", _day(5), None, (4, _day(5)), WRITE, False),
    ("policy changed a week ago, clock set back", _day(0), _day(13), (4, _day(5)), SEALED, True),
    ("policy changed before this lease", _day(5), None, (2, _day(-3)), FREE, False),
]


@pytest.mark.parametrize(("what", "now", "seen", "policy", "leave", "set_back"), CASES, ids=[case[0] for case in CASES])
def test_what_a_lease_allows(what, now, seen, policy, leave, set_back):
    standing = judged(LEASE, now, seen=seen, epoch=policy[0], epoch_at=policy[1])
    assert (standing.leave, standing.set_back) == (leave, set_back)
    assert standing.may_read_caseload == (leave in (FREE, WARN))
    assert standing.may_write == (leave is not SEALED)
    if leave is not SEALED:
        assert standing.until is not None
        assert standing.until > standing.at


def test_there_are_sixteen_cases():
    assert len(CASES) == 16


def test_a_record_that_never_had_a_lease_is_free():
    assert judged(None, START).leave is FREE


def test_no_walk_of_the_clock_gains_time():
    chance = random.Random(8)
    order = [FREE, WARN, WRITE, SEALED]
    for _ in range(1000):
        seen, worst = START, 0
        for _ in range(12):
            clock = _day(chance.uniform(-500, 40))
            standing = judged(LEASE, clock, seen=seen, epoch=3)
            seen = standing.at
            assert order.index(standing.leave) >= worst
            worst = order.index(standing.leave)
            true_worst = judged(LEASE, seen).leave
            assert standing.leave is true_worst


@pytest.fixture(scope="module")
def service():
    return DeviceKey.generate()


def _check(text, service, user="user-1", device="device-1"):
    return checked_lease(text, service.public_bytes, user=user, device=device)


def test_a_signed_lease_is_taken(service):
    assert _check(paper_text(LEASE, service.sign), service) == LEASE


@pytest.mark.parametrize("reason", ["forged", "somebody-elses"])
def test_leases_of_others_are_refused(service, reason):
    texts = {
        "forged": [
            paper_text(LEASE, DeviceKey.generate().sign),
            paper_text(replace(LEASE, expires_ms=LEASE.issued_ms), service.sign),
            paper_text(WipeOrder("id", "device-1", 1, "", ("a",)), service.sign),
            "",
            "a.b.c",
            "x" * 100_000,
        ],
        "somebody-elses": [
            paper_text(replace(LEASE, user="user-2"), service.sign),
            paper_text(replace(LEASE, device="device-2"), service.sign),
        ],
    }
    for text in texts[reason]:
        with pytest.raises(LeaseRefused) as refused:
            _check(text, service)
        assert refused.value.reason == reason


def test_no_changed_letter_of_a_lease_passes(service):
    text = paper_text(LEASE, service.sign)
    for place in range(len(text)):
        for letter in "Ab0-.":
            changed = text[:place] + letter + text[place + 1 :]
            if changed == text:
                continue
            try:
                found = _check(changed, service)
            except LeaseRefused:
                continue
            assert found == LEASE, "only bits that base64 does not use may differ"
    content, signature = text.split(".")
    for changed in (text + "A", content, f"{signature}.{content}", text.replace(".", "..")):
        with pytest.raises(LeaseRefused):
            _check(changed, service)


def test_papers_with_other_fields_or_types_are_malformed(service):
    def paper(**changes):
        content = json.dumps({**asdict(LEASE), **changes}, sort_keys=True, separators=(",", ":")).encode()
        signature = service.sign(b"visitapp-paper-1\nlease\n" + content)
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (content, signature))

    def read(text):
        return read_paper("lease", text, lambda signature, message: verify(service.public_bytes, signature, message))

    assert read(paper()) == LEASE
    for changes in (
        {"epoch": "3"},
        {"epoch": True},
        {"epoch": -1},
        {"roles": "nurse"},
        {"roles": [1]},
        {"more": 1},
        {"expires_ms": 1e3},
    ):
        with pytest.raises(Malformed):
            read(paper(**changes))


def test_an_older_lease_put_forward_again_gains_nothing():
    newer = replace(LEASE, issued_ms=LEASE.issued_ms + 1)
    assert replaces(newer, LEASE)
    assert replaces(LEASE, None)
    assert not replaces(LEASE, newer)
    assert not replaces(LEASE, LEASE)
    assert not replaces(replace(newer, epoch=2), LEASE)
    assert timedelta(days=7) == GRACE
