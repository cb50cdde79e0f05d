"""The web administration at /admin: pages drawn by the server for administrators and auditors; no script, nothing clinical.

Belongs here: routes, forms, templates and the style sheet. Doesn't: what is done (that is `server.admin`, shared with the
command line), who may do it (`server.decision`), accounts and sessions (`server.accounts`, `server.sessions`).

Decisions:

* Context: an administrator's browser is the softest place of the service. Decision: pages without any script, under a policy that
  lets none run; every form carries a token of its session, comes from our own origin, and the cookie travels with no other site's
  request. Consequence: a page is drawn anew for each step, and what cannot be undone asks for the second factor again.
* Context: a mistake here must not open the record. Decision: the pages speak to the database as the serving role; the walls open to
  the hash of a live session and to nothing else, and never to what is written about a family. Consequence: an administrator reads
  numbers, names of colleagues and, if the service says so (`family_names`), the name a family goes by, because families have to be
  given to somebody; otherwise a short reference that is the end of its id.
* Context: a nurse's drafts move with her families, and no administrator may see them. Decision: the service hands them on by
  itself, as it does when a laptop pushes, after the administrator's transaction is over.
* Context: routes differ in words, not in kind. Decision: each page and each form is one value (`Page`, `Form`) naming its row
  in the table of operations; `office` alone deals with sessions, tokens, decisions, step-up and the log of deeds. Consequence:
  a page that forgets to ask does not exist.
"""
