"""Faster readers for simple responses. Each returns exactly what the general reader returns."""
