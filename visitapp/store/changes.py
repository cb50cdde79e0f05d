"""What a transaction changed, announced after its commit to whoever listens."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Changes:
    """What one transaction touched; ids only. `sync` says that outbox, cursors or the sync log changed."""

    kinds: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    sync: bool = False

    def __bool__(self) -> bool:
        return self.sync or bool(self.kinds)

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            self.kinds | other.kinds,
            self.families | other.families,
            self.visits | other.visits,
            self.drafts | other.drafts,
            self.sync or other.sync,
        )


Listener = Callable[[Changes], None]


class ChangeFeed:
    """Those who want to hear of changes; each is called on the thread that wrote."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every commit; returns the function that ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known is not listener)

        return unsubscribe

    def publish(self, changes: Changes) -> None:
        """Tell every listener; one that fails keeps nobody else from hearing, for the change is already durable."""
        if not changes:
            return
        for listener in self._listeners:
            try:
                listener(changes)
            except Exception as error:  # noqa: BLE001
                _log.error("a listener to changes failed: %s", type(error).__name__)
