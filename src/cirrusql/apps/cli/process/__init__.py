"""The command's own process: how it starts and exits, its signals and standard streams."""
