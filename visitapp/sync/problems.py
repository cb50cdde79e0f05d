"""What can keep record and server apart, one small class each; facts only."""

from dataclasses import dataclass

from visitapp.domain.problems import Problem


@dataclass
class ServiceUnreachable(Problem):
    """No answer: no network, a wrong address, a server that is down or overloaded. `retry_after_s` is what it asked for, or 0.

    `may_have_arrived` says that the line broke after somebody had answered it: the request may have been carried out.
    """

    retry_after_s: int = 0
    may_have_arrived: bool = False


@dataclass
class NotTheService(Problem):
    """Something answered that is not the service, such as the sign-in page of a public network."""


@dataclass
class ServiceNotTrusted(Problem):
    """What answers cannot prove that it is the service this laptop was connected to; nothing was told to it."""


@dataclass
class InsecureAddress(Problem):
    """An address without https; only a server on this very machine may be spoken to in the clear."""


@dataclass
class NotAnAddress(Problem):
    """What was typed is no server address."""


@dataclass
class CodeNotAccepted(Problem):
    """The enrolment code is wrong, used or too old."""


@dataclass
class TooManyTries(Problem):
    """Too many wrong codes from here; wait."""

    retry_after_s: int = 0


@dataclass
class DeviceUnknown(Problem):
    """The service does not know this laptop's key; it has to be connected again."""


@dataclass
class DeviceDoubled(Problem):
    """This laptop's device id is in use twice, by a copy of its record or by a later state of it; it needs one of its own."""


@dataclass
class DeviceWaiting(Problem):
    """The service knows this laptop, and an administrator has to let it in first. `digits` are those to be compared."""

    digits: str = ""


@dataclass
class DeviceBlocked(Problem):
    """An administrator has blocked this laptop."""


@dataclass
class WipeOrdered(Problem):
    """The service wants this record taken off the laptop; `order` is its signed word, to be proved before anything is done."""

    order: str = ""


@dataclass
class UpdateNeeded(Problem):
    """The service no longer speaks this program's language; work can be handed in after an update."""

    minimum: str = ""


@dataclass
class ClockWrong(Problem):
    """This laptop's clock is too far off for the service to accept its signatures."""

    off_by_s: int = 0


@dataclass
class ServiceFailed(Problem):
    """The service stumbled. `incident` is the number for the service desk."""

    incident: str = ""


@dataclass
class RequestRefused(Problem):
    """The service refused a request for a reason that only the service desk can clear up."""

    code: str = ""
    incident: str = ""


@dataclass
class NotPermitted(Problem):
    """The service does not let this account do that: a family of another team, or not a thing for its role."""


@dataclass
class ReasonTooShort(Problem):
    """The reason for opening a family says too little for those who will read it."""


@dataclass
class ReceiptsNotSigned(Problem):
    """The receipts do not carry the signature of the service this laptop was connected to."""


@dataclass
class ScopeWillNotAgree(Problem):
    """A family was pulled afresh and still does not add up to what the service says."""

    family: str = ""


@dataclass
class PageDamaged(Problem):
    """A page arrived with a record that is not what its hash says."""

    family: str = ""
