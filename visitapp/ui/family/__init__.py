"""The Family screen: who they are, what has been, what is due, and the pages that change what is known."""
