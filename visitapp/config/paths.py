"""Where things lie: the data folder and what is in it, and the data files that came with the program."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from visitapp.config.problems import DataFolderIsSynced, DataFolderUnusable, ResourcesMissing

APP = "visitapp"
_INSTALL_ID = "install-id"
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PACKAGE = Path(__file__).resolve().parents[1]

_SYNC_VARIABLES = {"OneDrive": "OneDrive", "OneDriveCommercial": "OneDrive", "OneDriveConsumer": "OneDrive"}
_SYNC_NAMES = {
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "cloudstorage": "cloud storage",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud drive": "pCloud",
    "pclouddrive": "pCloud",
    "box sync": "Box",
    "seafile": "Seafile",
}
_SYNC_MARKS = {
    ".dropbox.cache": "Dropbox",
    ".stfolder": "Syncthing",
    ".sync_log.db": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
}


@dataclass(frozen=True)
class Places:
    """The data folder and the names of what is in it."""

    data: Path

    @property
    def vaults(self) -> Path:
        """One folder per nurse, named by chance."""
        return self.data / "vaults"

    @property
    def settings_file(self) -> Path:
        """Theme, text size and the like."""
        return self.data / "settings.json"

    @property
    def window_file(self) -> Path:
        """Geometry of the window and widths of columns."""
        return self.data / "window.ini"

    @property
    def log_file(self) -> Path:
        """The redacted log."""
        return self.data / "log" / "visitapp.log"

    @property
    def secret_file(self) -> Path:
        """Device secrets, where policy allows a file in place of the keyring."""
        return self.data / "device-secrets.json"

    @property
    def temporary(self) -> Path:
        """The only place for temporary files of libraries; it is empty when the program has ended."""
        return self.data / "temporary"

    def vault_folders(self) -> tuple[Path, ...]:
        """Return the vaults' folders in the order in which they were made, as far as the disk remembers it."""
        if not self.vaults.is_dir():
            return ()
        found = [folder for folder in self.vaults.iterdir() if folder.is_dir() and _is_uuid(folder.name)]
        return tuple(sorted(found, key=lambda folder: (folder.stat().st_ctime_ns, folder.name)))

    def new_vault_folder(self) -> Path:
        """Return a folder for one more vault; it is made with the vault."""
        return self.vaults / _new_uuid()


def default_data_folder() -> Path:
    """Return the platform's own folder for this program's data, local and never roaming; it is not made."""
    return Path(platformdirs.user_data_dir(APP, appauthor=False, roaming=False))


def places(given: Path | None = None, *, environment: Mapping[str, str] = os.environ) -> Places:
    """Return the places under a given data folder, or under the platform's local one, and make the folder.

    Raises DataFolderIsSynced and DataFolderUnusable.
    """
    data = (given if given is not None else default_data_folder()).expanduser().absolute()
    service = syncing_service(data, environment=environment)
    if service:
        raise DataFolderIsSynced(service=service)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DataFolderUnusable(reason="not-a-folder") from None
    except OSError:
        raise DataFolderUnusable(reason="cannot-make") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise DataFolderUnusable(reason="read-only")
    return Places(data)


def syncing_service(path: Path, *, environment: Mapping[str, str] = os.environ) -> str:
    """Return the name of the cloud service that would copy a path to other machines, or an empty string."""
    real = Path(os.path.realpath(path))
    for variable, service in _SYNC_VARIABLES.items():
        root = environment.get(variable, "")
        if root and real.is_relative_to(os.path.realpath(root)):
            return service
    for folder in (real, *real.parents):
        name = folder.name.casefold()
        if name.startswith("onedrive"):
            return "OneDrive"
        if name in _SYNC_NAMES:
            return _SYNC_NAMES[name]
        for mark, service in _SYNC_MARKS.items():
            if (folder / mark).exists():
                return service
    return ""


def install_id_kept(of: Places) -> str:
    """Return this installation's id, or an empty string where none was made yet or it is damaged."""
    try:
        text = (of.data / _INSTALL_ID).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if _is_uuid(text) else ""


def install_id(of: Places) -> str:
    """Return this installation's id, made by chance at the first call; keyring entries are filed under it."""
    found = install_id_kept(of)
    if found:
        return found
    kept, made = of.data / _INSTALL_ID, _new_uuid()
    try:
        if kept.exists():
            kept.replace(kept.with_name(f"{_INSTALL_ID}.damaged"))
        kept.write_text(made + "\n", "ascii")
    except OSError:
        raise DataFolderUnusable(reason="read-only") from None
    return made


def resources_folder() -> Path:
    """Return the folder of the program's data files; raises ResourcesMissing.

    In an installed program they lie inside the package, in a checkout beside it: hatchling copies them into a wheel but
    an editable installation has none.
    """
    for folder in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        if (folder / "questionnaires").is_dir():
            return folder
    raise ResourcesMissing


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _new_uuid() -> str:
    # Its module asks about the platform, for longer than the first window has.
    import uuid

    return str(uuid.uuid4())
