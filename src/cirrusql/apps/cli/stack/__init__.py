"""``cirrusql stack``: its subcommands, one a module."""
