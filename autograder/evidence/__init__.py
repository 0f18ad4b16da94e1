"""What was graded, with what, and what came of it: a record per submission, in a chain that shows every change."""
