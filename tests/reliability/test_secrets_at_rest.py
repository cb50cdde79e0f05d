"""What lies on the disk after a vault's whole life, from its making to its wipe: no word, key, passphrase or half in any file (S4)."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.kit.leaks import encodings_of, files_below
from tests.unit.vault.places import CHEAP, MemorySecretStore
from visitapp.actions.session import Profile, begin_record
from visitapp.actions.wiping import order_wipe, settle_wipe
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import DeviceId, Ids, UserId
from visitapp.domain.review import UserRole
from visitapp.protocol.papers import WipeOrder, paper_text
from visitapp.store import backup, ballast
from visitapp.store.anchors import Anchor, aside_folder, log_of
from visitapp.store.problems import RecordDamaged
from visitapp.store.record import Record
from visitapp.vault.device import DeviceKey
from visitapp.vault.escrow import about
from visitapp.vault.problems import WrongPassphrase
from visitapp.vault.recovery import Recovery, answered, new_recovery_key
from visitapp.vault.sealing import new_pair
from visitapp.vault.vault import OpenVault, Vault
from visitapp.vault.wiping import finish

WORDS = {
    "name": "Ffion Quillfeather-Ó Súilleabháin",
    "NHS number": "9434765919",
    "address": "17 Larkspur Court",
    "key safe": "C1957Y then turn",
    "note": "she wept when the kettle boiled",
    "search": "kettle boiled",
    "first passphrase": "violin moss harbour saucepan",
    "second passphrase": "lantern quarry mitten oboe",
}
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
SERVICE = DeviceKey.generate()


class Life:
    """A vault and its record, and every secret that was ever in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemorySecretStore()
        self.path = folder / "record.db"
        self.org = new_recovery_key()
        self.device = DeviceKey.generate()
        self.secrets: dict[bytes, str] = {}
        for name, words in WORDS.items():
            self.secrets |= dict.fromkeys(encodings_of(words), name)
        self.knows("device key", self.device.private_bytes())

    def knows(self, name: str, key: bytes) -> None:
        self.secrets |= dict.fromkeys((key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)), name)

    def typed(self, which: str) -> bytearray:
        return bytearray(WORDS[f"{which} passphrase"].encode())

    def learn(self, vault: OpenVault) -> None:
        self.knows("master key", bytes(vault._master))
        self.knows("record key", vault.db_key())
        self.knows("device secret", vault._device.secret)

    def write(self, record: Record) -> None:
        with record.writing() as w:
            for name, words in WORDS.items():
                if "passphrase" not in name:
                    w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": f"{words} {words}"})
            w.audit("saved")

    def leaks(self) -> set[str]:
        found = set()
        for path in self.files():
            raw = path.read_bytes()
            found |= {f"{name} in {path.name}" for secret, name in self.secrets.items() if secret in raw}
        return found

    def files(self) -> Iterable[Path]:
        return files_below(self.folder.parent)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A life that is about to begin."""
    return Life(tmp_path / "vault")


def test_no_file_ever_holds_a_secret(life: Life) -> None:
    vault = Vault.create(life.folder, life.typed("first"), life.store, clock=CLOCK, kdf=CHEAP, user=WORDS["name"])
    life.learn(vault)
    vault.put_in_escrow(life.org.public, about("org", WORDS["name"], "d1"))
    record = Record.create(life.path, vault.db_key(), clock=CLOCK)
    begin_record(record, Profile(UserId("bea"), WORDS["name"], UserRole.NURSE), DeviceId("d1"), life.device, practice=False)
    ballast.lay(life.path)
    life.write(record)
    assert log_of(life.path).stat().st_size
    assert life.leaks() == set(), "while it is open, with a log"
    assert backup.keep_up(record) is not None
    CLOCK.move(timedelta(hours=1))
    life.write(record)
    anchor = record.anchor()
    vault.anchor(anchor.counter, anchor.head, anchor.pages, seen_at=CLOCK.now())
    key = vault.db_key()
    record.close()
    vault.close()
    assert life.leaks() == set(), "locked"
    with pytest.raises(WrongPassphrase):
        Vault.open(life.folder, life.typed("second"), life.store, clock=CLOCK)
    _damage_and_restore(life, key, anchor)
    recovered = _recover(life)
    assert life.leaks() == set(), "recovered"
    _wipe(life, recovered)
    assert life.leaks() == set(), "wiped"


def _damage_and_restore(life: Life, key: bytes, anchor: Anchor) -> None:
    raw = bytearray(life.path.read_bytes())
    raw[40_000:44_000] = bytes(4000)
    life.path.write_bytes(raw)
    mixed = Anchor(anchor.counter, anchor.head, "00" * 32)
    with pytest.raises(RecordDamaged):
        Record.open(life.path, key, clock=CLOCK, anchors=(mixed,))
    backup.restore(life.path, key, CLOCK)
    assert any(aside_folder(life.path).rglob("record.db"))
    assert life.leaks() == set(), "restored"


def _recover(life: Life) -> OpenVault:
    occasion = Recovery(life.folder)
    life.knows("key for the occasion", bytes(occasion._private))
    answer = answered(occasion.request.text(), occasion.request.check(), life.org.halves[:2])
    recovered = occasion.finish(answer, life.typed("second"), life.store, clock=CLOCK, kdf=CHEAP, user=WORDS["name"])
    life.learn(recovered)
    for half in life.org.halves:
        life.knows("half", half.encode())
    return recovered


def _wipe(life: Life, vault: OpenVault) -> None:
    record = Record.open(life.path, vault.db_key(), clock=CLOCK)
    record.carry_on(why="restored")
    with record.writing() as w:
        w.meta_set("service_key", base64.b64encode(SERVICE.public_bytes).decode())
    _, seals_to = new_pair()
    issued = int(CLOCK.now().timestamp() * 1000)
    order = WipeOrder("order-1", "d1", issued, base64.b64encode(seals_to).decode(), ("admin",))
    order_wipe(record, life.folder, vault.vault_id, paper_text(order, SERVICE.sign))
    settle_wipe(record, life.folder)
    record.close()
    vault.close()
    finish(life.folder, life.store)


def test_the_search_finds_what_is_there(life: Life) -> None:
    life.folder.mkdir()
    for number, secret in enumerate(life.secrets):
        (life.folder / str(number)).write_bytes(b"before" + secret + b"after")
    assert len(life.leaks()) >= len(life.secrets)
