"""How a check reaches an answer: data in, data out.

A check never touches the student's objects. It holds a *subject*, which calls the function, or builds the module and
asks it for outputs, gradients and parameter counts. Here the subject wraps an object of this process; the autograder
hands in a subject of the same shape whose other end runs in a sandbox. The check cannot tell them apart.
"""

import contextlib
import inspect
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from course_lib.checks.core.failure import CheckFailed
from course_lib.checks.core.values import Data, describe, fresh, to_data


@runtime_checkable
class Subject(Protocol):
    """An answer seen from a check."""

    name: str

    def call(self, *args: Data, **kwargs: Data) -> Data:
        """Call a function with copies of the arguments and return its result as data."""

    def build(self, *args: Data, **kwargs: Data) -> "ModuleSubject":
        """Construct the class and return a handle to the instance."""


class ModuleSubject(Protocol):
    """A constructed `nn.Module` (or plain object), reachable by data only."""

    def forward(self, *args: Data, **kwargs: Data) -> Data:
        """The output of calling the module."""

    def method(self, method: str, *args: Data, **kwargs: Data) -> Data:
        """The result of a named method."""

    def parameters(self) -> dict[str, np.ndarray]:
        """Every parameter by its name in the module."""

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Overwrite parameters and buffers by name; a wrong name or shape is a `CheckFailed`."""

    def gradients(self, *args: Data, cotangent: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Gradients of `sum(output * cotangent)` (ones if None): parameters by name, inputs as "input0", "input1"..."""

    def train(self, mode: bool = True) -> None:
        """Switch between training and evaluation mode."""


def subject(answer: Any, name: str | None = None) -> Subject:
    """The subject behind `answer`: itself if it is one already, else a wrapper around a local function or class.

    Raises:
        CheckFailed: there is nothing to call: the answer is missing, `...` or None.
    """
    if getattr(answer, "is_subject", False):
        return answer
    name = name or getattr(answer, "__name__", type(answer).__name__)
    if not callable(answer):
        raise CheckFailed(f"`{name}` is {describe(answer)}: it should be a function or a class.")
    return LocalSubject(answer, name)


@contextlib.contextmanager
def _guard(what: str, arguments: str, answer: Any):
    """Turn whatever the student's code raises into a message; keep stderr silent, which nbgrader scores as a fault."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(sys.stdout):
            warnings.simplefilter("ignore")
            yield
    except CheckFailed:
        raise
    except NotImplementedError as error:
        raise CheckFailed(f"`{what}` is not written yet. {error}".rstrip()) from None
    except RecursionError:
        raise CheckFailed(f"`{what}` calls itself without end. Called with {arguments}.") from None
    except Exception as error:
        line = _line_in(answer, error)
        raise CheckFailed(f"`{what}` raised {type(error).__name__}: {error}{line}\nCalled with {arguments}.") from None


def _line_in(answer: Any, error: BaseException) -> str:
    """The line of the student's own cell where the error left it, if it can be told."""
    try:
        home = inspect.getsourcefile(answer) or ""
    except TypeError:
        return ""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == home and f.line]
    return f"\nin line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _arguments(args: tuple, kwargs: Mapping[str, Any]) -> str:
    parts = [describe(a) for a in args] + [f"{k}={describe(v)}" for k, v in kwargs.items()]
    return ", ".join(parts) or "no arguments"


class LocalSubject:
    """A function or class of this process."""

    is_subject = True

    def __init__(self, answer: Callable, name: str):
        self.name = name
        self._answer = answer

    def call(self, *args: Data, **kwargs: Data) -> Data:
        """See `Subject.call`."""
        with _guard(self.name, _arguments(args, kwargs), self._answer):
            value = self._answer(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()})
            if inspect.isgenerator(value):
                value = list(value)
        return to_data(value, what=f"what `{self.name}` returned")

    def build(self, *args: Data, **kwargs: Data) -> "LocalModule":
        """See `Subject.build`."""
        with _guard(self.name, _arguments(args, kwargs), self._answer):
            return LocalModule(self._answer(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()}), self.name)


class LocalModule:
    """An instance of the student's class, in this process."""

    def __init__(self, module: Any, name: str):
        self._module = module
        self.name = name

    def _guarded(self, what: str, args: tuple, kwargs: Mapping[str, Any]):
        return _guard(what, _arguments(args, kwargs), type(self._module))

    def forward(self, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.forward`."""
        with self._guarded(self.name, args, kwargs):
            value = self._module(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()})
        return to_data(value, what=f"the output of `{self.name}`")

    def method(self, method: str, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.method`."""
        what = f"{self.name}.{method}"
        with self._guarded(what, args, kwargs):
            value = getattr(self._module, method)(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()})
        return to_data(value, what=f"what `{what}` returned")

    def parameters(self) -> dict[str, np.ndarray]:
        """See `ModuleSubject.parameters`."""
        with self._guarded(f"{self.name}.named_parameters", (), {}):
            return {name: p.detach().cpu().numpy().copy() for name, p in self._module.named_parameters()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """See `ModuleSubject.load`."""
        with self._guarded(f"{self.name}.load_state_dict", (), {}):
            self._module.load_state_dict({k: torch.as_tensor(np.array(v)) for k, v in arrays.items()}, strict=False)

    def gradients(self, *args: Data, cotangent: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """See `ModuleSubject.gradients`."""
        with self._guarded(self.name, args, {}):
            self._module.zero_grad()
            inputs = [fresh(a) for a in args]
            for x in inputs:
                if isinstance(x, torch.Tensor) and x.is_floating_point():
                    x.requires_grad_(True)
            output = self._module(*inputs)
            weight = torch.ones_like(output) if cotangent is None else torch.as_tensor(cotangent).to(output)
            (output * weight).sum().backward()
            tensors = {f"input{i}": x for i, x in enumerate(inputs) if isinstance(x, torch.Tensor)}
            tensors |= dict(self._module.named_parameters())
            return {name: t.grad.detach().cpu().numpy().copy() for name, t in tensors.items() if t.grad is not None}

    def train(self, mode: bool = True) -> None:
        """See `ModuleSubject.train`."""
        with self._guarded(f"{self.name}.train", (), {}):
            self._module.train(mode)
