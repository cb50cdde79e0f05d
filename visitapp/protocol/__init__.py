"""What client and server say to each other: messages, their form on the wire, and who wins when two of them disagree.

Belongs here: the frozen values that travel, their encoding and its limits, the digest of a scope, the rule table and
the text that a request's signature covers. Doesn't: tables, HTTP, keys, wording. Both sides import this package and
nothing of each other.

Decisions:

* Context: bodies are signed, and an old client must not destroy what a new one wrote. Decision: a body travels as one
  raw line, never re-serialised; only a `merged` verdict makes new bytes. Consequence: two lines per record, NDJSON in
  one zstd frame.
* Context: a record's hash is 32 bytes that do not compress. Decision: a feed carries its first 8 bytes; the receiver
  computes the whole hash from the body, compares the start and proves the rest through the scope's digest.
  Consequence: 5 % less to pull.
* Context: most syncs find nothing. Decision: a pull may carry one fingerprint of all cursors instead of the cursors;
  the server answers "same" or "differs". Consequence: nothing to do costs a few hundred bytes whatever the caseload's
  size.
"""
