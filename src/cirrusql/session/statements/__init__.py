"""Running one statement: what kind it is, its plan, and the kinds that change the session."""
