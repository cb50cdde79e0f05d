"""The data folder is local, private and nameless, and the program finds its own data files."""

import os
import stat
import uuid

import pytest

from visitapp.config import paths
from visitapp.config.paths import install_id, places, resources_folder, syncing_service
from visitapp.config.problems import DataFolderIsSynced, DataFolderUnusable, ResourcesMissing


def test_a_given_folder_is_made_for_its_owner_only(tmp_path):
    found = places(tmp_path / "a" / "b", environment={})
    assert stat.S_IMODE(found.data.stat().st_mode) == 0o700


def test_without_a_folder_the_platforms_local_one_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert places(environment={}).data == tmp_path / "visitapp"


@pytest.mark.parametrize(
    ("parts", "service"),
    [
        (("OneDrive - NHS", "visitapp"), "OneDrive"),
        (("Dropbox", "work", "visitapp"), "Dropbox"),
        (("Library", "Mobile Documents", "x"), "iCloud"),
        (("Nextcloud", "x"), "Nextcloud"),
        (("My Drive", "x"), "Google Drive"),
    ],
)
def test_a_folder_that_a_cloud_service_copies_is_refused(tmp_path, parts, service):
    with pytest.raises(DataFolderIsSynced) as found:
        places(tmp_path.joinpath(*parts), environment={})
    assert found.value.service == service
    assert not tmp_path.joinpath(*parts).exists()


def test_a_cloud_services_root_is_known_by_its_variable_and_by_its_mark(tmp_path):
    root = tmp_path / "My files"
    (root / "inner").mkdir(parents=True)
    assert syncing_service(root / "inner", environment={"OneDriveCommercial": str(root)}) == "OneDrive"
    assert syncing_service(root / "inner", environment={}) == ""
    (root / ".stfolder").mkdir()
    assert syncing_service(root / "inner", environment={}) == "Syncthing"


def test_a_link_into_a_cloud_folder_is_seen_through(tmp_path):
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "quiet").symlink_to(tmp_path / "Dropbox")
    with pytest.raises(DataFolderIsSynced):
        places(tmp_path / "quiet" / "visitapp", environment={})


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DataFolderUnusable):
            places(path, environment={})


def test_vaults_are_found_by_their_nameless_folders(tmp_path):
    found = places(tmp_path, environment={})
    assert found.vault_folders() == ()
    made = [found.new_vault_folder() for _ in range(3)]
    for folder in made:
        folder.mkdir(parents=True)
        assert uuid.UUID(folder.name).version == 4
    (found.vaults / "notes").mkdir()
    (found.vaults / str(uuid.uuid4())).write_text("a file")
    assert set(found.vault_folders()) == set(made)


def test_the_installations_id_stays_and_a_damaged_one_is_put_aside(tmp_path):
    found = places(tmp_path, environment={})
    made = install_id(found)
    assert install_id(found) == made
    (tmp_path / "install-id").write_bytes(b"\xff\xfe")
    again = install_id(found)
    assert again != made
    assert (tmp_path / "install-id.damaged").read_bytes() == b"\xff\xfe"


def test_resources_are_found_in_a_checkout_and_in_an_installed_program(tmp_path, monkeypatch):
    assert (resources_folder() / "themes").is_dir()
    package = tmp_path / "site-packages" / "visitapp"
    (package / "_resources" / "questionnaires").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert resources_folder() == package / "_resources"
    os.rename(package / "_resources", package / "elsewhere")
    with pytest.raises(ResourcesMissing):
        resources_folder()
