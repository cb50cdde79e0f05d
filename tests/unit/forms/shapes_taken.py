"""What questionnaires in the world contain and what is to be taken, one shape each, in our own words."""

from tests.unit.forms.shapes import (
    CORE,
    SDC,
    UCUM,
    Json,
    coded,
    context,
    control,
    core,
    form,
    item,
    path,
    said,
    sdc,
    variable,
    when,
)

PATIENT = context({"valueCoding": {"system": "urn:launch", "code": "patient"}}, "Patient")
YES_NO = {"answerValueSet": "http://terminology.hl7.org/ValueSet/expandedYesNoIndicator"}

TAKEN: dict[str, Json] = {
    "no status, url, title or text": {
        "resourceType": "Questionnaire",
        "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "string"}]}],
    },
    "nothing but a name": {"resourceType": "Questionnaire", "status": "draft", "name": "Empty"},
    "an answer of a query is looked at": form(
        item("q", "choice", path("answerExpression", "%found.expansion.contains")),
        item("r", "string", path("initialExpression", "%found.entry.resource.first().id")),
        item("s", "decimal", path("calculatedExpression", "%found.total * 2")),
        item("t", "decimal", path("enableWhenExpression", "%found.total > 2")),
        extension=[variable("found", "https://tx.example/ValueSet/$expand?url=urn:x", "application/x-fhir-query")],
    ),
    "cql": form(
        item("q", "decimal", sdc("calculatedExpression", "valueExpression", said("Total", language="text/cql-identifier"))),
        item("r", "decimal", sdc("initialExpression", "valueExpression", said('"Lib".Total', language="text/cql"))),
        extension=[core("cqf-library", "valueCanonical", "http://example.org/Library/score|1.0")],
    ),
    "an expression elsewhere": form(
        item("q", "decimal", sdc("calculatedExpression", "valueExpression", {"language": "text/cql", "reference": "urn:lib"}))
    ),
    "names of other expressions": form(
        item("a", "integer"),
        item("b", "integer", path("calculatedExpression", "%resource.item.where(linkId='a').answer.value + 1", "varB")),
        item("c", "integer", path("calculatedExpression", "%varB + %varE")),
        extension=[variable("varE", "%varD + 1"), path("calculatedExpression", "3", "varD")],
    ),
    "names with hyphens, and differences": form(
        item("a", "boolean"),
        item("b", "integer", path("calculatedExpression", "%high-%low")),
        item("c", "boolean", path("calculatedExpression", "%a-safe or %`q1-yes`.exists() or %high-1 > 3")),
        extension=[
            variable("high", "7"),
            variable("low", "2"),
            variable("q1-yes", "%resource.item.where(linkId='a').answer.value"),
            variable("a-safe", "iif(%q1-yes.exists(), %q1-yes, false)"),
        ],
    ),
    "hosts' own names": form(
        item("a", "string", path("initialExpression", "%patient.name.first().given.first()")),
        item("b", "string", path("initialExpression", "%user.name.first().family")),
        item("c", "string", path("initialExpression", "%encounter.id | %ehr.x | %`ext-y`.value")),
        item("d", "choice", path("answerExpression", "%terminologies.expand('urn:vs').expansion.contains")),
        item("e", "string", path("calculatedExpression", "%factory.Coding('urn:s', 'c').code")),
    ),
    "launch contexts of every age": form(
        item("a", "string", path("initialExpression", "%LaunchPatient.id | %user.id | %p.id | %practitioner.id")),
        extension=[
            context({"valueId": "LaunchPatient"}, "Patient"),
            context({"valueCoding": {"code": "user"}}, "Practitioner", "RelatedPerson"),
            context({"valueCode": "practitioner"}, "Practitioner"),
            context({"valueString": "p"}, "Patient"),
        ],
    ),
    "population by query": form(
        item(
            "g",
            "group",
            sdc(
                "itemPopulationContext",
                "valueExpression",
                said("Condition?patient={{%patient.id}}", "C", "application/x-fhir-query"),
            ),
            item=[item("g.1", "string", path("initialExpression", "%C.code.text"))],
            repeats=True,
        ),
        item("m", "group", path("itemPopulationContext", "%patient.contact", "one"), item=[item("m.1", "string")]),
        extension=[PATIENT, sdc("sourceQueries", "valueReference", {"reference": "#Batch"})],
        contained=[{"resourceType": "Bundle", "id": "Batch", "type": "batch"}],
    ),
    "two totals in one group, by a way through it": form(
        item(
            "g",
            "group",
            item=[
                item("g.1", "integer"),
                item(
                    "g.2",
                    "integer",
                    path("calculatedExpression", "%resource.item.where(linkId='g').item.where(linkId='g.1').answer.value"),
                ),
                item(
                    "g.3",
                    "integer",
                    path("calculatedExpression", "%resource.item.where(linkId='g').item.where(linkId='g.2').answer.value + 1"),
                ),
            ],
        )
    ),
    "modular": form(
        item("sub", "display", sdc("subQuestionnaire", "valueCanonical", "http://example.org/Questionnaire/sub|1")),
        item(
            "q", "string", path("calculatedExpression", "%linkPrefix + %age"), enableWhen=[when("q0", "exists", answerBoolean=True)]
        ),
        extension=[
            sdc("assembledFrom", "valueCanonical", "http://example.org/Questionnaire/root|1"),
            sdc("assemble-expectation", "valueCode", "assemble-child"),
            sdc("assembleContext", "valueString", "linkPrefix"),
            sdc("assembleContext", "valueString", "age"),
        ],
    ),
    "extraction by template and definition": form(
        item(
            "p",
            "group",
            {
                "url": SDC + "sdc-questionnaire-templateExtract",
                "extension": [
                    {"url": "template", "valueReference": {"reference": "#t"}},
                    {"url": "fullUrl", "valueString": "%NewId"},
                ],
            },
            item=[item("p.1", "string", definition="http://hl7.org/fhir/StructureDefinition/Patient#Patient.birthDate")],
        ),
        item("r", "string", sdc("isSubject", "valueBoolean", True), definition="http://example.org/SD#a.b:c"),
        extension=[sdc("extractAllocateId", "valueString", "NewId"), sdc("targetStructureMap", "valueCanonical", "urn:map")],
        contained=[
            {"resourceType": "Patient", "id": "t", "_birthDate": {"extension": [sdc("templateExtractValue", "valueString", "x")]}}
        ],
    ),
    "value sets elsewhere": form(
        item("a", "choice", **YES_NO),
        item("b", "open-choice", sdc("preferredTerminologyServer", "valueUrl", "https://tx.example"), answerValueSet="urn:vs|2"),
        item("c", "choice", control("autocomplete"), answerValueSet="#filtered"),
        item("d", "quantity", core("questionnaire-unitValueSet", "valueCanonical", "urn:units")),
        item("e", "choice", answerValueSet="#missing"),
        contained=[
            {
                "resourceType": "ValueSet",
                "id": "filtered",
                "compose": {
                    "include": [
                        {"system": "http://snomed.info/sct", "filter": [{"property": "concept", "op": "is-a", "value": "1"}]}
                    ]
                },
            }
        ],
    ),
    "every decoration": form(
        item(
            "g",
            "group",
            control("gtable"),
            sdc("collapsible", "valueCode", "default-closed"),
            repeats=True,
            item=[
                item("g.1", "string", sdc("width", "valueQuantity", {"value": 30, "system": UCUM, "code": "%"})),
                item(
                    "g.2",
                    "choice",
                    sdc("choiceColumn", "valueX", None),
                    sdc("columnCount", "valuePositiveInt", 2),
                    answerOption=coded("a"),
                ),
            ],
        ),
        item(
            "h",
            "choice",
            sdc("shortText", "valueString", "H"),
            control("lookup"),
            sdc("lookupQuestionnaire", "valueCanonical", "urn:q"),
        ),
        item("i", "choice", sdc("openLabel", "valueString", "Other…"), answerOption=coded("a", "b")),
        item(
            "j",
            "reference",
            core("questionnaire-referenceFilter", "valueString", "active=true"),
            core("questionnaire-referenceProfile", "valueCanonical", "urn:p"),
            sdc("referenceResource", "valueCode", "Patient"),
        ),
        item("k", "attachment", sdc("itemAnswerMedia", "valueAttachment", {"url": "http://example.org/x.png"})),
        item(
            "l",
            "string",
            core("questionnaire-usageMode", "valueCode", "capture-display"),
            core("questionnaire-signatureRequired", "valueCodeableConcept", {}),
        ),
        item(
            "m",
            "date",
            core("questionnaire-fhirType", "valueString", "instant"),
            core("questionnaire-baseType", "valueCode", "date"),
        ),
        item(
            "n",
            "display",
            sdc("optionalDisplay", "valueBoolean", True),
            core("questionnaire-displayCategory", "valueCodeableConcept", {"text": "x"}),
        ),
        extension=[
            sdc("entryMode", "valueCode", "sequential"),
            sdc("performerType", "valueCode", "Patient"),
            sdc("endpoint", "valueUri", "urn:e"),
        ],
    ),
    "options of every type": form(
        item("a", "choice", answerOption=[{"valueInteger": 1}, {"valueInteger": 2, "initialSelected": True}]),
        item("b", "choice", answerOption=[{"valueDate": "2020-01-01"}, {"valueTime": "10:00:00"}, {"valueString": "x"}]),
        item("c", "choice", answerOption=[{"valueReference": {"reference": "Patient/1", "display": "One"}}]),
        item("d", "integer", answerOption=[{"valueInteger": 1}]),
        item("e", "string", answerOption=[{"valueString": "x"}]),
        item("f", "choice", answerOption=[{"valueCoding": {"display": "No code"}}, {"valueCoding": {"code": "1"}}]),
        item("g", "choice", repeats=True, answerOption=[*coded("a", "b"), {"valueCoding": {"code": "n"}, "initialSelected": True}]),
    ),
    "initial values of every type": form(
        item("a", "choice", initial=[{"valueCoding": {"code": "a", "system": "urn:codes"}}], answerOption=coded("a")),
        item(
            "b",
            "choice",
            repeats=True,
            initial=[{"valueCoding": {"code": "a"}}, {"valueCoding": {"code": "b"}}],
            answerOption=coded("a", "b"),
        ),
        item("c", "date", initial=[{"valueDate": "2020-02"}]),
        item("d", "quantity", initial=[{"valueQuantity": {"code": "kg", "system": UCUM, "unit": "kg"}}]),
        item("e", "boolean", initial=[{"valueBoolean": False}]),
        item("f", "decimal", initial=[{"valueDecimal": 1.50}]),
    ),
    "conditions on every type": form(
        *(
            item(kind, kind)
            for kind in ("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "quantity")
        ),
        item("choice", "choice", answerOption=coded("a", "b")),
        item("1", "string", enableWhen=[when("boolean", "!=", answerBoolean=True), when("decimal", ">=", answerDecimal=1.5)]),
        item(
            "2",
            "string",
            enableWhen=[when("date", "<", answerDate="2020-01-01"), when("time", ">", answerTime="10:00:00")],
            enableBehavior="any",
        ),
        item("3", "string", enableWhen=[when("quantity", ">", answerQuantity={"value": 3, "code": "kg", "system": UCUM})]),
        item("4", "group", enableWhen=[when("choice", "=", answerCoding={"code": "a"})], item=[item("4.1", "display")]),
        item("5", "string", enableWhen=[when("choice", "exists", answerBoolean=False)]),
    ),
    "markup of every kind": form(
        item(
            "a",
            "display",
            _text={"extension": [core("rendering-xhtml", "valueString", "<div>b<button>x</button><img src='#i'/><br>")]},
        ),
        item(
            "b",
            "display",
            _text={"extension": [core("rendering-markdown", "valueMarkdown", "---\n\n| a | b |\n|---|---|\n| 1 | 2 |")]},
        ),
        item(
            "c",
            "choice",
            answerOption=[
                {"valueString": "x", "_valueString": {"extension": [core("rendering-xhtml", "valueString", "<b>x</b>")]}}
            ],
        ),
        item("d", "string", _prefix={"extension": [core("rendering-style", "valueString", "color:red")]}, prefix="1."),
        contained=[{"resourceType": "Binary", "id": "i", "contentType": "image/png", "data": "iVBORw0KGgo="}],
    ),
    "translations": form(
        item(
            "a",
            "choice",
            answerOption=coded("a"),
            _text={
                "extension": [
                    {
                        "url": CORE + "translation",
                        "extension": [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": "Testun"}],
                    }
                ]
            },
        ),
        _title={
            "extension": [
                {
                    "url": CORE + "translation",
                    "extension": [{"url": "lang", "valueCode": "nb-NO"}, {"url": "content", "valueString": "T"}],
                }
            ]
        },
        title="T",
        language="en",
    ),
    "questions below questions below choices": form(
        item(
            "a",
            "choice",
            repeats=True,
            answerOption=coded("a", "b"),
            item=[item("a.1", "string", item=[item("a.1.1", "group", item=[item("a.1.1.1", "boolean")])])],
        ),
    ),
    "vendors' own": form(
        item(
            "a",
            "string",
            {"url": "http://helsenorge.no/fhir/StructureDefinition/sdf-guid", "valueString": "x"},
            {"url": "https://example.org/nested", "extension": [{"url": "a", "extension": [{"url": "b", "valueCode": "c"}]}]},
        ),
        item("b", "string", {"url": "relative-url", "valueString": "x"}, {"valueString": "no url at all"}, code=[{"code": "1"}]),
        meta={"profile": ["http://example.org/p"], "tag": [{"code": "lformsVersion: 29.0.0"}]},
        useContext=[],
        contact=[{"name": "x"}],
        derivedFrom=["urn:other"],
        date="2020",
        effectivePeriod={"start": "2020-01-01"},
        identifier=[{"value": "1"}],
    ),
    "weights": form(
        item("a", "choice", answerOption=[{"valueCoding": {"code": "1"}, "extension": [core("ordinalValue", "valueDecimal", 2)]}]),
        item("b", "choice", answerOption=[{"valueCoding": {"code": "1", "extension": [core("itemWeight", "valueDecimal", 2)]}}]),
        item(
            "t", "decimal", path("calculatedExpression", "%questionnaire.item.where(linkId='a').answerOption.count() + %any.sum()")
        ),
        item("u", "integer", path("calculatedExpression", "%resource.item.answer.value.ordinal().sum()"), readOnly=True),
        item("v", "integer", path("calculatedExpression", "%qitem.code.count() + %context.answer.count()")),
        extension=[variable("any", "%resource.item.where(linkId='a' or linkId='b').answer.value.weight()")],
    ),
    "constraints": form(
        item(
            "a",
            "string",
            {
                "url": CORE + "questionnaire-constraint",
                "extension": [
                    {"url": "key", "valueId": "k"},
                    {"url": "severity", "valueCode": "error"},
                    {"url": "human", "valueString": "H"},
                    {"url": "expression", "valueString": "%resource.item.where(linkId='a').answer.value.matches('^[a-z]+$')"},
                ],
            },
        ),
        item(
            "b",
            "string",
            {
                "url": CORE + "targetConstraint",
                "extension": [
                    {"url": "key", "valueId": "k2"},
                    {"url": "severity", "valueCode": "warning"},
                    {"url": "human", "valueMarkdown": "H"},
                    {"url": "expression", "valueExpression": said("answer.value.length() > 2")},
                ],
            },
        ),
    ),
    "dynamic required and read-only": form(
        item("a", "boolean"),
        item(
            "b",
            "string",
            _required={
                "extension": [
                    core("cqf-expression", "valueExpression", said("%resource.item.where(linkId='a').answer.value = true"))
                ]
            },
        ),
        item(
            "c",
            "string",
            readOnly=False,
            _readOnly={
                "extension": [
                    core("cqf-expression", "valueExpression", said("%resource.item.where(linkId='a').answer.value = true"))
                ]
            },
        ),
    ),
    "comments beside elements": form(
        item("a", "string", _linkId={"id": "x"}),
        fhir_comments=["from DSTU2"],
        _url={"extension": [{"url": "urn:x", "valueCode": "y"}]},
    ),
    "contained without sense": form(
        item("a", "choice", answerValueSet="#x"), contained=[{"resourceType": "ValueSet"}, "text", None, {"id": 5}]
    ),
    "limits that are words": form(
        item("a", "integer", core("minValue", "valueInteger", 1), core("maxValue", "valueDate", "2020-01-01")),
        item(
            "b",
            "date",
            {"url": CORE + "maxValue", "_valueDate": {"extension": [core("cqf-expression", "valueExpression", said("today()"))]}},
        ),
        item("c", "string", core("regex", "valueString", "^(?=.*[A-Z])[\\p{L} ]{1,20}$"), maxLength=5),
        item(
            "d",
            "decimal",
            core("maxDecimalPlaces", "valueInteger", 2),
            core("questionnaire-unit", "valueCoding", {"display": "words"}),
        ),
        item("e", "integer", control("slider"), core("questionnaire-sliderStepValue", "valueInteger", 0)),
        item("f", "integer", control("slider"), core("minValue", "valueInteger", 10), core("maxValue", "valueInteger", 5)),
    ),
    "a table of choices with a question that is none": form(
        item("t", "choice", control("table"), answerOption=coded("a"), repeats=False),
        item(
            "g",
            "group",
            control("table"),
            item=[
                item("g.1", "choice", answerOption=coded("a", "b")),
                item("g.2", "choice", answerOption=coded("a", "c")),
                item("g.3", "string"),
            ],
        ),
        item(
            "h",
            "group",
            control("htable"),
            repeats=True,
            item=[item("h.1", "date"), item("h.2", "group", item=[item("h.2.1", "time")])],
        ),
        item("l", "group", control("list"), item=[item("l.1", "choice", repeats=True, answerOption=coded("a"))]),
    ),
}
