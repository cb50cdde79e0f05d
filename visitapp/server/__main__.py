"""`python -m visitapp.server` is `visitapp serve`."""

import sys

from visitapp.server.door import serve

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:]))
