"""The leaderboard of a unit: what the trained models of a class reached on data that nobody had seen."""
