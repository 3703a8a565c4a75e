"""Where each column of a row is written: the operation and the place in its request."""
