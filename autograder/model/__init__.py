"""The nouns of grading: assignment, submission, limits, examination. Plain data that every other module uses."""
