"""BEGIN to COMMIT: the transaction's journal, undo, and recovery after a crash."""
