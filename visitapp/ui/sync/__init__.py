"""The Sync screen: what is on this laptop only, on its way, received, and what needs a person."""
