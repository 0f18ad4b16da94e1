"""`course grade`: the batch, its worker processes, and what makes it go on where it was stopped."""
