"""The command line: flags, files, terminals, exit statuses.

Composes the other apps into one command. Each subcommand is a module, loaded when it is
named. Leaves running statements to ``session`` and printing rows to ``render``.
"""
