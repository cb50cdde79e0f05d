"""Who takes part in a rehearsal: a team of invented nurses and their supervisor, on the practice server and on laptops."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from visitapp.actions.connecting import connect, service_client
from visitapp.actions.reviews import mark_all_seen, review_queue
from visitapp.actions.session import Profile, Shipped
from visitapp.config.paths import Places, install_id, places
from visitapp.config.settings import load_settings, save_settings
from visitapp.domain.clock import Clock
from visitapp.domain.ids import Ids, TeamId, UserId, VisitId
from visitapp.domain.problems import Problem
from visitapp.domain.review import UserRole
from visitapp.rehearsal.caseload import Size, families_of
from visitapp.rehearsal.records import Player, Prepared, fill_record, prepare_record
from visitapp.rehearsal.service import PracticeService
from visitapp.sync.exchange import run_exchange
from visitapp.vault.secrets import FileSecretStore, PlatformSecretStore, SecretStore

TEAM = "Port Larkin family nurses (invented)"
NURSES = ("Nia Morgan", "Femi Adeyemi", "Grace Tolliver", "Hanna Berg", "Ivy Stannard", "Jo Penhale", "Kit Farrow", "Lena Quillan")
SUPERVISOR = "Sue Pemberton"
LEFT_TO_REVIEW = 8
"""How many of the latest notes are left in the supervisor's queue; the older ones she has seen already."""


@dataclass(frozen=True)
class Cast:
    """The players of a rehearsal; the first nurse is the one whose laptop is shown."""

    team: TeamId
    nurses: tuple[Player, ...]
    supervisor: Player


def a_cast(clock: Clock, size: Size) -> Cast:
    """Return the players of a rehearsal of this size, with new ids and passphrases that are printed for all to see."""
    ids = Ids(clock)
    team = TeamId(ids())

    def player(name: str, role: UserRole, title: str, words: str) -> Player:
        profile = Profile(UserId(ids()), name, role, title, team, TEAM)
        return Player(profile, words, name.split(maxsplit=1)[0].lower())

    nurses = tuple(player(name, UserRole.NURSE, "Family nurse", "lantern orchard quiet saucepan") for name in NURSES[: size.nurses])
    return Cast(team, nurses, player(SUPERVISOR, UserRole.SUPERVISOR, "Supervisor", "harbour mitten eleven daylight"))


def secrets_for(at: Places) -> SecretStore:
    """Return the platform's keyring if there is one that works; otherwise a file, which the settings then say."""
    settings, _ = load_settings(at.settings_file)
    if settings.key_place == "keyring":
        keyring = PlatformSecretStore(install_id(at))
        try:
            keyring.self_test()
            return keyring
        except Problem:
            save_settings(at.settings_file, replace(settings, key_place="file"))
    return FileSecretStore(at.secret_file)


def cast_on_server(service: PracticeService, cast: Cast) -> None:
    """Make team and people known to the practice server."""
    service.administer("add-team", TEAM, "--id", cast.team)
    for player in (*cast.nurses, cast.supervisor):
        words = ("--role", player.profile.role.value, "--team", cast.team, "--id", player.profile.user)
        service.administer("add-user", player.profile.name, "--job-title", player.profile.job_title, *words)


def enrolment_code(service: PracticeService, player: Player) -> str:
    """Have the administrator make a one-use code for a player."""
    return service.administer("enrol", player.profile.user).strip().splitlines()[-1].strip()


def connect_player(prepared: Prepared, service: PracticeService, player: Player) -> None:
    """Connect a prepared record to the practice server and bring both level."""
    connect(prepared.desk, service.address, enrolment_code(service, player))
    exchange(prepared)


def exchange(prepared: Prepared) -> None:
    """Run one exchange; raises the problem it met, if any."""
    desk = prepared.desk
    client = service_client(desk.record, desk.clock)
    assert client is not None
    try:
        result = run_exchange(desk.record, client, user=desk.user.user)
    finally:
        client.close()
    if result.problem is not None:
        raise result.problem


def prepare_colleagues(
    folder: Path, cast: Cast, size: Size, service: PracticeService, clinical: Shipped, clock: Clock
) -> None:
    """Have the other nurses write and send their notes; their laptops are not shown and leave nothing behind."""
    for number, player in list(enumerate(cast.nurses))[1:]:
        at = places(folder / player.user_name)
        prepared = prepare_record(at, player, FileSecretStore(at.secret_file), clinical, clock)
        try:
            fill_record(prepared.desk, families_of(number, size), size.visits_each if size.nurses > 3 else 3, seed=number * 1000)
            connect_player(prepared, service, player)
        finally:
            prepared.close()
        shutil.rmtree(at.data)


def prepare_supervisor(
    at: Places, cast: Cast, secrets: SecretStore, service: PracticeService, clinical: Shipped, clock: Clock
) -> None:
    """Give the supervisor a laptop that is level with the server, the older notes already seen."""
    prepared = prepare_record(at, cast.supervisor, secrets, clinical, clock)
    try:
        connect_player(prepared, service, cast.supervisor)
        see_older_notes(prepared, keep=())
        exchange(prepared)
    finally:
        prepared.close()


def see_older_notes(prepared: Prepared, keep: Sequence[VisitId]) -> None:
    """Mark all notes but the latest few as seen, as a supervisor would have in the weeks before."""
    waiting = sorted(review_queue(prepared.desk), key=lambda row: row.started_at)
    older = [VisitId(row.visit) for row in waiting[:-LEFT_TO_REVIEW] if row.visit not in keep]
    mark_all_seen(prepared.desk, older)
