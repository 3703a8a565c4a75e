"""Where each column of a row is written: by which operation, in which parameter."""
