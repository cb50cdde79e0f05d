"""A line with so many bytes a second that breaks every so many seconds; its seconds are counted in bytes, so nobody waits."""

from dataclasses import dataclass

import httpx2

from tests.kit.laptops import Line, lost


@dataclass
class ThrottledLine(Line):
    """A line that carries `rate` bytes a second, with `round_trip_s` for each request, and breaks each time `cut_s` seconds are over.

    It breaks at the very byte: a request that is cut on its way up never reaches the service, an answer cut on its way down is lost.
    """

    rate: float = 8_000.0
    round_trip_s: float = 0.1
    cut_s: float = 0.0
    now_s: float = 0.0
    carried: int = 0
    wasted: int = 0
    cuts: int = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request and its answer, as far as the line lasts."""
        up = len(request.read()) + sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
        self._carry(up, up)
        response = super().handle_request(request)
        down = len(response.read()) + sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
        self._carry(down, up + down)
        self.carried += up + down
        return httpx2.Response(response.status_code, headers=response.headers, stream=httpx2.ByteStream(response.content))

    def _carry(self, many: int, so_far: int) -> None:
        """Let the seconds pass that these bytes take; or those until the line breaks, and lose everything of this request."""
        until = (self.now_s // self.cut_s + 1) * self.cut_s if self.cut_s else float("inf")
        took_s = self.round_trip_s / 2 + many / self.rate
        if self.now_s + took_s < until:
            self.now_s += took_s
            return
        self.wasted += so_far - many + min(many, int((until - self.now_s) * self.rate))
        self.now_s = until
        self.cuts += 1
        lost()

    def monotonic(self) -> float:
        """Seconds on this line, for whoever measures how quick it is."""
        return self.now_s
