"""A warm helper process for ``exec``: opt-in, one per user and environment of Python.

With ``CIRRUSQL_WARM=1`` a command is run by a copy (a fork) of a process that has the program
loaded already, since loading takes most of what a short statement costs. The helper itself runs no
statement, opens no connection and holds no credentials: each command has a process of its own, with
the caller's environment, folder and streams, and is gone when it ends.

``client`` is what the command does, ``helper`` the process that waits, ``protocol`` what both
agree on. Leaves what a command does to ``apps.cli``.
"""
