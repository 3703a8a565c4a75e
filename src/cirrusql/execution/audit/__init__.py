"""The audit log of calls, without their secrets, and of logins."""
