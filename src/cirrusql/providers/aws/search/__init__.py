"""AWS's data for search: all its tables, and the words that people use for them."""
