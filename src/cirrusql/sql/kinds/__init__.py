"""One module for each kind of statement that is not a query."""
