"""What an API is, whoever describes it, and what a provider must give."""
