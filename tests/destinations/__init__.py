"""Other destinations than DuckDB: PostgreSQL with a server of its own, and those that are refused or only planned."""
