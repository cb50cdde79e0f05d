"""The server's schema, step by step; run by the owner of the tables, never by the role that serves."""
