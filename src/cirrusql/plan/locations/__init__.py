"""In which regions, accounts and connections joined tables are read."""
