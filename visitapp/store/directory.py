"""Who is who in the service, and whom to phone: profile, colleagues, phone cards."""

from dataclasses import dataclass

from visitapp.store.reading import Reading, string


@dataclass(frozen=True)
class PhoneCard:
    """One number of the team's phone card, at hand without a network."""

    name: str
    phone: str
    hours: str
    when: str


@dataclass(frozen=True)
class ProfileRow:
    """Who somebody is to the service."""

    user: str
    name: str
    role: str
    job_title: str
    team: str
    team_name: str


def phone_cards(r: Reading) -> tuple[PhoneCard, ...]:
    """The team's phone cards; at hand without a network."""
    found: list[PhoneCard] = []
    for _, _, body in r.of_kind("phone_card"):
        cards = body.get("cards")
        for card in cards if isinstance(cards, list) else ():
            if isinstance(card, dict):
                found.append(PhoneCard(string(card, "name"), string(card, "phone"), string(card, "hours"), string(card, "when")))
    return tuple(found)


def profile(r: Reading, user: str) -> ProfileRow | None:
    """What the service says about this user, or None before it has."""
    for _, _, body in r.of_kind("profile", f"u:{user}"):
        return _profile(body)
    return None


def colleagues(r: Reading) -> tuple[ProfileRow, ...]:
    """Everybody in the user's teams, in order of name."""
    found = [_profile(body) for _, _, body in r.of_kind("colleague")]
    return tuple(sorted(found, key=lambda row: (row.name, row.user)))


def _profile(body: dict[str, object]) -> ProfileRow:
    return ProfileRow(
        string(body, "user"),
        string(body, "name"),
        string(body, "role"),
        string(body, "job_title"),
        string(body, "team"),
        string(body, "team_name"),
    )
