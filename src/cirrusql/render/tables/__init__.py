"""Formats that lay rows out for people to read: boxes, lines, Markdown, HTML."""
