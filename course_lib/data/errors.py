"""What goes wrong with data, in one line each."""


class DataError(RuntimeError):
    """Data that cannot be used; the message is one line that says what is wrong and what to do."""


class DataUnavailable(DataError):
    """Data that are not on this machine and cannot be fetched now; the message names the generated stand-in."""
