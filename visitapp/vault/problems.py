"""What can go wrong between a passphrase and an open record, one small class each."""

from dataclasses import dataclass

from visitapp.domain.problems import Problem


@dataclass
class WrongPassphrase(Problem):
    """The passphrase does not open this vault; the next try must wait `retry_after_s` seconds."""

    retry_after_s: int = 0
    tries_left: int = 0


@dataclass
class TooSoon(Problem):
    """A try came before the wait after earlier wrong passphrases was over; it was not even looked at."""

    retry_after_s: int = 0


@dataclass
class Sealed(Problem):
    """Ten wrong passphrases in a row: nothing is destroyed, the next try must wait `retry_after_s` seconds."""

    retry_after_s: int = 0


@dataclass
class NeedsRecovery(Sealed):
    """Ten wrong passphrases in a row where the key is in escrow: no passphrase opens the vault any more, two administrators do."""


@dataclass
class VaultMissing(Problem):
    """There is no vault in the folder."""


@dataclass
class VaultExists(Problem):
    """There is a vault in the folder already; it is never written over."""


@dataclass
class VaultDamaged(Problem):
    """The header is not what this program wrote; `reason` is one of a few fixed words, for the diagnosis."""

    reason: str = ""
    has_spare: bool = False


@dataclass
class VaultTooNew(Problem):
    """The header was written by a newer version of the program."""

    version: int = 0


@dataclass
class KeyringUnavailable(Problem):
    """There is no keyring of the operating system that this program trusts."""

    platform: str = ""


@dataclass
class KeyringIsLocked(Problem):
    """The operating system's keyring is there but locked."""


@dataclass
class KeyringDismissed(Problem):
    """The operating system asked for permission to use the keyring and it was not given."""


@dataclass
class KeyringFailed(Problem):
    """The keyring answered, but not as a keyring must; `reason` is one of a few fixed words."""

    reason: str = ""


@dataclass
class DeviceSecretMissing(Problem):
    """The keyring works but holds no secret for this vault: another login, another laptop, or a reset keyring."""


@dataclass
class PassphraseTooWeak(Problem):
    """The passphrase would be guessed too soon; `score` is 0 to 4."""

    score: int = 0


@dataclass
class VaultClosed(Problem):
    """The vault was closed; its keys are gone from memory."""


@dataclass
class DerivationFailed(Problem):
    """The key could not be derived, most likely for want of free memory (`memory_mib`)."""

    memory_mib: int = 0


@dataclass
class NoEscrow(Problem):
    """The key of this vault was never put into escrow, so nobody but its passphrase opens it."""


@dataclass
class RecoveryTextWrong(Problem):
    """A text of a recovery was mistyped or cut; `what` is "request", "answer" or "half"."""

    what: str = ""


@dataclass
class RecoveryCheckDiffers(Problem):
    """The eight digits read out are not those of the request: it may come from another laptop."""


@dataclass
class HalvesDoNotFit(Problem):
    """The halves of the recovery key are too few (`given` of `needed`), or of different keys."""

    needed: int = 0
    given: int = 0


@dataclass
class RecoveryKeyWrong(Problem):
    """The recovery key is not the one this vault's key was sealed to, or what was sealed has been changed."""


@dataclass
class RecoveryAnswerWrong(Problem):
    """The answer is not for this request, or does not open this vault."""


@dataclass
class LeaseRefused(Problem):
    """A lease that the service did not sign, or signed for somebody or something else; `reason` is a fixed word."""

    reason: str = ""


@dataclass
class LeaseOver(Problem):
    """The leave to work without the service is over: the caseload is not shown until the next sync.

    `may_write` says whether a new visit may still be written (for 7 days after the end).
    """

    may_write: bool = False


@dataclass
class WipeRefused(Problem):
    """An order to wipe that is not carried out; `reason` is one of a few fixed words: forged, replayed …"""

    reason: str = ""
