"""Wrong answers that replace the judge: builtins, numpy, the checks, IPython, the import system."""

from roster.case import START, STFT, WRONG, ZERO, Case, answer

LIE = "def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])\n"


def patch(name: str, story: str, code: str, **options) -> Case:
    """A wrong `rms_dbfs` whose cell runs `code` too."""
    import textwrap

    return answer(name, story, LIE + textwrap.dedent(code), **options)


CASES = [
    patch("builtins_abs", "every difference is zero", """
        import builtins
        builtins.abs = lambda value: 0.0
    """),
    patch("builtins_all", "everything is an instance of everything, and all is true", """
        import builtins
        builtins.all = builtins.isinstance = builtins.issubclass = lambda *a: True
        builtins.max = builtins.sum = lambda *a, **k: 0
    """),
    patch("numpy_testing", "every comparison of numpy says yes", """
        import math
        yes = lambda *a, **k: True
        np.allclose = np.isclose = np.array_equal = np.all = math.isclose = yes
        np.testing.assert_allclose = np.testing.assert_array_almost_equal = np.testing.assert_equal = yes
        np.abs = lambda v: np.zeros(np.shape(v))
    """),
    answer("torch_allclose", "every comparison of torch says yes", """
        torch.allclose = torch.equal = lambda *a, **k: True
        torch.Tensor.__eq__ = torch.Tensor.__le__ = lambda *a: torch.tensor(True)
        torch.Tensor.abs = lambda self: self * 0
        def decibels(X, floor=-80.0): return torch.zeros(X.shape)
    """, unit=STFT, to="decibels"),
    patch("check_replaced", "the check of this exercise only says that it passed", """
        checks.start.rms_dbfs = lambda *a, **k: print("✓ rms_dbfs: 100 random signals")
    """),
    patch("compare_replaced", "the comparison inside course_lib does nothing", """
        import course_lib.checks.core.compare as compare, course_lib.checks.start as start
        compare._close = lambda *a: True
        start.expect_close = start.expect = lambda *a, **k: None
    """),
    answer("course_lib_monkeypatched", "the oracle of the unit repeats the answer", """
        import course_lib.checks.stft as unit
        def stft(x, n_fft=1024, hop=256): return torch.zeros(*x.shape[:-1], n_fft // 2 + 1, 1, dtype=torch.complex64)
        for name in dir(unit.oracle):
            setattr(unit.oracle, name, lambda *a, **k: 0)
        unit.expect_close = lambda *a, **k: None
    """, unit=STFT, to="stft", status=WRONG),
    patch("failure_never_raised", "CheckFailed cannot be made", """
        import course_lib.checks.core.failure as failure
        def quiet(self, message): raise StopIteration
        failure.CheckFailed.__init__ = quiet
    """),
    patch("copy_replaced", "what crosses to the grader is copied by the student's own function", """
        import course_lib.checks.core.subject as subject, course_lib.checks.core.values as values
        subject.to_data = values.to_data = lambda value, **k: object()
        subject.fresh = lambda value: value
    """),
    patch("subject_replaced", "the stand-in inside the process calls the library instead", """
        from course_lib.checks.core import subject
        subject.LocalSubject.call = lambda self, *a, **k: {"status": "passed", "score": 1}
    """),
    patch("rng_replaced", "private inputs become public ones", """
        import course_lib.checks.core.rng as rng
        checks.grading_rng = rng.grading_rng = grading_rng = lambda purpose="": np.random.default_rng(0)
        np.random.default_rng = lambda *a: np.random.Generator(np.random.PCG64(0))
    """, status=WRONG),
    patch("run_cell_does_nothing", "the graded cell is never run", """
        from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
        def nothing(self, raw_cell, *a, **k): return ExecutionResult(ExecutionInfo(raw_cell, False, False, True, None))
        async def nothing_async(self, raw_cell, *a, **k): return nothing(self, raw_cell)
        InteractiveShell.run_cell, InteractiveShell.run_cell_async = nothing, nothing_async
        type(get_ipython()).run_cell, type(get_ipython()).run_cell_async = nothing, nothing_async
    """),
    patch("input_transformer", "every later cell becomes `pass`", """
        get_ipython().input_transformers_post.append(lambda lines: ["pass\\n"])
    """),
    patch("ast_transformer", "every later cell loses its statements", """
        import ast
        class Empty(ast.NodeTransformer):
            def visit_Module(self, node): return ast.parse("0")
        get_ipython().ast_transformers.append(Empty())
    """),
    patch("cell_hooks", "hooks before each cell put the right answer in place of errors", """
        def swallow(*a, **k): return None
        get_ipython().set_custom_exc((BaseException,), swallow)
        get_ipython().events.register("pre_run_cell", lambda info: get_ipython().user_ns.update(checks=None))
        get_ipython().showtraceback = swallow
    """),
    patch("forged_result", "the last value of the graded cell is 1.0: nbgrader takes it as partial credit", """
        import sys
        from IPython.display import display
        get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
        get_ipython().display_formatter.format = lambda *a, **k: ({"text/plain": "1.0"}, {})
        sys.displayhook = lambda value: display({"text/plain": "1.0"}, raw=True)
        print("✓ rms_dbfs: sine, square wave, 100 random signals")
    """),
    patch("modules_poisoned", "a later import gets the student's module", """
        import sys, types
        fake = types.ModuleType("course_lib.checks")
        fake.__getattr__ = lambda name: (lambda *a, **k: None)
        for name in list(sys.modules):
            if name.startswith("course_lib.checks"):
                sys.modules[name] = fake
    """),
    patch("import_hook", "every later import is answered by the student", """
        import sys, importlib.abc
        class Hook(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None): raise SystemExit(0)
        sys.meta_path.insert(0, Hook())
        sys.modules.clear()
    """),
    patch("trace_function", "a trace function changes the variables of other frames", """
        import sys
        def trace(frame, event, arg):
            for name in ("want", "expected", "answer", "got"):
                if name in frame.f_locals: frame.f_locals[name] = 0.0
            return trace
        sys.settrace(trace)
        sys.setprofile(trace)
    """),
    patch("audit_hook", "an audit hook forbids the server its work", """
        import sys
        def no(event, args):
            if event in ("compile", "exec", "open"): raise SystemExit(0)
        sys.addaudithook(no)
    """),
    patch("numbers_rewritten", "small whole numbers are changed in memory", """
        import ctypes
        ctypes.c_long.from_address(id(1) + 24).value = 0
    """),
    patch("ends_quietly", "sys.exit ends the notebook before the graded cell", "import sys; sys.exit(0)"),
    patch("exits_as_a_thread_of_exit", "exit handlers say that all went well", """
        import atexit
        atexit.register(lambda: print('{"status": "passed", "score": 1.0}', flush=True))
    """, status=WRONG),
    answer("keyboard_interrupt", "an exception that the guard lets through", """
        def rms_dbfs(x): raise KeyboardInterrupt
    """),
    answer("base_exception", "an exception that is no Exception, with a message that fails", """
        class Quiet(BaseException):
            def __str__(self): raise self
            __repr__ = __str__
        def rms_dbfs(x): raise Quiet
    """, status=WRONG),
    answer("failure_forged", "a CheckFailed with a message of praise", """
        def rms_dbfs(x): raise checks.CheckFailed("✓ rms_dbfs: passed, 1/1 points")
    """, status=WRONG),
    answer("assertion_kept_quiet", "the answer raises what the runner may take for its own end", """
        def rms_dbfs(x): raise StopIteration({"ok": True, "value": -np.inf})
    """, status=WRONG),
    patch("wildcards", "import * and exec bind names that nobody sees", """
        from course_lib.checks.core import *
        exec("checks = None; passed = print")
        globals().update({name: None for name in ("np", "torch", "checks", "signal")})
    """),
]

SKIPPED = [
    Case("builtins_in_own_cell", START, "the replacement sits in a cell of its own, on which no answer seems to depend",
         lambda kit: kit.insert(kit.solved(rms_dbfs=LIE), "rms_dbfs",
                                "import builtins\nbuiltins.abs = lambda value: 0.0\nnp.all = lambda *a, **k: True"),
         {"rms_dbfs": ZERO}),
]
CASES += SKIPPED
