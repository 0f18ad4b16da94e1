"""Typed views of the registered sets, one file per set. Use them through `course_lib.data`."""
