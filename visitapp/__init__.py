"""visitapp: the visit record of family nurses, offline on her laptop, encrypted, signed, synced and reviewed.

The floors of the house, lowest first: `domain` and `forms` know neither Qt, SQL nor HTTP; `protocol` is what client and
server say to each other; `growth`, then `vault`, `store`, `reports`, `interop` and `config` are strangers on one floor;
`sync` rests on them; `actions` holds everything a user can do; `ui` is the only package that knows Qt; `desktop.py` wires
the client; `server` is the central service and never meets the client. README lists the decisions.
"""

__version__ = "0.1.0"
