"""The leaderboard: record schema, statistics, submission, board."""
