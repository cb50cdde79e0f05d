"""Visits to print: invented people, so that every kind of line and every script has been on paper once.

Nobody here exists; NHS numbers are from the 999 range that is never given to anybody.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from visitapp.reports.document import (
    THE_FAMILY,
    Addendum,
    Answer,
    Concern,
    Heading,
    Narrative,
    NextVisit,
    NoteState,
    PlanItem,
    PrintedPerson,
    Remark,
    Scale,
    ScaleItem,
    Score,
    ScoreAnswer,
    Section,
    SectionKind,
    Signature,
    Strengths,
    Strike,
    Subject,
    SubjectKind,
    VisitDocument,
    Voice,
)

MOTHER, FATHER, BABY = "mother-1", "father-1", "baby-1"
ABOUT_MOTHER = Subject(SubjectKind.PARENT, MOTHER)
ABOUT_FATHER = Subject(SubjectKind.PARENT, FATHER)
ABOUT_BABY = Subject(SubjectKind.BABY, BABY)

SCRIPTS = {
    "Polish": "Łukasz Żółć przyszedł później",
    "Welsh": "Siân a'r ŵyl, tŷ bach",
    "Danish": "Søren Ærø på Ålborg",
    "Arabic": "فاطمة الزهراء سعيدة اليوم",
    "Urdu": "بچہ اپنی ماں کو دیکھ کر مسکرایا",
    "Hindi": "अमीना ने कहा कि बच्चा क्षण भर मुस्कुराया",
    "Tamil": "குழந்தை அம்மாவைப் பார்த்துச் சிரித்தது ஸ்ரீ",
    "combining": "Zoe\u0308 and Lw\u0302yd",
}
"""One phrase per script, each of which has to come back from the PDF as it went in."""

PEOPLE = (
    PrintedPerson(
        MOTHER,
        SubjectKind.PARENT,
        "Amina Łukaszewska-Nowak",
        "Amina",
        "mother",
        "19 years",
        born_on=date(2007, 3, 14),
        nhs_number="9990000018",
        holds_parental_responsibility=True,
    ),
    PrintedPerson(
        FATHER,
        SubjectKind.PARENT,
        "Søren Ŵynn",
        "Søren",
        "father, lives elsewhere",
        "21 years",
        born_on=date(2005, 8, 2),
        nhs_number="9990000026",
        holds_parental_responsibility=False,
        lives_here=False,
    ),
    PrintedPerson(
        BABY,
        SubjectKind.BABY,
        "Zofia Nowak",
        "Zofia",
        "baby",
        "5 months 3 days",
        "3 months 20 days corrected",
        born_on=date(2026, 6, 18),
        nhs_number="9990000034",
    ),
)

STORY = (
    "Amina met me at the door with Zofia awake in her arms. We sat in the kitchen, where it was warm. She had made a "
    "list of things to ask and went through it herself, one by one.\n"
    "She told me about the night: Zofia woke four times, and by the third time Amina felt she could not do it again. "
    "She put Zofia down in the cot, went into the hall, counted to sixty and came back. We talked about how that was "
    "the safe thing to do, and about who could come at two in the morning if it happens again.\n"
    "<mum> said no to the offer of a night nurse & laughed; her words are below."
)  # fmt: skip


def a_short_document() -> VisitDocument:
    """A visit with hardly anything in it."""
    return VisitDocument(
        family_name="Nowak",
        people=PEOPLE,
        nurse="Ruth Ellison",
        nurse_role="Family nurse",
        started_at=datetime(2026, 11, 21, 10, 5, tzinfo=UTC),
        outcome="Completed",
        sections=(Section(SectionKind.NARRATIVE, "What happened", (Narrative("We met and talked."),)),),
        state=NoteState.SIGNED,
        signature=Signature("Ruth Ellison", "Family nurse", datetime(2026, 11, 21, 11, 30, tzinfo=UTC)),
        content_hash="3f9a12cc88e04d7b" * 4,
        printed_by="Ruth Ellison",
        printed_at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        is_practice=True,
    )


def a_long_document() -> VisitDocument:
    """A visit with every kind of line, every script, restricted parts, addenda and both signatures."""
    return replace(
        a_short_document(),
        ended_at=datetime(2026, 11, 21, 11, 2, tzinfo=UTC),
        place="Home",
        present=("Amina (mother)", "Zofia (baby)", "Danuta (grandmother, part of the visit)"),
        baby_seen="Seen awake, undressed and weighed",
        phase="Infancy, visit 9",
        sections=_sections(),
        plan=(
            PlanItem("Danuta comes on two nights a week", "Amina and Danuta", date(2026, 11, 24), agreed=True),
            PlanItem("Try the bath before the last feed, and tell Ruth how it went", "Amina", agreed=True),
            PlanItem("Ask the health visitor clinic about the weight check", "Ruth", date(2026, 11, 27), agreed=True),
            PlanItem("Discuss the X1 observation at supervision", "Ruth", date(2026, 11, 26)),
        ),
        next_visit=NextVisit(date(2026, 12, 5), time(10, 0)),
        addenda=_addenda(),
        state=NoteState.COUNTERSIGNED,
        signature=Signature(
            "Ruth Ellison", "Family nurse", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), is_late=True,
            late_reason="called to another family; notes taken by hand at the time",
        ),
        countersignature=Signature("Olwen Pryce", "Supervisor", datetime(2026, 11, 24, 14, 10, tzinfo=UTC)),
        questionnaires=("visit-narrative 1.0", "observation-in 1.0", "phq-9 1.0"),
        printed_for="Dr Hale, GP",
    )  # fmt: skip


def a_struck_document() -> VisitDocument:
    """The long visit, entered in error."""
    strike = Strike("Written for the wrong family", "Ruth Ellison", datetime(2026, 11, 25, 8, 15, tzinfo=UTC))
    return replace(a_long_document(), strike=strike, state=NoteState.IN_ERROR)


def _sections() -> tuple[Section, ...]:
    return (
        Section(
            SectionKind.NARRATIVE,
            "What happened",
            (
                Narrative(STORY, "What happened"),
                Narrative("“I counted to sixty and then I wanted her back.”", "In her own words"),
                Narrative("Danuta says that Zofia cries less with her.", "What was reported to me"),
                Narrative("Amina is tired and is finding her way. My view: safe, and asking for help.", "My view"),
                Answer("Engagement", "5 of 5"),
                Answer("Interpreter", "", unanswered=True),
                Heading("Said in other languages"),
                *(Answer(script, words) for script, words in SCRIPTS.items()),
                Answer("Both ways in one line", "She said مرحبا بكم to Zofia, and नमस्ते to me."),
            ),
        ),
        Section(SectionKind.OBSERVATION, "Relationship observation, 3 to 9 months", _observation(), ABOUT_BABY, MOTHER),
        Section(
            SectionKind.CONCERNS,
            "Concern markers",
            (
                Concern(
                    "X1", "Baby awake and well but hard to reach", "seen once", "Looked past us for ten minutes or so",
                    "level 2: supervision within seven days", "Offered a GP check; agreed to look again on 5 December",
                    "Olwen Pryce, 21 November", "open",
                ),
            ),
            ABOUT_BABY,
        ),
        Section(
            SectionKind.VOICE,
            "The baby's voice",
            (
                Voice(
                    "I like it when you sing the bus song. When you stop, I wait for you, and then I shout.",
                    "Zofia stilled, watched her mother's mouth and called out when the song ended.",
                    "Amina will leave a pause for her turn.",
                ),
            ),
            ABOUT_BABY,
        ),
        Section(
            SectionKind.HEALTH,
            "Health and growth",
            (
                Answer("Weight", "6,240 g", family_copy=True),
                Answer("Length", "61.5 cm", family_copy=True),
                Answer("Feeding", "Breast milk, and a bottle at night", family_copy=True),
                Answer("Immunisations", "Up to date for 5 months (counted from birth, not corrected)"),
            ),
            ABOUT_BABY,
            family_copy=True,
        ),
        Section(
            SectionKind.PARENTS,
            "Amina",
            (Narrative("CONFIDENTIAL-MOTHER: has restarted sertraline.", "Health"),),
            ABOUT_MOTHER,
        ),
        Section(SectionKind.SCREENING, "Screening", (_phq9(), _gad7()), ABOUT_MOTHER),
        Section(
            SectionKind.PARENTS,
            "Søren",
            (Narrative("CONFIDENTIAL-FATHER: is seeing a counsellor.", "Health"),),
            ABOUT_FATHER,
        ),
        Section(
            SectionKind.PARENTS,
            "Safe enquiry",
            (Answer("Do you feel safe?", "RESTRICTED-DISCLOSURE: not always"),),
            ABOUT_MOTHER,
            restricted=True,
        ),
        Section(
            SectionKind.TOPICS,
            "Topics and minutes",
            (
                Answer("Maternal role", "28 minutes"),
                Answer("Personal health", "12 minutes"),
                Answer("Family and friends", "10 minutes"),
                Narrative("Sleep, crying, the 2 a.m. plan, pausing for the baby's turn", "Topics"),
            ),
        ),
        Section(
            SectionKind.RISKS,
            "Risks and actions",
            (
                Narrative("Amina left the room for a minute with Zofia in the cot.", "Fact"),
                Narrative("She says it happened once.", "Reported"),
                Narrative("A protective step. Tiredness remains a risk.", "My analysis"),
                Narrative("Night help arranged; crisis line card given.", "Action"),
            ),
        ),
    )  # fmt: skip


def _observation() -> tuple[Strengths | Heading | ScaleItem | Remark | Answer, ...]:
    return (
        Strengths(
            (
                "Amina saw Zofia's yawn before anyone else did, and dimmed the light.",
                "Zofia turned to her mother's voice and her whole face opened.",
            )
        ),
        Answer("Baby's state", "Quiet alert, then drowsy"),
        Answer("How this family shows closeness", "Singing, in two languages, all day long"),
        Heading("Baby"),
        ScaleItem("IN1", "Smiles or brightens for this caregiver", Scale.SEEN),
        ScaleItem("IN3", "Recovers from upset with help", Scale.EMERGING, "With rocking and a second try, 11:20"),
        ScaleItem("IN4", "Looks around and explores from lap or mat", Scale.NO_OPPORTUNITY),
        Heading("Caregiver"),
        ScaleItem("IN6", "Follows what baby is looking at before adding something", Scale.SEEN, "The spoon, a bird"),
        ScaleItem("IN9", "Comments on baby's thoughts, likes, moods", Scale.SEEN),
        ScaleItem("IN12", "Own feelings are steady enough to stay with baby's distress", Scale.NOT_SEEN, "Left, 11:02"),
        Heading("Together"),
        ScaleItem(
            "IN13", "Shared laughter or gazing that goes back and forth three times or more", Scale.EMERGING,
            "Twice, while changing the nappy; both looked away when the door banged",
        ),
        ScaleItem("IN14", "Ups and downs are repaired", Scale.SEEN),
    )  # fmt: skip


def _phq9() -> Score:
    asked = (
        "Little interest or pleasure in doing things",
        "Feeling down, depressed, or hopeless",
        "Trouble falling or staying asleep, or sleeping too much",
        "Feeling tired or having little energy",
        "Poor appetite or overeating",
        "Feeling bad about yourself",
        "Trouble concentrating on things",
        "Moving or speaking slowly, or being restless",
        "Thoughts that you would be better off dead or of hurting yourself",
    )
    points = (1, 1, 3, 3, 1, 1, 1, 0, 0)
    words = ("Not at all", "Several days", "More than half the days", "Nearly every day")
    answers = tuple(ScoreAnswer(q, words[p], p) for q, p in zip(asked, points, strict=True))
    return Score("PHQ-9", 11, 27, 9, 9, "moderate", answers, "answered by Amina", "read out, in English")


def _gad7() -> Score:
    return Score("GAD-7", None, 21, 5, 7, "", (), "answered by Amina", "on paper")


def _addenda() -> tuple[Addendum, ...]:
    return (
        Addendum(
            "Ruth Ellison", "Family nurse", datetime(2026, 11, 23, 16, 5, tzinfo=UTC),
            text="Danuta telephoned: the first night went well.",
        ),
        Addendum(
            "Ruth Ellison", "Family nurse", datetime(2026, 11, 24, 9, 0, tzinfo=UTC), is_correction=True,
            about="Weight", old="6,240 g", new="6,420 g", reason="digits turned round", subject=ABOUT_BABY,
        ),
        Addendum(
            "Ruth Ellison", "Family nurse", datetime(2026, 11, 24, 9, 5, tzinfo=UTC),
            text="RESTRICTED-ADDENDUM about safety", subject=ABOUT_MOTHER, restricted=True,
        ),
        Addendum(
            "Ruth Ellison", "Family nurse", datetime(2026, 11, 24, 9, 6, tzinfo=UTC),
            text="The forms came back signed.", subject=THE_FAMILY,
        ),
    )  # fmt: skip
