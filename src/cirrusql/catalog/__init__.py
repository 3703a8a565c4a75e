"""Which tables there are, with their columns and methods:
inferred from what an API says of itself. Pure."""
