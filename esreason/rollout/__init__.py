"""Episodes: a policy's text in, environments' verdicts out."""
