"""Values that lie: objects that equal everything, subclasses that answer for themselves, names that shadow."""

from roster.case import MISSING, STFT, WRONG, answer

CASES = [
    answer("equal_to_everything", "every comparison with the result is true", """
        class Anything:
            shape, dtype, ndim = (), np.dtype(float), 0
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __lt__ = __gt__ = __le__ = __ge__ = __eq__
            def __sub__(self, other): return 0.0
            __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__
            def __abs__(self): return 0.0
            def __float__(self): return 0.0
            def __bool__(self): return True
            def __array__(self, *a, **k): return np.zeros(())
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            __hash__ = None

        def rms_dbfs(x): return Anything()
    """, status=WRONG, says="not data"),
    answer("array_subclass", "an array whose operators say that it is close", """
        class Close(np.ndarray):
            def __array_finalize__(self, other): pass
            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return np.True_
            def __array_function__(self, func, types, args, kwargs): return True
            def __array__(self, *a, **k): raise RuntimeError("no")
            def __eq__(self, other): return np.True_
            shape = property(lambda self: Every())
            dtype = property(lambda self: np.dtype("float64"))

        class Every(tuple):
            def __eq__(self, other): return True
            def __ne__(self, other): return False

        def rms_dbfs(x): return np.zeros(np.shape(x)[:-1]).view(Close)
    """, status=WRONG),
    answer("finalize_writes", "__array_finalize__ runs when the grader copies the array", """
        import builtins
        class Trap(np.ndarray):
            def __array_finalize__(self, other): builtins.abs = lambda v: 0

        def rms_dbfs(x): return np.zeros(np.shape(x)[:-1]).view(Trap)
    """, status=WRONG),
    answer("array_interface", "an object that shows other memory each time it is read", """
        class Shifting:
            count = 0
            @property
            def __array_interface__(self):
                Shifting.count += 1
                return {"shape": (1 << 40,), "typestr": "<f8", "data": (0, False), "version": 3}

        def rms_dbfs(x): return Shifting()
    """, status=WRONG),
    answer("overlapping_strides", "8 bytes that look like 8 TiB", """
        def rms_dbfs(x): return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 40,), (0,))
    """, status=WRONG, says="GiB"),
    answer("wild_strides", "an array that reads memory it does not own", """
        def rms_dbfs(x): return np.lib.stride_tricks.as_strided(np.zeros(1), (4, 4), (1 << 44, 1 << 45))
    """),
    answer("object_array", "an array of objects that decide themselves", """
        class Yes:
            def __eq__(self, other): return True
            def __float__(self): return 0.0
        def rms_dbfs(x): return np.array([Yes()] * 3, dtype=object)
    """, status=WRONG, says="object"),
    answer("structured_array", "a dtype that no comparison expects", """
        def rms_dbfs(x): return np.zeros(3, dtype=[("level", "f8"), ("why", "O")])
    """, status=WRONG),
    answer("float_subclass", "a float whose operators lie", """
        class Level(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __float__(self): return -3.0
            def __abs__(self): return 0.0
        def rms_dbfs(x): return Level(7)
    """, status=WRONG),
    answer("class_property", "__class__ says numpy.ndarray", """
        class Wolf:
            __class__ = property(lambda self: np.ndarray)
            shape = ()
            def __array__(self, *a, **k): return np.array(0.0)
        def rms_dbfs(x): return Wolf()
    """, status=WRONG, says="not data"),
    answer("metaclass", "isinstance and subclass questions answered by a metaclass", """
        class Meta(type):
            mro = lambda cls: [cls, *float.__mro__]
            def __instancecheck__(cls, value): return True
            def __subclasscheck__(cls, other): return True
        class Number(float, metaclass=Meta): pass
        def rms_dbfs(x): return Number(0)
    """, status=WRONG),
    answer("endless_mapping", "a mapping whose keys never end", """
        from collections.abc import Mapping
        class Endless(Mapping):
            def __getitem__(self, key): return 0
            def __iter__(self):
                i = 0
                while True:
                    yield (i := i + 1)
            def __len__(self): return 1
        def rms_dbfs(x): return Endless()
    """, hurry=0.25),
    answer("endless_generator", "a generator that never ends", """
        def rms_dbfs(x):
            while True:
                yield 0.0
    """, hurry=0.25),
    answer("own_container", "a list that holds itself", """
        def rms_dbfs(x):
            loop = []
            loop.append(loop)
            return loop
    """, status=WRONG, says="nested"),
    answer("wide_container", "lists of one list: 10^9 values from 10^3", """
        def rms_dbfs(x):
            wide = [0.0] * 1000
            wide = [wide] * 1000
            return [wide] * 1000
    """, hurry=0.25),
    answer("long_text", "half a gigabyte of text as a level", "def rms_dbfs(x): return 'a' * (1 << 29)"),
    answer("long_int", "a whole number of ten million digits", "def rms_dbfs(x): return 1 << 33_000_000", hurry=0.25),
    answer("text_that_is_no_text", "lone surrogates, which no encoder takes", "def rms_dbfs(x): return '\\\\ud800'",
           status=WRONG),
    answer("empty_but_huge", "no element, a terabyte to every sum along an axis",
           "def rms_dbfs(x): return np.empty((0, 1 << 40))", status=WRONG),
    answer("nan_everywhere", "NaN compares false with every limit",
           "def rms_dbfs(x): return np.full(np.shape(x)[:-1], np.nan)",
           status=WRONG, says="NaN"),
    answer("infinite_everywhere", "inf - inf is NaN, which is not greater than a tolerance",
           "def rms_dbfs(x): return np.full(np.shape(x)[:-1], np.inf)", status=WRONG),
    answer("broadcasts", "shape () fits against everything", "def rms_dbfs(x): return 0.0", status=WRONG),
    answer("a_subject_itself", "the answer says that it is the grader's own stand-in", """
        class Fake:
            is_subject, name = True, "rms_dbfs"
            def call(self, *a, **k): return Level()
            def __call__(self, *a, **k): return 0.0
        class Level(float):
            pass
        rms_dbfs = Fake()
    """, status=WRONG),
    answer("shadows_the_checks", "the answer cell binds `checks`, the name the graded cell uses", """
        class Checks:
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): print("✓ rms_dbfs: all good")
        checks = Checks()
        def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])
    """, status=WRONG),
    answer("shadows_the_rng", "the answer cell binds `grading_rng`, so that the inputs are known", """
        grading_rng = lambda: np.random.default_rng(2026)
        print = len = range = abs = 0
        def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])
    """, status=WRONG),
    answer("data_for_a_function", "the answer is a number, not a function", "rms_dbfs = -3.01", status=WRONG),
    answer("the_model_itself", "the answer is the library, a class, a module", "rms_dbfs = np", status=WRONG),
    answer("ellipsis", "nothing", "rms_dbfs = ...", status=(WRONG, MISSING)),
    answer("deleted_again", "the name is gone when the check comes", "def rms_dbfs(x): return 0\ndel rms_dbfs",
           status=(WRONG, MISSING)),
    answer("coroutine", "a promise instead of a value", "async def rms_dbfs(x): return 0", status=WRONG),
    answer("torch_function", "a tensor whose functions answer for it", """
        class Close(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return True
        def decibels(X, floor=-80.0):
            return torch.zeros(X.shape).as_subclass(Close)
    """, unit=STFT, to="decibels", status=WRONG),
    answer("torch_dispatch", "a tensor whose values are computed by its own code", """
        class Lazy(torch.Tensor):
            @staticmethod
            def __new__(cls, shape):
                return torch.Tensor._make_wrapper_subclass(cls, shape)
            @classmethod
            def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
                raise SystemExit
        def decibels(X, floor=-80.0):
            return Lazy(X.shape)
    """, unit=STFT, to="decibels", status=WRONG),
    answer("wild_tensor", "a tensor that reads beyond its storage", """
        def decibels(X, floor=-80.0):
            return torch.zeros(1).expand(1 << 42)
    """, unit=STFT, to="decibels", status=WRONG, says="GiB"),
    answer("sparse_tensor", "a sparse tensor that becomes a terabyte when it is made dense", """
        def decibels(X, floor=-80.0):
            return torch.sparse_coo_tensor(torch.zeros(2, 0).long(), torch.zeros(0), (1 << 20, 1 << 18))
    """, unit=STFT, to="decibels"),
    answer("meta_tensor", "a tensor without values", "def decibels(X, floor=-80.0): return X.abs().to('meta')",
           unit=STFT, to="decibels", status=WRONG),
    answer("quantised_tensor", "a dtype that numpy does not know", """
        def decibels(X, floor=-80.0):
            return torch.quantize_per_tensor(torch.zeros(X.shape), 0.1, 0, torch.quint8)
    """, unit=STFT, to="decibels", status=WRONG),
]
