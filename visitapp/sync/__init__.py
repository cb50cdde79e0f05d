"""Brings record and server together in the background: signed requests, one exchange at a time, and a state that can be shown.

Belongs here: the way over HTTP, the order of pushing and pulling, when to try again. Doesn't: what a receipt or a page means for
the record (`store/settlement.py`, `store/incoming.py`), who wins (`protocol/rules.py`), keys (a function that signs is handed in),
Qt.

Decisions:

* Context: the network goes at any byte. Decision: every step is one transaction of the record; what is sent was frozen by one
  before, and a request that runs ahead of an answer not yet taken in asks only what that answer cannot change. Consequence: an
  exchange can stop anywhere and the next one goes on from there; nothing has to be undone.
* Context: an answer may get lost after the server has carried out what was asked. Decision: changes are frozen before they leave
  and keep their names. Consequence: sending again is harmless, and gets the same receipts.
* Context: a batch's changes are spread over the whole file, so taking in one answer writes most of its pages. Decision: on a quick
  line up to four answers are taken in by one transaction, on a slow one each by its own. Consequence: the commits of a
  push cost half (measured); after a crash in the middle up to four batches are sent again, under their old names.
* Context: most exchanges find nothing. Decision: one small request with a fingerprint of all cursors comes first. Consequence: its
  cost does not grow with the caseload.
* Context: a server or a laptop may be put back to an older state. Decision: a scope that differs is compared record by record,
  and only then pulled from the start; what the server lost is handed in again under its old name; after a restore nothing is purged
  on the word of its list. Consequence: one mechanism repairs restored servers, restored laptops, clones and bugs.
"""
