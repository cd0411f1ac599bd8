"""Where units of work run: a local process pool, or Ray."""
