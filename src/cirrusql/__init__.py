"""SQL over cloud APIs: SELECT reads live resources, INSERT, UPDATE and DELETE provision them.

Importing this loads nothing else; what a statement needs is loaded when it runs.
"""

__version__ = "0.1.0"
