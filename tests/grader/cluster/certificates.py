"""A certificate authority of the test, and certificates that it has signed, or has not."""

import subprocess
from pathlib import Path


def make(folder: Path) -> Path:
    """Write ca.pem, node.pem, node.key and stranger.pem, stranger.key (signed by nobody else) into `folder`."""
    folder.mkdir(parents=True)
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run([*new, "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"], folder)
    run([*new, "-subj", "/CN=stranger", "-keyout", "stranger.key", "-out", "stranger.pem"], folder)
    run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=node", "-keyout", "node.key",
         "-out", "node.csr"], folder)
    run(["openssl", "x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
         "-days", "2", "-out", "node.pem"], folder)
    return folder


def run(command: list[str], folder: Path) -> None:
    """Run a program in `folder`; its words only if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
