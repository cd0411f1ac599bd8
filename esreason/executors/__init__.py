"""Where units run: processes of this machine, or Ray."""
