"""The clusters that lie away from their data folder, because PostgreSQL's user may not enter it: listed, and deleted by name.

Nothing deletes one by itself: a data folder that is not there may lie on a disk that is not mounted.
"""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from visitapp.server.admin.people import NotFound, NotPossible
from visitapp.server.embedded import ELSEWHERE, HOME

State = Literal["in use", "kept", "left over", "unknown"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster: its name, the data folder it was made for, and whether that folder still leads to it."""

    name: str
    home: Path | None
    state: State


def clusters() -> list[Cluster]:
    """Every cluster of this machine that lies away from its data folder, by name."""
    if not ELSEWHERE.is_dir():
        return []
    return [_found(place) for place in sorted(ELSEWHERE.iterdir()) if place.is_dir() and not place.suffix]


def delete(names: Sequence[str]) -> str:
    """Delete clusters that no data folder leads to and that do not run; all or none. Raises NotFound, NotPossible."""
    found = {cluster.name: cluster for cluster in clusters()}
    for name in names:
        if name not in found:
            raise NotFound(f"there is no cluster {name}")
        if found[name].state in ("in use", "kept"):
            raise NotPossible(f"cluster {name} belongs to {found[name].home or 'a server that runs'}")
    for name in names:
        shutil.rmtree(ELSEWHERE / name)
        (ELSEWHERE / (name + HOME)).unlink(missing_ok=True)
    return f"deleted: {len(names)}"


def listed() -> str:
    """The clusters as lines with tabs between."""
    rows = [("name", "state", "MiB", "data folder")]
    rows += [(one.name, one.state, _mib(ELSEWHERE / one.name), str(one.home or "not recorded")) for one in clusters()]
    return "\n".join("\t".join(row) for row in rows)


def _found(place: Path) -> Cluster:
    record = ELSEWHERE / (place.name + HOME)
    home = Path(record.read_text("utf-8")) if record.exists() else None
    return Cluster(place.name, home, _state(place, home))


def _mib(place: Path) -> str:
    size = 0
    for folder, _, files in os.walk(place):
        for file in files:
            # A running cluster makes and removes files all the time.
            with contextlib.suppress(FileNotFoundError):
                size += (Path(folder) / file).stat().st_size
    return str(size // 2**20)


def _state(place: Path, home: Path | None) -> State:
    with contextlib.suppress(OSError, ValueError):
        if Path(f"/proc/{int((place / 'postmaster.pid').read_text().split()[0])}").exists():
            return "in use"
    if home is None:
        return "unknown"
    link = home / "postgres"
    return "kept" if link.is_symlink() and link.resolve() == place.resolve() else "left over"
