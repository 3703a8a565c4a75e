"""The sandbox: a simulated AWS on loopback.

Owns the emulator process (``emulator``), its control by the owner (``sandbox``), and filling it
from SQL (``seed``). Leaves flags and messages to ``apps.cli``.
"""
