"""What a stack owns: its rows, their last applied values, and the journal of calls."""
