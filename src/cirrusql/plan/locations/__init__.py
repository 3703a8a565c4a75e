"""The regions, accounts and connections in which joined tables are read."""
