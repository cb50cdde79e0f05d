"""`visitapp forms pack`: builds, checks and signs a pack of questionnaires, and verifies one."""

import argparse
import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from visitapp.config.paths import default_data_folder
from visitapp.forms import wire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.packs import Pack, PackRefused, build_pack, check_pack, sign_pack
from visitapp.forms.sentences import sentence
from visitapp.vault.device import DeviceKey, verify

DONE, REFUSED, UNREADABLE = 0, 1, 2
MANIFEST = "pack.json"
KEY_FILE = "pack-key"
SUFFIX = ".pack"
_KEY_KIND = "ed25519:"
_KEY_MARK = "visitapp-pack-key-1"
_EXAMPLE = {
    "name": "Bath time", "version": "1.0.0", "source": "Written by our own team", "licence": "Our own words",
    "effective_from": "2026-12-01",
}  # fmt: skip


class KeyNotUsable(Exception):
    """The file that should hold the signing key cannot be read or holds something else."""


@dataclass(frozen=True)
class SigningKey:
    """The key that signs packs; it has a name that everybody may know."""

    name: str
    key: DeviceKey
    is_new: bool


def signing_key(file: Path) -> SigningKey:
    """Return the key in a file, made at the first use and readable by its owner only. Raises KeyNotUsable."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY), "rb") as held:
            return _named(_read_key(held.read(1000)), is_new=False)
    except FileNotFoundError:
        return _new_key(file)
    except OSError:
        raise KeyNotUsable from None


def _new_key(file: Path) -> SigningKey:
    key = DeviceKey.generate()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(f"{_KEY_MARK} {base64.b64encode(key.private_bytes()).decode()}\n".encode())
            made.flush()
            os.fsync(made.fileno())
    except OSError:
        raise KeyNotUsable from None
    return _named(key, is_new=True)


def _read_key(held: bytes) -> DeviceKey:
    mark, _, secret = held.decode("ascii", "replace").strip().partition(" ")
    try:
        if mark == _KEY_MARK:
            return DeviceKey.from_bytes(base64.b64decode(secret, validate=True))
    except (binascii.Error, ValueError):
        pass
    raise KeyNotUsable


def _named(key: DeviceKey, *, is_new: bool) -> SigningKey:
    return SigningKey(_KEY_KIND + key.public_bytes.hex(), key, is_new)


def is_signed_by(key: str, message: bytes, signature: bytes) -> bool:
    """Tell whether the holder of the key of that name signed a message; a name that is none is a no."""
    if not key.startswith(_KEY_KIND):
        return False
    try:
        public = bytes.fromhex(key.removeprefix(_KEY_KIND))
    except ValueError:
        return False
    return verify(public, signature, message)


def fingerprint(key: str) -> str:
    """Return the beginning of a key's name in groups of four, to be compared by eye or on the telephone."""
    digits = key.removeprefix(_KEY_KIND)[:24]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def pack_folder(folder: Path, given: Mapping[str, str], key: SigningKey | None) -> tuple[Pack, bytes]:
    """Build a pack of every questionnaire in a folder, and sign it where there is a key; returns it with its bytes.

    `given` stands in the place of what `pack.json` does not say. Raises PackRefused and OSError.
    """
    files = {file.name: file.read_bytes() for file in sorted(folder.glob("*.json")) if file.name != MANIFEST}
    pack = build_pack({**_manifest(folder), **given}, files)
    return (pack, pack.raw) if key is None else (pack, sign_pack(pack, key.name, key.key.sign))


def _manifest(folder: Path) -> Mapping[str, Any]:
    file = folder / MANIFEST
    if not file.exists():
        return {}
    try:
        found = wire.parse(file.read_bytes())
    except wire.NotReadable as problem:
        raise PackRefused([_fact("notReadable", reason=f"{MANIFEST}, {problem.reason}")]) from None
    return found if isinstance(found, Mapping) else {}


def _fact(rule: str, **detail: Any) -> Fact:
    return Fact(Severity.ERROR, rule, None, "", detail, structural=True)


def main(argv: Sequence[str]) -> int:
    """Run the command; returns the exit code: 0 done, 1 refused, 2 not readable."""
    asked = _parser().parse_args(list(argv))
    try:
        return _verify(asked.folder) if asked.folder.is_file() else _pack(asked)
    except KeyNotUsable:
        return _refuse([f"The signing key {asked.key} cannot be used: it is not readable, or it is no key of visitapp."])
    except OSError as problem:
        return _refuse([f"{asked.folder}: {problem.strerror or 'not readable'}"])
    except PackRefused as refused:
        unreadable = any(fact.rule in ("notReadable", "packFormat") and not fact.path for fact in refused.facts)
        return _refuse(_reasons(asked.folder, refused.facts), UNREADABLE if unreadable else REFUSED)


def _pack(asked: argparse.Namespace) -> int:
    folder: Path = asked.folder
    if not folder.is_dir():
        return _refuse([f"{folder}: there is no such folder"])
    given = {name: getattr(asked, name) for name in ("name", "version", "source", "licence", "effective_from", "effective_until")}
    given = {name: said for name, said in given.items() if said is not None}
    pack_folder(folder, given, None)
    key = signing_key(asked.key)
    pack, raw = pack_folder(folder, given, key)
    if not pack.questionnaires:
        return _refuse([f"{folder}: there is no questionnaire in it (files ending in .json)"])
    out: Path = asked.out or folder / f"{_file_name(pack.name)}-{_file_name(pack.version)}{SUFFIX}"
    out.write_bytes(raw)
    for fact in (fact for each in pack.questionnaires for fact in each.facts):
        _say(f"  {fact.severity.value}: {sentence(fact)}")
    _say(f"{out}: {len(pack.questionnaires)} questionnaires, signed")
    if key.is_new:
        _say(f"A new signing key was made in {asked.key}. Keep it safe: whoever has it can sign for your service.")
    _describe(pack, key.name)
    return DONE


def _verify(file: Path) -> int:
    pack = check_pack(file.read_bytes(), is_signed_by)
    _say(f"{file}: whole, and signed")
    _describe(pack, pack.key or "")
    return DONE


def _describe(pack: Pack, key: str) -> None:
    until = f" until {pack.effective_until.isoformat()}" if pack.effective_until else ""
    _say(f"  {pack.name} {pack.version}, in use from {pack.effective_from.isoformat()}{until}")
    _say(f"  source: {pack.source}; licence: {pack.licence}")
    for each in pack.questionnaires:
        _say(f"  {each.canonical}")
    _say(f"  checksum {pack.checksum}")
    _say(f"  signed by {key}")


def _reasons(folder: Path, facts: Iterable[Fact]) -> list[str]:
    said = [f"  {fact.severity.value}: {_place(fact)}{sentence(fact)}  [{fact.rule}]" for fact in facts]
    if any(fact.rule == "packManifest" for fact in facts):
        said.append(f"Say it in {folder / MANIFEST}, for example:\n{json.dumps(_EXAMPLE, indent=1)}")
    return [f"{folder}: refused", *said]


def _place(fact: Fact) -> str:
    file, colon, _ = fact.path.partition(": ")
    return f"{file}: " if colon else ""


def _file_name(words: str) -> str:
    return re.sub(r"[^\w.]+", "-", words.lower()).strip("-.") or "pack"


def _refuse(lines: Sequence[str], code: int = UNREADABLE) -> int:
    for line in lines:
        sys.stderr.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    return code


def _say(line: str) -> None:
    # A form may hold halves of characters, which no terminal takes.
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")


def _a_date(said: str) -> str:
    return date.fromisoformat(said).isoformat()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "visitapp forms pack",
        description=f"Build, check and sign a pack of the questionnaires in a folder; what it is stands in {MANIFEST} there."
        " Given a pack instead of a folder, verify it.",
    )
    parser.add_argument("folder", type=Path, help="a folder of questionnaires, or a pack to verify")
    parser.add_argument("--out", type=Path, help="where to write the pack; without it, into the folder")
    parser.add_argument("--key", type=Path, default=default_data_folder() / KEY_FILE, help="the signing key; made if there is none")
    for name in ("name", "version", "source", "licence"):
        parser.add_argument(f"--{name}", help=f"the pack's {name}, in the place of what {MANIFEST} says")
    parser.add_argument("--effective-from", type=_a_date, help="the first day on which the pack is in use")
    parser.add_argument("--effective-until", type=_a_date, help="the last day on which the pack is in use")
    return parser
