"""How a check reaches an answer: data in, data out.

A check never touches the student's objects. It holds a *subject*, which calls the function, or builds the module and
asks it for outputs, gradients and parameter counts. Here the subject wraps an object of this process; the autograder
hands in a subject of the same shape whose other end runs in a sandbox. The check cannot tell them apart.
"""

import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from course_lib.checks.core.failure import CheckFailed, expect
from course_lib.checks.core.guard import guard
from course_lib.checks.core.values import MAX_VALUES, Data, as_array, describe, fresh, to_data


@runtime_checkable
class Subject(Protocol):
    """An answer seen from a check."""

    name: str

    def call(self, *args: Data, **kwargs: Data) -> Data:
        """Call a function with copies of the arguments and return its result as data."""

    def build(self, *args: Data, **kwargs: Data) -> "ModuleSubject":
        """Construct the class and return a handle to the instance."""

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Gradients of `sum(result * cotangent)` with respect to the tensors among the arguments: "input0", ...

        `output` picks one of several results, `result[output]`.
        """


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

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Gradients of `sum(result * cotangent)` (ones if None): parameters by name, inputs as "input0", "input1"..."""

    def train(self, mode: bool = True) -> None:
        """Switch between training and evaluation mode."""


_TRUSTED: dict[int, type] = {}
"""Identity of a class → the class, for subjects that the checks' own side made."""


def register_subject_type(kind: type) -> type:
    """Let `subject` take instances of exactly this class for subjects. The autograder registers its stand-ins."""
    _TRUSTED[id(kind)] = kind
    return kind


def subject(answer: Any, name: str | None = None) -> Subject:
    """The subject behind `answer`: itself if it is one already, else a wrapper around a local function or class.

    Nothing that an object says of itself is believed: its class must be a registered one, not one that equals it.

    Raises:
        CheckFailed: there is nothing to call: the answer is missing, `...` or None.
    """
    if id(type(answer)) in _TRUSTED:
        return answer if name is None else answer.renamed(name)
    if not callable(answer):
        called = f"`{name}`" if name else "the answer"
        raise CheckFailed(f"{called} is {describe(answer)}: it should be a function or a class.")
    return LocalSubject(answer, str(name or getattr(answer, "__name__", type(answer).__name__)))


def _run(answer: Callable, args: tuple, kwargs: Mapping[str, Any], what: str) -> Data:
    """Call with copies, return data. Nothing of the student's outlives this frame, which a guard surrounds."""
    value = answer(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()})
    if inspect.isgenerator(value):
        value = list(itertools.islice(value, MAX_VALUES + 1))
    return to_data(value, what=what)


def _gradients(
    answer: Callable, args: tuple, parameters: Mapping[str, torch.Tensor], what: str, output: int | None,
    cotangent: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Gradients of the weighted sum of what `answer` gives, by name; what no gradient reached is absent."""
    inputs = [fresh(a) for a in args]
    for x in inputs:
        if isinstance(x, torch.Tensor) and (x.is_floating_point() or x.is_complex()):
            x.requires_grad_(True)
    value = answer(*inputs)
    _weighted_sum(value if output is None else value[output], cotangent, what).backward()
    tensors = {f"input{i}": x for i, x in enumerate(inputs) if isinstance(x, torch.Tensor)} | parameters
    return {str(k): as_array(to_data(t.grad)).copy() for k, t in tensors.items() if t.grad is not None}


def _weighted_sum(output: Any, cotangent: np.ndarray | None, what: str) -> torch.Tensor:
    expect(isinstance(output, torch.Tensor), f"{what} should be one torch tensor, got {describe(output)}.")
    expect(
        output.requires_grad,
        f"{what} carries no gradient: was it computed with numpy, .item(), .detach() or under torch.no_grad()?",
    )
    weight = torch.ones_like(output) if cotangent is None else torch.as_tensor(cotangent).to(output)
    expect(
        weight.shape == output.shape,
        f"{what} should have shape {tuple(weight.shape)}, got {tuple(output.shape)}.",
    )
    return (output * weight).sum().real


@register_subject_type
class LocalSubject:
    """A function or class of this process."""

    def __init__(self, answer: Callable, name: str):
        self.name = name
        self._answer = answer

    def renamed(self, name: str) -> "LocalSubject":
        """The same answer under another name in messages."""
        return LocalSubject(self._answer, name)

    def call(self, *args: Data, **kwargs: Data) -> Data:
        """See `Subject.call`."""
        with guard(self.name, args, kwargs, answer=self._answer):
            return _run(self._answer, args, kwargs, f"what `{self.name}` returned")

    def build(self, *args: Data, **kwargs: Data) -> "LocalModule":
        """See `Subject.build`."""
        with guard(self.name, args, kwargs, answer=self._answer):
            return LocalModule(self._answer(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()}), self.name)

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """See `Subject.gradients`."""
        with guard(self.name, args, answer=self._answer):
            return _gradients(self._answer, args, {}, f"what `{self.name}` returned", output, cotangent)


class LocalModule:
    """An instance of the student's class, in this process."""

    def __init__(self, module: Any, name: str):
        self._module = module
        self.name = name

    def _guarded(self, what: str, args: tuple = (), kwargs: Mapping[str, Any] | None = None):
        return guard(what, args, kwargs, answer=type(self._module))

    def forward(self, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.forward`."""
        with self._guarded(self.name, args, kwargs):
            return _run(self._module, args, kwargs, f"the output of `{self.name}`")

    def method(self, method: str, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.method`."""
        what = f"{self.name}.{method}"
        with self._guarded(what, args, kwargs):
            return _run(getattr(self._module, method), args, kwargs, f"what `{what}` returned")

    def parameters(self) -> dict[str, np.ndarray]:
        """See `ModuleSubject.parameters`."""
        with self._guarded(f"{self.name}.named_parameters"):
            return {str(name): as_array(to_data(p)).copy() for name, p in self._module.named_parameters()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """See `ModuleSubject.load`."""
        with self._guarded(f"{self.name}.load_state_dict"):
            known = sorted(self._module.state_dict())
            for name in arrays:
                expect(
                    name in known,
                    f"`{self.name}` has no parameter or buffer called {name!r}; it has {', '.join(known) or 'none'}.",
                )
            self._module.load_state_dict({k: torch.as_tensor(np.array(v)) for k, v in arrays.items()}, strict=False)

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """See `ModuleSubject.gradients`."""
        with self._guarded(self.name, args):
            self._module.zero_grad()
            parameters = dict(self._module.named_parameters())
            return _gradients(self._module, args, parameters, f"the output of `{self.name}`", output, cotangent)

    def train(self, mode: bool = True) -> None:
        """See `ModuleSubject.train`."""
        with self._guarded(f"{self.name}.train"):
            self._module.train(mode)
