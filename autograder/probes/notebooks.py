"""The kernel and nbgrader's part of JupyterLab."""

import importlib.util
import shutil
import sys
from pathlib import Path

from autograder.probes.finding import Finding, install, this_python


def jupyter() -> list[Finding]:
    """A kernel that starts this very Python, and nbgrader's Validate button in JupyterLab."""
    return [_kernel(), _validate_button()]


def _kernel() -> Finding:
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except Exception as error:  # jupyter_client raises NoSuchKernel, or is itself missing
        return Finding("Jupyter kernel", "fail", f"no kernel python3 ({type(error).__name__})", install("ipykernel"))
    path = shutil.which(program)
    if program in ("python", "python3") or path == sys.executable:
        return Finding("Jupyter kernel", "ok", "python3, this environment")
    if path is None:
        return Finding("Jupyter kernel", "fail", f"kernel python3 starts {program}, which is gone",
                       f"{this_python()} -m ipykernel install --sys-prefix")
    return Finding("Jupyter kernel", "warn", f"kernel python3 starts {program}, not this Python",
                   f"{this_python()} -m ipykernel install --sys-prefix")


def _validate_button() -> Finding:
    mend = install("nbgrader", "jupyterlab")
    for name in ("jupyterlab", "nbgrader"):
        if importlib.util.find_spec(name) is None:
            return Finding("nbgrader in JupyterLab", "fail", f"{name} is not installed", mend)
    share = Path(sys.prefix, "share/jupyter/labextensions/@jupyter/nbgrader/package.json")
    config = Path(sys.prefix, "etc/jupyter/jupyter_server_config.d/nbgrader.json")
    if share.exists() and config.exists():
        return Finding("nbgrader in JupyterLab", "ok", "Validate and formgrader are there")
    return Finding("nbgrader in JupyterLab", "warn", "no Validate button: its extension is not installed here", mend)
