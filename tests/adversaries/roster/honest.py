"""Right work in unlucky clothes: every point must be given."""

import copy
import json

import nbformat
from nbformat import NotebookNode

from roster.case import START, STFT, TASNET, Case, Kit, honest

LEVEL = """\f
def rms_dbfs(x):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.mean(np.square(x), axis=-1))
\f"""


def colab(kit: Kit) -> str:
    """What Colab's download looks like: format 4.0, ids and outputs of its own, no nbgrader metadata, extra keys."""
    notebook = kit.solved()
    raw = json.loads(nbformat.writes(notebook))
    for number, cell in enumerate(raw["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"a{number:03d}XyZ", "colab": {"base_uri": "https://localhost:8080/"}}
        if cell["cell_type"] == "code":
            cell["metadata"]["outputId"] = f"o{number:03d}"
            cell["execution_count"] = number
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    raw.update(nbformat=4, nbformat_minor=0)
    raw["metadata"] = {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU",
                       "kernelspec": {"name": "python3", "display_name": "Python 3"}, "widgets": {}}
    return json.dumps(raw)


def vscode(kit: Kit) -> NotebookNode:
    """VS Code keeps the metadata, adds its own, and makes new ids."""
    notebook = kit.solved()
    for number, cell in enumerate(notebook.cells):
        cell.metadata["vscode"] = {"languageId": "python"}
        cell["id"] = f"{number:08x}"
    notebook.metadata["language_info"] = {"name": "python", "version": "3.12.1", "pygments_lexer": "ipython3"}
    return notebook


def stripped(kit: Kit) -> NotebookNode:
    notebook = kit.solved()
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode()
        cell["id"] = f"c{number}"
    return notebook


def tests_deleted(kit: Kit) -> NotebookNode:
    notebook = kit.solved()
    notebook.cells = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("locked")]
    return notebook


def reordered(kit: Kit) -> NotebookNode:
    """The answer cells moved to the end, in reverse."""
    notebook = kit.solved()
    moved = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    notebook.cells = [c for c in notebook.cells if c not in moved] + moved[::-1]
    return notebook


def duplicated(kit: Kit) -> NotebookNode:
    """The stub was copied before it was filled: two cells with one id, the second one written."""
    notebook = kit.solved()
    stub = copy.deepcopy(kit.cell(kit.release(), "rms_dbfs"))
    notebook.cells.insert(kit.at(notebook, "rms_dbfs"), stub)
    return notebook


def split(kit: Kit) -> NotebookNode:
    """A helper of the answer was moved to a cell of its own, above."""
    notebook = kit.solved(rms_dbfs="def rms_dbfs(x):\n    return level_of(mean_square(x))")
    kit.insert(notebook, "rms_dbfs", "def mean_square(x):\n    return np.mean(np.square(x), axis=-1)")
    return kit.insert(notebook, "rms_dbfs",
                      "SCALE = 10\ndef level_of(power):\n    with np.errstate(divide='ignore'):\n"
                      "        return SCALE * np.log10(power)")


def helper_below(kit: Kit) -> NotebookNode:
    notebook = kit.solved(rms_dbfs="def rms_dbfs(x):\n    return level_below(x)")
    return kit.insert(notebook, "explain_level", "def level_below(x):\n    with np.errstate(all='ignore'):\n"
                      "        return 10 * np.log10(np.mean(np.square(x), axis=-1))")


def prose(kit: Kit) -> NotebookNode:
    notebook = kit.solved()
    for text in ("Here I computed the level; it is -3 dB, isn't it?", "<b>level</b>", "$ pip install numpy", "1/0",
                 "assert False", "input('your name? ')", "%matplotlib inline\nplt.plot([1, 2])\nplt.show()",
                 "import nothing_of_this_name", "raise SystemExit", "%%time\nx = 1"):
        kit.insert(notebook, "rms_dbfs", text)
    return notebook


def large_outputs(kit: Kit) -> NotebookNode:
    """20 MB of pictures left in the notebook."""
    notebook = kit.solved()
    for cell in notebook.cells[2:12]:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "A" * 4_000_000})]
    return notebook


def line_ends(kit: Kit) -> str:
    return "\ufeff" + nbformat.writes(kit.solved()).replace("\\n", "\\r\\n")


def numpy_for_torch(kit: Kit) -> NotebookNode:
    return kit.solved(stft="""\
from scipy.signal import get_window
def stft(x, n_fft=1024, hop=256):
    x = np.asarray(x)
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(n_fft // 2, n_fft // 2)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft, axis=-1)[..., ::hop, :]
    return np.swapaxes(np.fft.rfft(frames * get_window("hann", n_fft)), -1, -2)""")


CASES = [
    Case("solution", START, "the model solution", Kit.solved),
    honest("warns", "warnings and text on stderr score 0 in stock nbgrader", """
        import sys, warnings
        def rms_dbfs(x):
            warnings.warn("division by zero may come")
            print("computing ...", file=sys.stderr)
            return 10 * np.log10(np.mean(np.square(x), axis=-1))
    """),
    honest("prints", "prints and pictures in every call", """
        from IPython.display import HTML, display
        def rms_dbfs(x):
            print("x has shape", x.shape)
            display(HTML("<b>level</b>"))
            plt.figure(); plt.plot(np.ravel(x)[:5]); plt.close("all")
            return 10 * np.log10(np.mean(np.square(x), axis=-1))
    """),
    honest("slow_but_right", "two seconds of work before the answer", "import time\ntime.sleep(1.5)\n" + LEVEL),
    honest("lists", "plain Python in place of numpy", """
        import math
        def rms_dbfs(x):
            if x.ndim > 1:
                return [rms_dbfs(row) for row in x]
            power = sum(float(v) ** 2 for v in x) / len(x)
            return 10 * math.log10(power) if power else -math.inf
    """),
    honest("lambda", "a function without a def", 
           "rms_dbfs = lambda x: 20 * np.log10(np.sqrt(np.mean(np.float64(x) ** 2, -1)))"),
    honest("callable_object", "an object with __call__", """
        class Meter:
            def __init__(self, factor): self.factor = factor
            def __call__(self, x): return self.factor * np.log10(np.mean(np.square(x), axis=-1))
        rms_dbfs = Meter(10)
    """),
    honest("cached_and_partial", "functools around the answer", """
        import functools
        def level(factor, x): return factor * np.log10(np.mean(np.square(x), axis=-1))
        rms_dbfs = functools.partial(level, 10)
    """),
    honest("threads_and_files", "a thread pool and a scratch file", """
        import tempfile
        from concurrent.futures import ThreadPoolExecutor
        def rms_dbfs(x):
            with tempfile.NamedTemporaryFile() as file, ThreadPoolExecutor(2) as pool:
                np.save(file, x)
                file.seek(0)
                power = pool.submit(lambda: np.mean(np.square(np.load(file)), axis=-1)).result()
            return 10 * np.log10(power)
    """),
    honest("progress_bar", "tqdm writes to stderr", """
        from tqdm.auto import tqdm
        def rms_dbfs(x):
            for _ in tqdm(range(3)):
                level = 10 * np.log10(np.mean(np.square(x), axis=-1))
            return level
    """),
    honest("thread_left", "a thread that waits for ever",
           "import threading\nthreading.Thread(target=threading.Event().wait).start()\n" + LEVEL),
    honest("own_seeds", "a student who seeds everything and turns numpy's warnings into errors", """
        import random
        random.seed(0); np.random.seed(0); torch.manual_seed(0)
        np.seterr(invalid="raise")
    """ + LEVEL),
    honest("tests_of_their_own", "asserts and a main block in the answer cell", LEVEL + """
assert rms_dbfs(np.ones(4)) == 0
if __name__ == "__main__":
    print("level of a sine:", rms_dbfs(np.sin(np.arange(1000))))
"""),
    honest("fails_after_the_answer", "the last line of the answer cell fails, the function is there",
           LEVEL + "\nrms_dbfs(np.ones(3), 7)\n"),
    honest("other_alphabets", "names in Greek, comments in Chinese, emoji", 
           "# 分貝 🎺\n" + LEVEL.replace("(x)", "(χ)").replace("square(x", "square(χ")),
    Case("from_colab", START, "all metadata and ids are Colab's", colab, flagged=False),
    Case("stft_from_colab", STFT, "the same, with five exercises", colab),
    Case("tasnet_from_colab", TASNET, "the same, with classes and helpers", colab),
    Case("from_vscode", START, "new ids, new metadata", vscode, flagged=False),
    Case("metadata_stripped", STFT, "an editor dropped all metadata", stripped),
    Case("tests_deleted", STFT, "the student deleted every locked cell", tests_deleted),
    Case("reordered", STFT, "answer cells in reverse order at the end", reordered),
    Case("duplicated", START, "two cells with one id, one of them still the stub", duplicated),
    Case("split", START, "the answer leans on two cells of the student's own", split),
    Case("helper_below", START, "the helper stands below the answer", helper_below),
    Case("prose_in_code", START, "prose, errors and questions in code cells", prose),
    Case("large_outputs", START, "20 MB of outputs", large_outputs),
    Case("line_ends", START, "a byte order mark and Windows line ends", line_ends),
    Case("numpy_for_torch", STFT, "numpy arrays where torch tensors go in", numpy_for_torch),
    Case("solved_stft", STFT, "the model solution", Kit.solved),
    Case("solved_tasnet", TASNET, "the model solution", Kit.solved),
]
