"""The tables, columns and methods, inferred from an API's own model. Pure."""
