"""SET: what each column's value becomes, and which operation takes it."""
