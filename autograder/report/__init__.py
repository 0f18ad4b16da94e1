"""One page on how a class did in a unit: scores, usual mistakes, times, and what a person should look at."""
