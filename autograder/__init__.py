"""Build, check, grade and report the units of the course. Knows course_lib only through `course_lib.checks`."""
