"""What can be said of a search before it runs: quadratics in closed form, and forecasts from a ladder of probes."""
