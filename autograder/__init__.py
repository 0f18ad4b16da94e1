"""Build, check, grade and report the units of the course. Knows course_lib only through `course_lib.checks`."""

import sys

# jsonschema, which nbformat imports, builds a grammar of internationalised addresses when it is loaded, for a check
# that no notebook needs: 1.5 s of every process that grades. None makes that import fail, which jsonschema allows for.
sys.modules.setdefault("rfc3987_syntax", None)
