"""What the user or the administrator chose for this installation; nothing about any person."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from visitapp.config.problems import SettingsDamaged

LARGEST_BYTES = 256 * 1024
IDLE_MINUTES = range(1, 11)
THEMES = ("light", "dark")
TEXT_SIZES = ("normal", "large", "largest")
LANGUAGES = ("en", "cy")
KEY_PLACES = ("keyring", "file")


@dataclass(frozen=True)
class Settings:
    """The settings of an installation; `others` are keys of a newer version, kept as they were."""

    theme: str = "light"
    text_size: str = "normal"
    language: str = "en"
    idle_minutes: int = 5
    server: str = ""
    """Address of the central server, for the diagnosis; empty before this laptop is connected."""
    key_place: str = "keyring"
    """Where device secrets lie; "file" only where the administrator's policy allows reduced protection."""
    others: Mapping[str, Any] = field(default_factory=dict, compare=False)


def _one_of(*allowed: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in allowed


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "theme": _one_of(*THEMES),
    "text_size": _one_of(*TEXT_SIZES),
    "language": _one_of(*LANGUAGES),
    "idle_minutes": lambda value: type(value) is int and value in IDLE_MINUTES,
    "server": lambda value: isinstance(value, str) and len(value) <= 2048,
    "key_place": _one_of(*KEY_PLACES),
}


def load_settings(path: Path, *, only_look: bool = False) -> tuple[Settings, SettingsDamaged | None]:
    """Read the settings; what cannot be read has its default and is told in the second value.

    A damaged file is moved aside, so that the next save does not write over what might be mended; `only_look` leaves
    it where it is, for a diagnosis.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return Settings(), None
    except OSError:
        return Settings(), SettingsDamaged()
    found = _object(raw)
    if found is None:
        return Settings(), SettingsDamaged(is_kept=only_look or _put_aside(path))
    wrong = tuple(key for key, is_good in _CHECKS.items() if key in found and not is_good(found[key]))
    good = {key: found[key] for key in _CHECKS if key in found and key not in wrong}
    others = {key: value for key, value in found.items() if key not in _CHECKS}
    return Settings(**good, others=others), SettingsDamaged(keys=wrong) if wrong else None


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings so that a power cut leaves the old or the new file whole."""
    shape = {**settings.others, **{key: value for key, value in asdict(settings).items() if key != "others"}}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(json.dumps(shape, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _object(raw: bytes) -> dict[str, Any] | None:
    if len(raw) > LARGEST_BYTES:
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _put_aside(path: Path) -> bool:
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        if not aside.exists():
            try:
                path.rename(aside)
            except OSError:
                return False
            return True
    return False
