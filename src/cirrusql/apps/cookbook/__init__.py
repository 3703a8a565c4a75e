"""Questions that people ask of their clouds, each with the SQL that answers it."""
