"""The prompt: reads statements and backslash commands, runs them, shows results.

Owns the terminal while it runs. Gets an open session and settings; leaves flags to ``apps.cli``,
running to ``session`` and printing rows to ``render``.
"""
