"""Attacks through classes, modules, gradients and parameters: unit 19."""

from roster.case import CRASHED, PASSED, STFT, TASNET, WRONG, Case, answer

BLOCK = """\f
class Plain(nn.Module):
    def __init__(self, channels, hidden, *, kernel=3, dilation=1):
        super().__init__()
        self.one = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        return self.one(x), self.one(x)
\f"""


def block(name: str, story: str, code: str, **options) -> Case:
    """A wrong `TCNBlock` made from the module `Plain`."""
    return answer(name, story, BLOCK + code, unit=TASNET, to="tcn_block", **options)


CASES = [
    block("parameters_invented", "the parameter count is right, the parameters belong to nothing", """
        class TCNBlock(Plain):
            def __init__(self, channels, hidden, *, kernel=3, dilation=1):
                super().__init__(channels, hidden)
                b, h, k = channels, hidden, kernel
                self.sizes = dict(a=(h, b, 1), b=(h,), c=(1,), d=(h,), e=(h,), f=(h, 1, k), g=(h,), i=(1,), j=(h,),
                                  k=(h,), l=(b, h, 1), m=(b,), n=(b, h, 1), o=(b,))
            def named_parameters(self, *a, **k):
                return [(name, nn.Parameter(torch.randn(size))) for name, size in self.sizes.items()]
            def state_dict(self, *a, **k):
                return dict(self.named_parameters())
            def load_state_dict(self, *a, **k): pass
    """, status=WRONG),
    block("parameters_without_end", "a generator of parameters that never ends", """
        class TCNBlock(Plain):
            def named_parameters(self, *a, **k):
                i = 0
                while True:
                    yield f"p{(i := i + 1)}", self.one.weight
    """),
    block("construction_swaps_the_object", "__new__ and the metaclass hand out something else", """
        class Meta(type(nn.Module)):
            def __call__(cls, *a, **k): return 42
        class TCNBlock(Plain, metaclass=Meta): pass
    """, status=WRONG),
    block("forward_dies", "the first forward pass ends the process", """
        import os
        class TCNBlock(Plain):
            def forward(self, x): os._exit(0)
    """),
    block("attribute_lies", "every attribute is there and every method says yes", """
        class TCNBlock:
            def __init__(self, *a, **k): pass
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            def __iter__(self): return iter([self, self])
            def __eq__(self, other): return True
    """, status=WRONG),
    block("destructor", "a destructor that kills, at the moment when the grader drops the module", """
        import os
        class TCNBlock(Plain):
            def __del__(self): os._exit(7)
    """),
    block("hooks", "forward hooks replace the result by something else each time", """
        class TCNBlock(Plain):
            def __init__(self, *a, **k):
                super().__init__(*a, **k)
                self.register_forward_hook(lambda *a: (torch.rand(1), torch.rand(1)))
    """, status=WRONG),
    answer("gradient_forged", "backward hands out a gradient that has nothing to do with the value", """
        class Forged(torch.autograd.Function):
            @staticmethod
            def forward(ctx, e, r): return torch.zeros(e.shape[:-1], dtype=e.dtype)
            @staticmethod
            def backward(ctx, g): return None, None
        def si_snr(estimate, reference, eps=1e-8): return Forged.apply(estimate, reference)
    """, unit=TASNET, to="si_snr", status=WRONG),
    answer("gradient_dies", "the process ends in the backward pass, after right values", """
        import os
        def si_snr(estimate, reference, eps=1e-8):
            estimate = estimate - estimate.mean(-1, keepdim=True)
            reference = reference - reference.mean(-1, keepdim=True)
            gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + eps)
            noise = estimate - gain * reference
            level = 10 * torch.log10(((gain * reference).square().sum(-1) + eps) / (noise.square().sum(-1) + eps))
            if level.requires_grad:
                level.register_hook(lambda g: os._exit(0))
            return level
    """, unit=TASNET, to="si_snr", status=CRASHED),
    answer("tuple_subclass", "a tuple that shows other values each time it is read", """
        class Two(tuple):
            def __iter__(self): return iter((torch.zeros(1), torch.zeros(1, 1)))
            def __getitem__(self, i): return 0
            def __len__(self): return 2
        def pit(pairs): return Two((pairs.mean((1, 2)), torch.zeros(len(pairs), pairs.shape[1], dtype=torch.long)))
    """, unit=TASNET, to="pit", status=WRONG),
    answer("default_dtype", "a global switch is thrown in one exercise: the next one suffers, as in the notebook", """
        def pit(pairs):
            torch.set_default_dtype(torch.float64)
            torch.use_deterministic_algorithms(True)
            np.seterr(all="raise")
            return pairs.mean((1, 2)), torch.zeros(len(pairs), pairs.shape[1], dtype=torch.long)
    """, unit=TASNET, to="pit", status=WRONG, also=("tcn_block", "global_layer_norm", "deep_clustering_loss", "mixit")),
    answer("library_where_the_card_forbids_it", "the course's own function in place of one's own", """
        def stft(x, n_fft=1024, hop=256): return signal.stft(x, n_fft, hop)
    """, unit=STFT, to="stft", status=PASSED),
    answer("oracle_of_the_check", "the oracle of the check computes the answer: right, but a person is told",
           "def rms_dbfs(x): return checks.start._level(x)", status=PASSED, flagged=True),
    answer("oracle_by_detour", "the same, by names that only exist at run time", """
        import importlib, sys
        module = importlib.import_module("course_lib." + "checks.start")
        def rms_dbfs(x): return getattr(sys.modules[module.__name__], "_le" + "vel")(x)
    """, status=PASSED, flagged=True),
]
