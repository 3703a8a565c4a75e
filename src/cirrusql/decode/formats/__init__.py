"""How the parts of an answer are reached in XML, JSON and CBOR."""
