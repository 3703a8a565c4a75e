"""How fast calls are made, when they are made again, and whose turn it is."""
