"""Which operations and columns hold credentials and other secrets."""
