"""The PostgreSQL server: what ``cirrusql srv`` runs. Only the command knows click.

From the socket inwards: ``listener`` accepts and limits, ``greeting`` does TLS and authentication,
``client_connection`` speaks the protocol, ``worker`` runs statements in the session's own thread,
``data_rows`` converts Arrow to bytes, ``pg_catalog`` answers table browsers.
"""
