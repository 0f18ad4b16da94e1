"""Solved notebooks in JupyterLab: opened from the percent source, saved back into it.

jupytext pairs a notebook with a script cell by cell. Our script holds fewer cells than the notebook, because header,
setup and footer are generated: jupytext alone opens the notebook without them. `course lab --teach` uses the class
below, which puts them in when a solved notebook is opened and leaves them out of the script when it is saved.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext.async_contentsmanager import AsyncTextFileContentsManager
from jupytext.combine import combine_inputs_with_outputs
from nbformat import NotebookNode, from_dict
from tornado.web import HTTPError

from autograder.build import PAIRING, solved_for_disk
from autograder.course import Course, Unit, find_root
from autograder.errors import CourseError
from autograder.files import write_all
from autograder.percent import write_cells
from autograder.source import source_text


class CourseContentsManager(AsyncTextFileContentsManager):
    """jupytext's contents manager, which knows the generated cells of solved notebooks."""

    async def get(
        self, path: str, content: bool = True, type: str | None = None, format: str | None = None,
        require_hash: bool = False, **options: Any,
    ) -> dict[str, Any]:
        """A file or folder; a solved notebook holds what a build of its source would, with the outputs of the disk."""
        unit = self._unit(path)
        if unit is None or type not in (None, "notebook"):
            options |= {"content": content, "type": type, "format": format, "require_hash": require_hash}
            return await super().get(path, **options)
        model = await AsyncLargeFileManager.get(self, path, content=content, type="notebook", require_hash=require_hash)
        if content:
            model["content"] = _fresh(unit, from_dict(model["content"]))
        return _stamped(model, unit)

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save; a solved notebook goes into its percent source too, without the generated cells."""
        unit = self._unit(path)
        if unit is None or model.get("type") != "notebook":
            return await super().save(model, path)
        try:
            write_all({unit.source: write_cells(from_dict(model["content"]).cells)})
        except CourseError as error:
            raise HTTPError(500, str(error)) from None
        return _stamped(await AsyncLargeFileManager.save(self, model, path), unit)

    def _unit(self, path: str) -> Unit | None:
        """The unit whose solved notebook `path` is."""
        file = Path(self._get_os_path(path.strip("/")))
        if file.suffix != ".ipynb" or file.parent.parent.name != "solutions":
            return None
        try:
            unit = Course.load(find_root(file.parent)).units.get(file.stem)
        except CourseError:
            return None
        return unit if unit is not None and unit.solved == file.resolve() and unit.source.exists() else None


def _fresh(unit: Unit, disk: NotebookNode) -> NotebookNode:
    """The notebook that a build of the source makes, with the outputs of the one on the disk."""
    try:
        text = source_text(unit)
        built = solved_for_disk(Course.load(unit.root), unit, text)
    except CourseError as error:
        if write_cells(disk.cells) == text:
            return disk  # the source breaks a rule, but the notebook holds all of it: let the author go on
        raise HTTPError(400, str(error)) from None
    combined = combine_inputs_with_outputs(built, disk, fmt="py:percent")
    for cell, fresh in zip(combined.cells, built.cells, strict=True):
        cell.metadata, cell["id"] = fresh.metadata, fresh.id
    combined.metadata = disk.metadata
    combined.metadata["jupytext"] = dict(PAIRING)
    return combined


def _stamped(model: dict[str, Any], unit: Unit) -> dict[str, Any]:
    """Time and hash of the source: JupyterLab asks before it overwrites a source that changed under it."""
    model["last_modified"] = datetime.fromtimestamp(unit.source.stat().st_mtime, tz=UTC)
    if model.get("hash"):
        model["hash"] = hashlib.new(model["hash_algorithm"], unit.source.read_bytes()).hexdigest()
    return model
