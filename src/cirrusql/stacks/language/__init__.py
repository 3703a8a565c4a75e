"""The statements of a stack's files, and the folder that they are in."""
