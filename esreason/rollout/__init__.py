"""Episodes of environments under a policy, and the transcripts they leave."""
