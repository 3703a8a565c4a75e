"""Access to the parts of a response in XML, JSON and CBOR."""
