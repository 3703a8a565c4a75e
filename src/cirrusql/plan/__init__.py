"""Planning: from a statement to the calls that it needs. Pure: no I/O, no clock."""
