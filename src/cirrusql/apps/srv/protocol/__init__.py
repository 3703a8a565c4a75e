"""PostgreSQL's wire protocol: messages, types, one client."""
