"""Answers in another process, reached by data only: the codec, the loop beside the student's code, the stand-ins."""
