"""An enrolment whose answer is lost on its way is asked for again, with the same key; where nobody is there it is not."""

import httpx2
import pytest

from visitapp.protocol import codec
from visitapp.protocol.messages import EnrolAsk, Enrolled
from visitapp.sync.enrolment import enrol
from visitapp.sync.problems import ServiceUnreachable
from visitapp.vault.device import DeviceKey

TOLD = Enrolled("u", "Ann", "nurse", "", "t", "North", "d", "", "e", False, 0)


class Told(httpx2.SyncByteStream):
    """An answer as it comes off a line."""

    def __iter__(self):
        yield codec.encode_plain(TOLD)


class Line(httpx2.BaseTransport):
    """A line that breaks in a given way some times, then carries."""

    def __init__(self, breaks: Exception, times: int) -> None:
        self.breaks, self.times, self.asked = breaks, times, []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(codec.decode_plain(EnrolAsk, request.read()))
        if len(self.asked) <= self.times:
            raise self.breaks
        return httpx2.Response(200, stream=Told())


def spend(line):
    key = DeviceKey.generate()
    return enrol("http://127.0.0.1:1", "ABCD", key.public_bytes, key.sign, app="1", transport=line)


def test_a_lost_answer_is_asked_for_again_with_the_same_code_and_key():
    line = Line(httpx2.ReadError("gone"), 2)
    assert spend(line).device == "d"
    assert len({ask.public_key for ask in line.asked}) == 1
    assert len(line.asked) == 3


def test_it_gives_up_after_a_few_tries():
    line = Line(httpx2.ReadTimeout("gone"), 9)
    with pytest.raises(ServiceUnreachable):
        spend(line)
    assert len(line.asked) == 3


def test_nobody_there_is_told_at_once():
    line = Line(httpx2.ConnectError("nobody"), 9)
    with pytest.raises(ServiceUnreachable):
        spend(line)
    assert len(line.asked) == 1
