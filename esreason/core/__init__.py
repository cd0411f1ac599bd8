"""Tasks, environments, verdicts and the registry: the part that everything else stands on."""
