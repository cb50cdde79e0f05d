"""What people typed, and the rule that it must still be somewhere."""

from dataclasses import dataclass
from pathlib import Path

from tests.kit.fleet import KEY, Fleet, ops_of, rows_of
from tests.kit.laptops import SyncedLaptop, everything_written


@dataclass(frozen=True)
class Word:
    """Something that was typed into a record on a laptop; the text is unlike any other."""

    laptop: int
    record: str
    text: str


class Typed:
    """What was typed and must still be somewhere. Only the person herself may type over what she has not sent yet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.volatile: dict[tuple[int, str], Word] = {}
        self.firm: list[Word] = []
        self._history_was_lost = False

    def note(self, laptop: SyncedLaptop, record: str, words: str) -> None:
        """She types this over what she sees; to be told before it is put down."""
        self.after_sync(laptop)
        place = self._place(laptop)
        if self._history_was_lost:
            # The version she writes over was the server's to keep, and an older copy is in its place.
            kept = self._on_server()
            self.firm = [word for word in self.firm if word.record != record or word.text.encode() in kept]
        self.volatile[place, record] = Word(place, record, words)

    def after_sync(self, laptop: SyncedLaptop) -> None:
        """What has left, or may have left, can no longer be typed over."""
        place = self._place(laptop)
        mine = {key: word for key, word in self.volatile.items() if key[0] == place}
        if not mine:
            return
        open_ones = ops_of(laptop, "o.state IN ('waiting', 'conflict', 'gone', 'frozen', 'denied')")
        for key, word in mine.items():
            if not any(row.id == word.record and word.text.encode() in bytes(row.body) for row in open_ones):
                self.firm.append(self.volatile.pop(key))

    def forget_what_only_lay_on(self, laptop: SyncedLaptop, copy: Path | None = None) -> None:
        """A disk has died: what was nowhere else is gone, and nobody can be blamed. `copy` is what is put in its place."""
        elsewhere = self._everywhere(without=laptop)
        if copy is not None:
            elsewhere += _texts_in(copy)
        place = self._place(laptop)
        self.volatile = {key: word for key, word in self.volatile.items() if key[0] != place or word.text.encode() in elsewhere}
        self.firm = [word for word in self.firm if word.text.encode() in elsewhere]

    def forget_history(self) -> None:
        """The server's disk has died and an older copy is in its place: of each record only its newest text is left for sure."""
        self._history_was_lost = True
        gone = set(self.lost())
        self.volatile = {key: word for key, word in self.volatile.items() if word not in gone}
        self.firm = [word for word in self.firm if word not in gone and self._is_newest(word)]

    def _is_newest(self, word: Word) -> bool:
        held, is_written_over = [], False
        for laptop in self._fleet.laptops:
            on_its_way = ops_of(laptop, f"o.id = '{word.record}'")
            if any(word.text.encode() in bytes(row.body) for row in on_its_way):
                return True
            is_written_over = is_written_over or bool(on_its_way)
            held += [(row.rev, bytes(row.body)) for row in rows_of(laptop, "rec", "rev, body", f"id = '{word.record}'")]
        return bool(held) and not is_written_over and word.text.encode() in max(held)[1]

    def lost(self) -> list[Word]:
        """What is nowhere: in no record, overlay, outbox or conflict copy on any laptop, and nowhere on the server."""
        everywhere = self._everywhere()
        return [word for word in (*self.firm, *self.volatile.values()) if word.text.encode() not in everywhere]

    def _place(self, laptop: SyncedLaptop) -> int:
        return next(number for number, one in enumerate(self._fleet.laptops) if one is laptop)

    def _on_server(self) -> bytes:
        found: list[bytes] = []
        for column, table in (("body", "rec"), ("body", "hist"), ("raw", "held")):
            query = f"select {column} from {table} where scope in (select id from scope where team = :team)"
            found += [bytes(row[0]) for row in self._fleet.service.sql(query, team=self._fleet.team)]
        return b"\n".join(found)

    def _everywhere(self, without: SyncedLaptop | None = None) -> bytes:
        found = [body for laptop in self._fleet.laptops if laptop is not without for body in laptop.ask(everything_written)]
        found.append(self._on_server())
        return b"\n".join(found)


def _texts_in(copy: Path) -> bytes:
    from visitapp.store.connection import connect

    raw = connect(copy, KEY)
    try:
        rows = [
            row[0]
            for table in ("rec", "edit", "outbox", "kept")
            for row in raw.execute(f"SELECT body FROM {table} WHERE body IS NOT NULL")
        ]
    finally:
        raw.close()
    return b"\n".join(bytes(body) for body in rows)
