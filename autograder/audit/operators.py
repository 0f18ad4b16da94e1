"""Mutation operators: for a node of a syntax tree, the nodes that a mistaken student might have written there."""

import ast
from collections.abc import Iterator

ARITHMETIC = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.MatMult: (ast.Mult,), ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitAnd,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),  # codespell:ignore
}
_PAIRS = (
    ("min", "max"), ("amin", "amax"), ("argmin", "argmax"), ("minimum", "maximum"), ("nanmin", "nanmax"),
    ("sum", "mean"), ("nansum", "nanmean"), ("log", "log10"), ("sin", "cos"), ("floor", "ceil"), ("any", "all"),
    ("zeros", "ones"), ("zeros_like", "ones_like"), ("std", "var"), ("softmax", "log_softmax"), ("real", "imag"),
    ("append", "extend"), ("hstack", "vstack"), ("fft", "ifft"), ("cummax", "cummin"), ("argsort", "sort"),
)
SWAPPED_NAMES = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])} | {
    "log2": "log", "log1p": "log", "expm1": "exp", "exp": "exp2", "sqrt": "abs", "square": "abs", "median": "mean",
    "logaddexp": "maximum", "logsumexp": "amax", "cumsum": "cumprod", "cumprod": "cumsum", "round": "floor",
    "prod": "sum", "relu": "abs", "sigmoid": "tanh", "tanh": "sigmoid",
}
"""Names of functions and methods that are easily taken for each other."""
TRANSPARENT = {
    "conj", "abs", "flip", "reversed", "sorted", "transpose", "swapaxes", "permute", "sqrt", "square", "clamp", "clip",
    "unsqueeze", "squeeze", "roll", "angle", "log", "exp",
}
"""Calls that give something of the same kind as their argument: forgetting one still runs."""
SYMMETRIC = {"logaddexp", "logaddexp2", "maximum", "minimum", "min", "max", "add", "multiply", "hypot", "gcd", "lcm"}
"""Calls whose first two arguments may change places."""
CONJUGABLE = {"fft", "rfft", "fft2", "rfft2"}
TINY = 1e-4


def replacements(node: ast.AST, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    """Every wrong version of `node`, which hangs in `field` of `parent`."""
    kind = type(node).__name__
    rule = _RULES.get(kind)
    if rule is not None:
        yield from rule(node)
    if isinstance(node, ast.expr):
        yield from _off_by_one(node, parent, field)
        if field == "test" and isinstance(parent, (ast.If, ast.IfExp)) and not isinstance(node, ast.Compare):
            yield ast.UnaryOp(ast.Not(), node)
        if field == "ifs":
            yield ast.Constant(True)


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    for operator in ARITHMETIC.get(type(node.op), ()):
        yield ast.BinOp(node.left, operator(), node.right)
    if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.FloorDiv):
        rounded_up = ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right)
        yield ast.UnaryOp(ast.USub(), rounded_up)


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    for operator in ARITHMETIC.get(type(node.op), ()):
        yield ast.AugAssign(node.target, operator(), node.value)
    yield ast.Assign([node.target], node.value)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for i, old in enumerate(node.ops):
        for new in COMPARISONS[type(old)]:
            yield ast.Compare(node.left, [*node.ops[:i], new(), *node.ops[i + 1 :]], node.comparators)


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        for other in dict.fromkeys((value + 1, value - 1, 0)):
            if other != value:
                yield _number(other)
    elif isinstance(value, float):
        others = (1.0,) if value == 0 else (0.0, value * 1e6) if abs(value) < TINY else (value * 2, -value)
        for other in others:
            yield _number(other)
    elif isinstance(value, complex):
        yield ast.UnaryOp(ast.USub(), node)


def _number(value: float) -> ast.expr:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _call(node: ast.Call) -> Iterator[ast.AST]:
    name = _called(node)
    if name in SWAPPED_NAMES:
        yield ast.Call(_renamed(node.func, SWAPPED_NAMES[name]), node.args, node.keywords)
    plain = [a for a in node.args if not isinstance(a, ast.Starred)]
    if len(plain) == len(node.args) >= 2 and name not in SYMMETRIC and not isinstance(node.args[0], ast.Constant):
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
    if name in TRANSPARENT and (inner := _argument(node)) is not None:
        yield inner
    if name in CONJUGABLE:
        yield ast.Call(ast.Attribute(node, "conj", ast.Load()), [], [])


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _renamed(func: ast.expr, name: str) -> ast.expr:
    return ast.Attribute(func.value, name, func.ctx) if isinstance(func, ast.Attribute) else ast.Name(name, ast.Load())


def _argument(node: ast.Call) -> ast.expr | None:
    """What a transparent call works on: the object of a method, or the first argument of a function."""
    module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and (
        node.func.value.id in ("np", "torch", "numpy", "math", "F")
    )
    if isinstance(node.func, ast.Attribute) and not module:
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in ("real", "imag"):
        yield ast.Attribute(node.value, "imag" if node.attr == "real" else "real", node.ctx)
    if node.attr in ("T", "mT", "H", "mH") and isinstance(node.ctx, ast.Load):
        yield node.value


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.step is None:
        if node.lower is None:
            yield ast.Slice(ast.Constant(1), node.upper, None)
        if node.upper is None:
            yield ast.Slice(node.lower, ast.UnaryOp(ast.USub(), ast.Constant(1)), None)
    else:
        yield ast.Slice(node.lower, node.upper, None)


def _conditional(node: ast.IfExp) -> Iterator[ast.AST]:
    yield ast.IfExp(node.test, node.orelse, node.body)


def _break(node: ast.Break) -> Iterator[ast.AST]:
    yield ast.Continue()


def _continue(node: ast.Continue) -> Iterator[ast.AST]:
    yield ast.Break()


def _off_by_one(node: ast.expr, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    """±1 on an index, a slice bound or an argument of `range` that is not a literal (those are `_constant`'s)."""
    index = isinstance(parent, ast.Subscript) and field == "slice"
    bound = isinstance(parent, ast.Slice) and field in ("lower", "upper")
    counted = isinstance(parent, ast.Call) and field == "args" and _called(parent) == "range"
    literal = isinstance(node, (ast.Constant, ast.Slice, ast.Tuple, ast.List, ast.Compare)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )
    if (index or bound or counted) and not literal:
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


_RULES = {
    "BinOp": _binary, "AugAssign": _augmented, "Compare": _compare, "BoolOp": _boolean, "UnaryOp": _unary,
    "Constant": _constant, "Call": _call, "Attribute": _attribute, "Slice": _slice, "IfExp": _conditional,
    "Break": _break, "Continue": _continue,
}
