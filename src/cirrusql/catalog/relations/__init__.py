"""What has to do with what: parents that list keys, details, things that attach to things."""
