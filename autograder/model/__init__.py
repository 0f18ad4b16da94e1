"""The nouns of grading: assignment, submission, limits, examination. Plain data; every other grading module uses them."""
