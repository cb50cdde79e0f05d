"""Everything a user can do, one function each, one file per subject.

Belongs here: an action (verb and noun) that runs in one transaction and is announced by the record's changes; and a
question that gathers what one screen shows. Does not belong here: widgets, wording, SQL, HTTP, clinical rules.

Decision: the first argument is always the `Desk`: record, clock, ids, who is signed in, questionnaires and programmes.
There is no service object between a presenter and an action. Consequence: the tour, the tests and the screens call the
very same functions, and what one of them does is done by all.
"""
