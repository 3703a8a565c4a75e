"""From a response's shape to rows and columns."""
