"""The MCP server: what ``cirrusql mcp`` runs. The command alone knows click.

``tools`` does the work in a session and knows no MCP; ``mcp_server`` offers it as tools,
resources and prompts; ``http_server`` serves that on loopback behind a token.
"""
