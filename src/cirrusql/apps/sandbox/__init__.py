"""The sandbox: an AWS of one's own on loopback.

Owns the emulator process (``emulator``), its life seen from outside (``sandbox``), and how it
is filled from SQL (``seed``). Leaves flags and messages to ``apps.cli``.
"""
