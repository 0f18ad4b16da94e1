"""Self-contained HTML pages that can run nothing, whatever the text on them: used by feedback, report, similarity."""
