"""The behaviour of operations: absent parameters, filters, page sizes, statuses."""
