"""Whether submissions can be isolated here. Only a grader needs it, so nothing here is a failure."""

from autograder.probes.finding import Finding


def sandbox() -> list[Finding]:
    """Bubblewrap tried as the grader uses it; docker and podman, where they are installed or bubblewrap fails."""
    from autograder.sandbox import usable

    found = usable.fault("bwrap")
    if found is None:
        rows = [Finding("sandbox", "ok", "bubblewrap: namespaces, limits and a filter for each submission")]
    else:
        rows = [Finding("sandbox", "info", f"{found.seen} (only graders need it)", found.mend)]
    for level in ("docker", "podman"):
        other = usable.fault(level)
        if other is None:
            rows.append(Finding("sandbox", "info", f"{level} answers: --sandbox {level} is another way"))
        elif "not installed" not in other.seen:
            rows.append(Finding("sandbox", "info", other.seen, other.mend))
    return rows
