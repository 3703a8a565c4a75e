"""Rows of common tables from INSERT to DELETE, against moto: see ``lifecycle.py``."""
