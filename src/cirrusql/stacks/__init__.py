"""Stacks: desired state in SQL. ``stacks.stack`` opens one; see the README."""
