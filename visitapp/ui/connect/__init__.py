"""Connecting a record that has lived on this laptop only to its service; the first start has a page of its own for it."""
