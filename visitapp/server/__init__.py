"""The central service: takes what laptops push, gives each user what her grants allow, and keeps every version.

Belongs here: HTTP, sign-in, access, the exchange of records, the server's tables and migrations, the embedded PostgreSQL and the
administrator's commands. Doesn't: anything of the client; the two meet only in `protocol`, `forms` and `domain`.

Decisions:

* Context: a nurse's families must stay hers even if a query is wrong. Decision: every scope a user holds is a row in
  `assignment`; row-level security, forced on every table, asks only "is this scope in my assignments". Consequence: the serving
  role owns nothing and the application cannot start with one that does; forgetting to say who asks yields no rows.
* Context: assignments end by the clock, not by an event. Decision: a caseload's version is a hash of the list as it stands.
  Consequence: no counter to bump, and an ended assignment shows at the next pull.
* Context: a body is written once and mostly never again. Decision: `rec` holds the newest version with its origin; `hist` receives
  a version when it is superseded, and every text that lost a conflict. Consequence: one write per record instead of two, and the
  whole history is the two tables together.
* Context: administration and migrations need an owner. Decision: the owner, too, is under forced row-level security and sees
  rows only after saying so in its transaction (`visitapp.purpose`). Consequence: a stray view or script of the owner leaks nothing.
* Context: a laptop that is lost cannot be reached, and one that is found may hold the only copy of a note. Decision: what the
  service asks of laptops are signed papers that come with an answer (a lease in a greeting, an order to wipe in a refusal); one
  that is to be wiped may still hand in, and gets nothing; what it could not send comes sealed to a key derived from the service's
  own. Consequence: no second channel, and one key to keep.
"""
