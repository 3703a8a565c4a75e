"""The prompt: lines in, statements out, and the commands that begin with a backslash.

Owns the terminal while it runs. Is handed an open session and settings; leaves flags to
``apps.cli``, running to ``session`` and printing rows to ``render``.
"""
