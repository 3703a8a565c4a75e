"""The ways in: each a program or library over a session.
None knows another, but the command line."""
