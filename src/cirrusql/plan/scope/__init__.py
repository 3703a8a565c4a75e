"""What passes work on: the statement's SELECTs, names and texts."""
