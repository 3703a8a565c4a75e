"""BEGIN to COMMIT: the queue's journal, undo, and recovery after a crash."""
