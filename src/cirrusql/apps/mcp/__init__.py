"""The MCP server: what ``cirrusql mcp`` runs. Only the command knows click.

``tools`` does the work in a session, independently of MCP; ``mcp_server`` offers it as tools,
resources and prompts; ``http_server`` serves that on loopback, protected by a token.
"""
