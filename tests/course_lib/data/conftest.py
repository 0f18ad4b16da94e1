"""A registry of small files, a server that misbehaves on demand, and an environment without the real data."""

import hashlib

import numpy as np
import pytest
from bad_server import Server

from course_lib.data import fetch

NAMES = ("a.bin", "sub folder/b, c (d).bin", "sub folder/it's.txt")


@pytest.fixture
def files() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    return {name: rng.bytes(100 + 50 * i) for i, name in enumerate(NAMES)}


@pytest.fixture
def server(files):
    server = Server(files)
    yield server
    server.close()


@pytest.fixture
def registry(tmp_path, files, server, monkeypatch):
    """The set `box` at `server`, an empty cache, no mirror, and little patience."""
    root = tmp_path / "registry"
    root.mkdir()
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    (root / "box.sha256").write_text("".join(lines))
    (root / "registry.toml").write_text(
        f'[box]\ntitle = "box"\nurl = "{server.url}"\nfolder = "box"\nfiles = {len(files)}\nbytes = 450\n'
        'licence = "CC0"\ncitation = "none"\nhomepage = "none"\ngenerated = "data.generate.box()"\n'
    )
    monkeypatch.setenv("COURSE_DATA_REGISTRY", str(root))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    monkeypatch.setattr(fetch, "PATIENCE", fetch.Patience(connect=1, silence=0.5, total=1.5, tries=3, pause=0.05))
    return root


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """The real registry, with neither cache nor mirror nor network."""
    monkeypatch.delenv("COURSE_DATA_REGISTRY", raising=False)
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
