"""What gives a parameter its values: constants, other tables, parents."""
