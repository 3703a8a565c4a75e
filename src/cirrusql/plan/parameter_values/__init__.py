"""Sources of parameter values: constants, other tables, parents."""
