"""How the program was started."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How the program was started."""

    data: Path | None = None
    scratch: bool = False
    locked_by: str = ""

    def again(self, locked_by: str) -> list[str]:
        """Return the arguments that start the program anew after locking."""
        data = ["--data", str(self.data)] if self.data else []
        return ["-m", "visitapp", *data, "--locked-by", locked_by]


def options_from(argv: Sequence[str]) -> Options:
    """Read the command line of the application."""
    if not argv:
        return Options()
    import argparse

    parser = argparse.ArgumentParser(prog="visitapp")
    parser.add_argument("--data", type=Path, default=None, help="the data folder")
    parser.add_argument("--scratch", action="store_true", help="a throw-away practice record with invented families")
    parser.add_argument("--locked-by", default="", help=argparse.SUPPRESS)
    told = parser.parse_args(list(argv))
    return Options(told.data, told.scratch, told.locked_by)
