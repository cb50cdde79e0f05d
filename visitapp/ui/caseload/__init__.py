"""The Caseload screen: one table that answers "whom have I not seen?"."""
