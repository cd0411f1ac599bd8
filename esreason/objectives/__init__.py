"""What the fitness of a population member is."""
