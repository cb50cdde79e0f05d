"""What can be wrong with a message, one small class each: facts for the caller, no wording for a person."""


class ProtocolProblem(Exception):
    """A message that cannot be taken as it stands. `code` is its word on the wire."""

    code = "malformed"

    def __init__(self, **facts: str | int) -> None:
        super().__init__(self.code)
        self.facts = facts


class Malformed(ProtocolProblem):
    """Bytes that are not a message of this protocol."""

    code = "malformed"


class TooLarge(ProtocolProblem):
    """More bytes than a message or an operation may have. Facts: limit (bytes)."""

    code = "too-large"


class TooMany(ProtocolProblem):
    """More operations or scopes than a message may have. Facts: limit."""

    code = "too-many"


class UnsupportedVersion(ProtocolProblem):
    """A protocol version that this side does not speak. Facts: version."""

    code = "version"
