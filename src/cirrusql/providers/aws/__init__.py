"""Amazon Web Services: requests, signatures, credentials, accounts and regions."""
