"""Rules for writes: the operations, the identity of the row, how many resources, dangers, and
reported failures."""
