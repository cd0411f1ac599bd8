"""Evolution strategies: noise, shaping, strategies, exact updates, the seed log, the trainer."""
