"""Relations between operations and resources: parents that list keys, details, attachments."""
