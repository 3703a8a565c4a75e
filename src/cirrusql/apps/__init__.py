"""Interfaces: each is a program or library over a session. None knows another, except the command
line."""
