"""pg_catalog and information_schema as PostgreSQL's clients expect them."""
