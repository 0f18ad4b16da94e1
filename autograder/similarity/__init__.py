"""Which answers of a class are more alike than chance explains: a hint for a person, never a verdict."""
