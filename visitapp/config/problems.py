"""What can be wrong with the places and settings of an installation, one small class each."""

from dataclasses import dataclass

from visitapp.domain.problems import Problem


@dataclass
class DataFolderIsSynced(Problem):
    """The data folder lies where a cloud service copies it to other machines; `service` is that service's name."""

    service: str = ""


@dataclass
class DataFolderUnusable(Problem):
    """The data folder cannot be made or written; `reason` is one of a few fixed words."""

    reason: str = ""


@dataclass
class ResourcesMissing(Problem):
    """The program's own data files are not where they were installed."""


@dataclass
class SettingsDamaged(Problem):
    """Some settings could not be read and the defaults apply; `keys` are their names, none = the whole file.

    `is_kept` says that the damaged file was put aside and not written over.
    """

    keys: tuple[str, ...] = ()
    is_kept: bool = False
