"""How operations behave: what an absent parameter means, what filters, what a write touches."""
