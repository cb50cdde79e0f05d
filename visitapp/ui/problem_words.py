"""What is said about every Problem: what happened, what is safe, what to do; `ui/wording.py` gives it out."""

from collections.abc import Mapping
from dataclasses import dataclass

from visitapp.config import problems as of_the_installation
from visitapp.domain import problems as of_the_work
from visitapp.domain.problems import Problem
from visitapp.store import problems as of_the_store
from visitapp.sync import problems as of_sync
from visitapp.vault import problems as of_the_vault


@dataclass(frozen=True)
class Words:
    """What is said about a Problem; braces take its facts."""

    happened: str
    safe: str = ""
    do: str = ""


PROBLEM_WORDS: Mapping[type[Problem], Words] = {
    of_the_work.NotAllowed: Words(
        "Your role does not allow this.", "Nothing was changed.", "Ask your supervisor if you think it should."
    ),
    of_the_work.NoSuchFamily: Words(
        "This family is no longer in your caseload on this laptop.",
        "What you wrote and signed was kept and sent.",
        "Go back to the caseload. If the family should be yours, ask your supervisor.",
    ),
    of_the_work.NoSuchPerson: Words(
        "This person is not in that family.",
        "Nothing was changed.",
        "Sync, then look where they are filed now.",
    ),
    of_the_work.StillUndecided: Words(
        "Two versions of this are waiting for your decision.",
        "Nothing was changed.",
        "Decide under “Needs your attention”, then try again.",
    ),
    of_the_work.NoSuchVisit: Words(
        "This note is not on this laptop.",
        "Nothing was lost by opening it.",
        "Sync, then look in the family's timeline.",
    ),
    of_the_work.VisitNotComplete: Words(
        "This visit cannot be signed yet: {count} answers are missing.",
        "Everything you wrote is saved on this laptop.",
        "Choose a missing answer in the list to go to it.",
    ),
    of_the_work.AlreadySigned: Words(
        "This visit is signed, so it cannot be changed.",
        "The signed note is safe.",
        "Add to it: write an addendum or a correction.",
    ),
    of_the_work.ReasonNeeded: Words("A reason is needed here.", "Nothing was changed.", "Write one sentence that says why."),
    of_the_work.CheckNeeded: Words(
        "This has to be chosen or compared first.", "Nothing was changed.", "Compare names and dates of birth, then set the tick."
    ),
    of_the_work.TextNeeded: Words("Something must be written here.", "Nothing was changed.", "Fill in the marked field."),
    of_the_work.NotAValidNhsNumber: Words(
        "This is not a valid NHS number.",
        "Nothing was changed.",
        "Check the ten digits, or leave the field empty until you have them.",
    ),
    of_the_work.NotAValidDate: Words("This date cannot be right.", "Nothing was changed.", "Check day, month and year."),
    of_the_work.BabyNotInFamily: Words(
        "This visit names a baby who does not belong to this family.",
        "Nothing was signed.",
        "Choose the right baby in the first step of the visit.",
    ),
    of_the_work.SignatureDoesNotVerify: Words(
        "This note's signature does not match what it says.",
        "Other notes are not affected.",
        "Do not rely on this note. Tell your supervisor and your service's support.",
    ),
    of_the_work.PracticeAndServiceMixed: Words(
        "Practice and real work cannot be mixed.",
        "Nothing was sent or received.",
        "Use a practice record with a practice server, and your own record with your service.",
    ),
    of_the_work.SomebodyElsesCode: Words(
        "This enrolment code belongs to somebody else.",
        "Nothing was changed.",
        "Ask your administrator for your own code.",
    ),
    of_the_store.RecordMissing: Words(
        "The record's file is not where it was.",
        "Nothing new was made in its place. What the server received is safe there.",
        "Do not start afresh. Ask your service's support to look for the file or a backup.",
    ),
    of_the_store.RecordExists: Words(
        "There is already a record here.", "It was not touched.", "Unlock it, or choose another folder."
    ),
    of_the_store.RecordInUse: Words(
        "visitapp is already running with this record.",
        "Nothing is wrong with it.",
        "Go to the other window, or close it.",
    ),
    of_the_store.RecordUnreadable: Words(
        "The record cannot be opened with this key.",
        "It was not changed. What the server received is safe there.",
        "Ask your service's support before you try anything else.",
    ),
    of_the_store.RecordDamaged: Words(
        "The record is damaged.",
        "What the server received is safe there.",
        "Stop writing in it and ask your service's support to restore a backup.",
    ),
    of_the_store.RecordRolledBack: Words(
        "This record is older than the one that was locked on this laptop: a copy was put back, or part of it was lost.",
        "You can read it. Nothing can be written in it and nothing is sent, so the server's notes stay as they are.",
        "Tell your administrator. Do not put any file back yourself.",
    ),
    of_the_store.NoGoodBackup: Words(
        "There is no backup that can be used ({tried} were tried).",
        "The damaged record was kept. What the server received is safe there.",
        "Ask your service's support before you try anything else.",
    ),
    of_the_store.RecordTooNew: Words(
        "This record was last used by a newer visitapp.", "It was not touched.", "Install the newer visitapp."
    ),
    of_the_store.DiskFull: Words(
        "There is no room left on this laptop's disk.",
        "Everything saved before is safe. The last words you typed may not be saved.",
        "Make room, then type a letter to save again.",
    ),
    of_the_store.DiskRefuses: Words(
        "The disk does not let visitapp write.",
        "Everything saved before is safe. The last words you typed may not be saved.",
        "Leave this window open, write down what is new, and ask your service's support.",
    ),
    of_the_store.RecordBusy: Words(
        "The record was busy for too long.", "Everything saved before is safe.", "Try again in a moment."
    ),
    of_the_store.RecordClosed: Words("visitapp was locked meanwhile.", "What was saved before is safe.", "Unlock and go on."),
    of_the_store.CipherTooOld: Words(
        "The encryption on this laptop is missing or too old.",
        "No record was opened or made.",
        "Ask your service's support to install visitapp again.",
    ),
    of_the_store.BackupFailed: Words(
        "The backup could not be written, or could not be read back.",
        "The record itself is not affected.",
        "Check the disk it was meant for, then try again.",
    ),
    of_the_vault.WrongPassphrase: Words(
        "This passphrase is not right.", "The record is safe.", "{wait} Check Caps Lock and the keyboard's language."
    ),
    of_the_vault.TooSoon: Words("It is too soon for another try.", "The record is safe.", "{wait}"),
    of_the_vault.Sealed: Words(
        "There were ten wrong passphrases in a row.",
        "The record is safe: nothing was deleted.",
        "{wait} If you have forgotten the passphrase, ask your administrator.",
    ),
    of_the_vault.NeedsRecovery: Words(
        "There were ten wrong passphrases in a row, so no passphrase opens this record any more.",
        "The record is safe: nothing was deleted.",
        "Telephone your administrators. Two of them together can let you in, and you then choose a new passphrase.",
    ),
    of_the_vault.NoEscrow: Words(
        "The key of this record was never given to your organisation to keep.",
        "The record is safe. What the server received is safe there.",
        "Only the passphrase opens it. Ask your service's support what can be done.",
    ),
    of_the_vault.RecoveryTextWrong: Words(
        "Something is missing or mistyped in what was entered.", "Nothing was changed.", "Enter it again, from its first letter."
    ),
    of_the_vault.RecoveryCheckDiffers: Words(
        "The eight digits are not those of this request.",
        "Nothing was opened.",
        "Telephone the nurse on a number you know and have the digits read out again. If they still differ, stop.",
    ),
    of_the_vault.HalvesDoNotFit: Words(
        "These parts do not make the recovery key whole: {needed} of the same key are needed.",
        "Nothing was opened.",
        "Check that each administrator brought the part for this key.",
    ),
    of_the_vault.RecoveryKeyWrong: Words(
        "This recovery key does not open what the laptop asks for.",
        "Nothing was opened.",
        "Check whether the organisation had another recovery key when the laptop was connected.",
    ),
    of_the_vault.RecoveryAnswerWrong: Words(
        "This answer is not for the request that is shown.",
        "The record is safe.",
        "Begin again and have your administrators answer the new request.",
    ),
    of_the_vault.LeaseRefused: Words(
        "What your service sent about working offline is not for you on this laptop, or was changed on its way.",
        "It was not used. Everything you wrote is kept.",
        "Ask your administrator.",
    ),
    of_the_vault.WipeRefused: Words(
        "Something asked for this record to be taken off this laptop, but your service did not order it.",
        "Nothing was deleted.",
        "Tell your administrator.",
    ),
    of_the_vault.LeaseOver: Words(
        "This laptop has been without your service for too long.",
        "Everything you wrote is kept on this laptop. You can still write a new visit for 7 days from the end.",
        "Connect to a network and sync: then your families are shown again.",
    ),
    of_the_vault.VaultMissing: Words(
        "There is no record in this folder.", "Nothing was made or changed.", "Choose the folder your record is in."
    ),
    of_the_vault.VaultExists: Words(
        "There is already a record in this folder.", "It was not touched.", "Unlock it, or choose another folder."
    ),
    of_the_vault.VaultDamaged: Words(
        "The file that holds the record's lock is damaged.",
        "The record itself was not touched. What the server received is safe there.",
        "Do not start afresh. Ask your service's support to restore the file.",
    ),
    of_the_vault.VaultTooNew: Words(
        "This record was last used by a newer visitapp.", "It was not touched.", "Install the newer visitapp."
    ),
    of_the_vault.KeyringUnavailable: Words(
        "This computer has no keyring that visitapp can trust.",
        "The record is safe.",
        "Sign in to your own account on this computer. If it stays so, ask your service's support.",
    ),
    of_the_vault.KeyringIsLocked: Words(
        "This computer's keyring is locked.", "The record is safe.", "Unlock the keyring, then try again."
    ),
    of_the_vault.KeyringDismissed: Words(
        "The keyring asked for permission and did not get it.", "The record is safe.", "Try again and allow it."
    ),
    of_the_vault.KeyringFailed: Words(
        "This computer's keyring did not answer as it should.",
        "The record is safe.",
        "Sign out of this computer and in again. If it stays so, ask your service's support.",
    ),
    of_the_vault.DeviceSecretMissing: Words(
        "This computer's keyring does not know this record.",
        "The record is safe.",
        "Sign in to this computer with the account you used before. "
        "If its keyring was reset, two of your administrators can let you in.",
    ),
    of_the_vault.PassphraseTooWeak: Words(
        "This passphrase would be guessed too soon.",
        "Nothing was changed.",
        "Use four or more words that do not belong together.",
    ),
    of_the_vault.VaultClosed: Words("visitapp was locked meanwhile.", "What was saved before is safe.", "Unlock and go on."),
    of_the_vault.DerivationFailed: Words(
        "There is not enough free memory to unlock ({memory_mib} MB are needed).",
        "The record is safe.",
        "Close other programs, then try again.",
    ),
    of_the_store.TextTooLong: Words(
        "This text is longer than your service takes in one piece.",
        "What was saved before is safe.",
        "Shorten the text, or put part of it in another step.",
    ),
    of_the_installation.DataFolderIsSynced: Words(
        "The data folder lies where {service} copies it to other machines.",
        "Nothing was written there.",
        "Choose a folder on this laptop only.",
    ),
    of_the_installation.DataFolderUnusable: Words(
        "The data folder cannot be used.",
        "Nothing was changed.",
        "Choose another folder, or ask your service's support.",
    ),
    of_the_installation.ResourcesMissing: Words(
        "Some of visitapp's own files are missing.", "Your record was not touched.", "Install visitapp again."
    ),
    of_the_installation.SettingsDamaged: Words(
        "Some settings could not be read, so the usual ones apply.",
        "Your record is not affected.",
        "Look at the settings and choose again.",
    ),
    of_the_work.QuestionnaireNotHere: Words(
        "A questionnaire that this note was written with is not on this laptop.",
        "The note itself is safe.",
        "Sync, or install the newest visitapp, then open it again.",
    ),
    of_the_work.RecordHasNoOwner: Words(
        "This record belongs to nobody yet.",
        "Nothing was lost.",
        "Connect it to your service, or try visitapp with invented families.",
    ),
    of_sync.ServiceUnreachable: Words(
        "Your service cannot be reached.",
        "Everything you write is saved on this laptop.",
        "Go on working. visitapp sends by itself as soon as there is a network.",
    ),
    of_sync.NotTheService: Words(
        "Something else answered in place of your service, such as a public network's sign-in page.",
        "Nothing was sent to it.",
        "Open the network's sign-in page in a browser, or use another network.",
    ),
    of_sync.ServiceNotTrusted: Words(
        "What answered could not prove that it is your service.",
        "Nothing was sent; everything is kept on this laptop.",
        "On a public network, try another one. If it goes on, tell your service desk.",
    ),
    of_sync.InsecureAddress: Words("This address is not secure.", "Nothing was sent.", "Use the address that begins with https."),
    of_sync.NotAnAddress: Words(
        "This is not the address of a server.", "Nothing was sent.", "Copy the address from your administrator's letter."
    ),
    of_sync.CodeNotAccepted: Words(
        "The enrolment code was not accepted: it is mistyped, used or too old.",
        "Nothing was changed.",
        "Check the letters, or ask your administrator for a new code.",
    ),
    of_sync.TooManyTries: Words("There were too many tries.", "Nothing was changed.", "{wait}"),
    of_sync.DeviceUnknown: Words(
        "Your service does not know this laptop.",
        "Everything not yet sent is kept on this laptop.",
        "Ask your administrator for a new enrolment code, then connect again.",
    ),
    of_sync.DeviceDoubled: Words(
        "Your service has met a copy of this record on another laptop.",
        "Everything not yet sent is kept on this laptop.",
        "It will be tried again by itself. If nobody made such a copy, tell your service desk today.",
    ),
    of_sync.DeviceWaiting: Words(
        "This laptop waits until an administrator has let it in. Its digits are {digits}.",
        "What you write is kept on this laptop and is sent as soon as it is let in.",
        "Ring your administrator and read these digits out; the same ones have to stand on her screen.",
    ),
    of_sync.DeviceBlocked: Words(
        "An administrator has blocked this laptop.",
        "Everything not yet sent is kept on this laptop.",
        "Ask your administrator.",
    ),
    of_sync.WipeOrdered: Words(
        "Your service has asked for this record to be taken off this laptop.",
        "What the server received is safe there.",
        "Ask your administrator before you do anything else.",
    ),
    of_sync.UpdateNeeded: Words(
        "Your service needs a newer visitapp.",
        "Everything you write is saved on this laptop and is sent after the update.",
        "Install the newest visitapp.",
    ),
    of_sync.ClockWrong: Words(
        "This laptop's clock is wrong, so your service does not accept what it sends.",
        "Everything you write is saved on this laptop.",
        "Set date and time, then sync again.",
    ),
    of_sync.ServiceFailed: Words(
        "Your service had a fault of its own.",
        "Everything you write is saved on this laptop.",
        "Go on working. visitapp tries again by itself.",
    ),
    of_sync.RequestRefused: Words(
        "Your service did not accept what was sent.",
        "It is kept on this laptop.",
        "Ask your service's support and read them what the Sync screen says.",
    ),
    of_sync.NotPermitted: Words(
        "Your service does not let your account do this.",
        "Nothing was changed, and what you wrote is kept on this laptop.",
        "If you need it for your work, ask your supervisor or your safeguarding lead.",
    ),
    of_sync.ReasonTooShort: Words(
        "The reason says too little.",
        "Nothing was opened, and nobody was told.",
        "Write a few words that tell your safeguarding lead why you have to see this family now.",
    ),
    of_sync.ReceiptsNotSigned: Words(
        "The answer did not come from the service this laptop was connected to.",
        "Nothing was taken as received, and everything is kept on this laptop.",
        "Do not sync on this network again. Ask your service's support.",
    ),
    of_sync.ScopeWillNotAgree: Words(
        "A family on this laptop does not match what the server holds.",
        "What you wrote is kept on this laptop.",
        "Ask your service's support.",
    ),
    of_sync.PageDamaged: Words(
        "Something arrived damaged.",
        "It was not used. What you wrote is kept.",
        "Sync again; if it stays so, ask your service's support.",
    ),
}
"""Every Problem of the client has its words here, or those of the kind it is one of; a test walks all of them."""

WORDS_BY_NAME: Mapping[str, Words] = {
    "NothingToDecide": Words(
        "This has been decided already.", "Both versions were kept until then.", "Nothing is left to do here."
    ),
}
"""Problems that live beside SQLAlchemy: importing them here would keep the unlock screen waiting 0.3 s."""
