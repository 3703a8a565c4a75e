"""What is written down of calls, without their secrets; who was let in."""
