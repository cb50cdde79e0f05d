"""One request on its way while the thread that made it gets on with something else."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """A request sent from a thread of its own; whoever made it comes for the answer, and makes no other one before that."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._answer: list[T] = []
        self._problem: BaseException | None = None
        # A daemon: a line that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="sync-request", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer.append(self._ask())
        except BaseException as problem:  # noqa: BLE001 - whatever it is, it belongs to the one who asked
            self._problem = problem

    def answer(self) -> T:
        """Wait for the answer. Raises what the request raised."""
        self.land()
        if self._problem is not None:
            raise self._problem
        return self._answer[0]

    def land(self) -> None:
        """Wait until it is over, however it ends: the connection is free again after that."""
        self._thread.join()
