"""From an answer's shape to rows and columns."""
