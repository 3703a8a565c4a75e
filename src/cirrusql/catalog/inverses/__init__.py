"""What undoes a write, and how a thing is looked at afterwards."""
