"""Twenty-five invented families. Nobody here exists; numbers are from ranges set aside for drama and tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InventedBaby:
    """A baby: age in days today (negative: days until due), weeks of gestation at birth, and a name."""

    given: str
    age_days: int
    weeks: int = 40
    sex: str = "female"


@dataclass(frozen=True)
class InventedFamily:
    """A family as the rehearsal invents it."""

    name: str
    mother: str
    mother_age: int
    street: str
    babies: tuple[InventedBaby, ...]
    partner: str = ""
    partner_role: str = "father"
    partner_here: bool = True
    language: str = "English"
    interpreter: bool = False
    pronouns: str = "she/her"
    state: str = "active"
    alert: tuple[str, str, str] = ("", "", "")
    safe_contact: str = ""
    gp: str = "Harbour Surgery (invented)"
    note: str = ""


def _b(given: str, age_days: int, weeks: int = 40, sex: str = "female") -> InventedBaby:
    return InventedBaby(given, age_days, weeks, sex)


FAMILIES: tuple[InventedFamily, ...] = (
    InventedFamily("Okafor", "Amara Okafor", 19, "4 Larkspur Court", (_b("Yusuf", 156, sex="male"),), "Chidi Okafor"),
    InventedFamily(
        "Łukaszewicz", "Zofia Łukaszewicz", 18, "12 Old Dock Road", (_b("Łukasz", 402, sex="male"),), "Paweł Łukaszewicz",
        language="Polish", interpreter=True,
    ),
    InventedFamily(
        "Evans", "Cerys Evans", 20, "7 Bryn Glas Terrace", (_b("Siân", 96, 33), ), "Tomos Evans", language="Welsh",
        note="Siân was born at 33 weeks; both ages are shown.",
    ),
    InventedFamily(
        "Begum", "Nasrin Begum", 19, "31 Canal Walk", (_b("Ayaan", 61, 37, "male"), _b("Amina", 61, 37)), "Rahim Uddin",
        language="Bengali", interpreter=True, note="Twins: two cards, two colours.",
    ),
    InventedFamily("Whitlock", "Jade Whitlock", 17, "Flat 2, 9 Mill Lane", (_b("", -98),), note="First baby, due in spring."),
    InventedFamily(
        "Al-Haddad", "مريم الحداد", 20, "15 Foundry Street", (_b("ليلى", 233),), "يوسف الحداد", language="Arabic",
        interpreter=True,
    ),
    InventedFamily(
        "Sharma", "प्रिया शर्मा", 21, "22 Station Parade", (_b("अनन्या", 320),), "Rohan Sharma", language="Hindi",
    ),
    InventedFamily(
        "Selvan", "கவிதா செல்வன்", 20, "3 Quayside", (_b("Nila", 511),), "Arun Selvan", language="Tamil", interpreter=True,
    ),
    InventedFamily(
        "Harrow", "Bethany Harrow", 18, "18 Thornhill Rise", (_b("Mason", 188, sex="male"),), "Kyle Dunmore", "partner",
        alert=("do-not-visit-alone", "Two staff at every home visit", "from_others"),
        safe_contact="Text first. Never leave a message with anyone else.",
    ),
    InventedFamily(
        "Ashdown", "Megan Ashdown", 20, "5 Cooper's Yard", (_b("Robin", 74, 36, "male"),), "Sam Ashdown", "partner",
        state="baby_died",
    ),
    InventedFamily("Nowak", "Kinga Nowak", 19, "40 Beacon Hill", (_b("Maja", 604),), "Jakub Nowak", language="Polish"),
    InventedFamily("O’Brien", "Aoife O’Brien", 18, "2 Chapel Row", (_b("Fionn", 27, sex="male"),), "Declan O’Brien"),
    InventedFamily("Tembo", "Chipo Tembo", 19, "11 Weaver's Fold", (_b("Tariro", 276),), partner="", note="Grandmother helps."),
    InventedFamily(
        "Pritchard", "Lowri Pritchard", 17, "8 Gŵyl Terrace", (_b("", -41),), "Ŵyn Pritchard", language="Welsh",
    ),
    InventedFamily("Castellanos", "Lucía Castellanos", 20, "26 Market Street", (_b("Mateo", 137, sex="male"),), "Íñigo Ruiz"),
    InventedFamily(
        "Doyle", "Shannon Doyle", 19, "Flat 5, Kestrel House", (_b("Poppy", 451),),
        alert=("child-protection-plan", "Child protection plan, category neglect", "from_others"),
    ),
    InventedFamily("Nguyễn", "Nguyễn Thị Hoa", 21, "17 Orchard Close", (_b("Minh", 365, sex="male"),), "Trần Văn Nam"),
    InventedFamily("Grant", "Kayleigh Grant", 18, "33 Victoria Mews", (_b("Arlo", 12, 39, "male"),), "Reece Grant"),
    InventedFamily("Yılmaz", "Elif Yılmaz", 19, "6 Lantern Street", (_b("Defne", 209, 35),), "Emre Yılmaz", language="Turkish"),
    InventedFamily("Mensah", "Abena Mensah", 20, "14 Priory Gardens", (_b("Kofi", 688, sex="male"),), "Kwame Mensah"),
    InventedFamily(
        "Fairley", "Robyn Fairley", 19, "1 Signal Cottages", (_b("Skye", 118),), "Ash Fairley", "partner",
        pronouns="they/them",
    ),
    InventedFamily("Petrova", "Дарья Петрова", 20, "29 Tanner's Wharf", (_b("Eva", 44),), "Иван Петров", language="Russian"),
    InventedFamily("Lindqvist", "Åsa Lindqvist", 21, "10 Juniper Way", (_b("Björn", 540, sex="male"),), "Øyvind Lindqvist"),
    InventedFamily("Marlow", "Ellie Marlow", 16, "21 Saltmarsh Road", (_b("Teddy", 298, 32, "male"),), note="With her mother."),
    InventedFamily(
        "Rahimi", "Parisa Rahimi", 20, "13 Harbour View", (_b("Daria", 720),), "Omid Rahimi", language="Farsi",
        state="graduated",
    ),
)  # fmt: skip

GIVEN = (
    "Ada", "Bea", "Carys", "Dina", "Edie", "Freya", "Gwen", "Hana", "Iris", "Jaya", "Kira", "Lena", "Mabli", "Nora", "Orla",
    "Petra", "Rania", "Salma", "Tess", "Una", "Vera", "Wren", "Ximena", "Yara", "Zara",
)  # fmt: skip
SURNAMES = (
    "Abbott", "Bellamy", "Carrow", "Denholm", "Eastley", "Farrow", "Gosling", "Hartnoll", "Ingham", "Jessop", "Kettle",
    "Larkin", "Mossop", "Nethercott", "Oakley", "Penhale", "Quillan", "Rowntree", "Stannard", "Tolliver", "Underhay",
    "Vickery", "Wainscott", "Yardley", "Zelenko",
)  # fmt: skip
BABIES = (
    "Alfie", "Bonnie", "Caleb", "Dylan", "Esme", "Felix", "Gethin", "Hollie", "Ivor", "Juno", "Kit", "Lyra", "Macsen", "Nell",
    "Otis", "Pearl", "Rhys", "Sunny", "Theo", "Willa",
)  # fmt: skip
STREETS = ("Anchor Row", "Barley Close", "Cobbler's Hill", "Dovecote Lane", "Elm Grove", "Ferry Road", "Gorse Bank", "Hop Yard")


def more_families(team: int, count: int) -> tuple[InventedFamily, ...]:
    """Return further invented families for another nurse's caseload; the same for the same `team` number."""
    found = []
    for number in range(count):
        pick = team * 7 + number
        surname = SURNAMES[pick * 3 % len(SURNAMES)]
        suffix = "" if team * count + number < len(SURNAMES) else f"-{SURNAMES[(pick * 5 + 1) % len(SURNAMES)]}"
        found.append(
            InventedFamily(
                f"{surname}{suffix}",
                f"{GIVEN[pick % len(GIVEN)]} {surname}{suffix}",
                17 + pick % 5,
                f"{1 + pick % 60} {STREETS[pick % len(STREETS)]}",
                (_b(BABIES[pick * 3 % len(BABIES)], 20 + pick * 29 % 680, 38 + pick % 3),),
                f"{BABIES[(pick * 7 + 3) % len(BABIES)]} {surname}" if pick % 3 else "",
            )
        )
    return tuple(found)
