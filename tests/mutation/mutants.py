"""The mutants of one module: cosmic-ray's operators, without what says nothing about a test.

Left out, each for a reason:

- all but one of the eleven replacements of an arithmetic operator, two or three of the seven of a
  comparison, one of a sign (`REPLACED`): eleven wrong sums of one line fall to one test, and what
  is kept is the boundary (`<` to `<=`) and the contrary (`<` to `>=`);
- annotations: nothing reads them;
- caches (`lru_cache` and its size): they change time, and no value;
- what an f-string of a `raise` computes: the words of a message;
- `except a.b`, which cosmic-ray cannot replace; what does not compile; and what is the same text
  as an earlier mutant.
"""

import ast
import copy
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

#: What replaces an operator, by cosmic-ray's names.
REPLACED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "ReplaceBinaryOperator": {
        "Add": ("Sub",), "Sub": ("Add",), "Mul": ("Add",), "Div": ("Mul",), "FloorDiv": ("Mul",),
        "Mod": ("FloorDiv",), "Pow": ("Mul",), "RShift": ("LShift",), "LShift": ("RShift",),
        "BitOr": ("BitAnd",), "BitAnd": ("BitOr",), "BitXor": ("BitOr",),
    },
    "ReplaceComparisonOperator": {
        "Lt": ("LtE", "GtE"), "LtE": ("Lt", "Gt"), "Gt": ("GtE", "LtE"), "GtE": ("Gt", "Lt"),
        "Eq": ("NotEq", "LtE", "GtE"), "NotEq": ("Eq", "Lt", "Gt"), "Is": ("IsNot",),
        "IsNot": ("Is",),
    },
    "ReplaceUnaryOperator": {"USub": ("UAdd",), "Invert": ("UAdd",)},
}  # fmt: skip
#: Operators taken whole.
WHOLE: Final = (
    "AddNot", "ExceptionReplacer", "NumberReplacer", "RemoveDecorator", "ReplaceAndWithOr",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceUnaryOperator_Delete_Not",
    "ZeroIterationForLoop",
)  # fmt: skip
#: What may stand where no operator is meant: in a pattern, between parameters, before `:=`.
UNSURE: Final = frozenset({"AddNot"}) | {
    f"ReplaceBinaryOperator_{old}_{new}"
    for old, news in REPLACED["ReplaceBinaryOperator"].items()
    for new in news
    if old in ("Mul", "Div", "Pow", "BitOr")
}
CACHES: Final = {"cache", "lru_cache"}

Place = tuple[int, int]  # line from 1, column from 0


class Mutant(NamedTuple):
    """One change of a module."""

    operator: str
    line: int
    #: The function or class that holds the line; `module` outside of all.
    where: str
    #: The first changed line before and after, without its margin.
    was: str
    now: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names a mutant from one version of a module to the next."""
        return self.where, self.was, self.now


@lru_cache(maxsize=1)
def operators() -> dict[str, Any]:
    """Cosmic-ray's operators that are used here, by name."""
    from cosmic_ray.operators.provider import OperatorProvider

    names = list(WHOLE)
    for family, table in REPLACED.items():
        names += [f"{family}_{old}_{new}" for old, news in table.items() for new in news]
    provider = OperatorProvider()
    return {name: provider[name]() for name in names}


def _places(node: ast.AST) -> tuple[Place, Place]:
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return start, end


def _is_cache(node: ast.expr) -> bool:
    name = node.func if isinstance(node, ast.Call) else node
    return isinstance(name, ast.Name) and name.id in CACHES


def left_out(tree: ast.Module) -> list[tuple[Place, Place]]:
    """Where a mutant would say nothing: from a place, to a place."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            found.append(node.annotation)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [node.returns] if node.returns else []
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found += [decorator for decorator in node.decorator_list if _is_cache(decorator)]
        if isinstance(node, ast.Call) and _is_cache(node):
            found.append(node)
        if isinstance(node, ast.Raise):
            found += [part for part in ast.walk(node) if isinstance(part, ast.JoinedStr)]
    return [_places(node) for node in found]


def _holder(tree: ast.Module, line: int) -> str:
    """The dotted name of the innermost function or class around a line."""
    names, nodes = [], [*ast.iter_child_nodes(tree)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.append(node.name)
            nodes = [*ast.iter_child_nodes(node)]
    return ".".join(names) or "module"


def _spliced(source: str, starts: list[int], node: Any, text: str) -> str:
    """The source with the text of a parso node, blanks before it included, replaced."""
    (line, column), (end_line, end_column) = node.get_start_pos_of_prefix(), node.end_pos
    return source[: starts[line] + column] + text + source[starts[end_line] + end_column :]


def mutants_of(source: str) -> Iterator[Mutant]:
    """Each mutant of a module's text, in the order of the lines."""
    from cosmic_ray.ast import ast_nodes, get_ast

    tree, lines = ast.parse(source), source.splitlines()
    starts, seen, skipped = [0, 0], {source}, left_out(tree)
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast_nodes(get_ast(source)):
        for name, operator in operators().items():
            for index, (start, _) in enumerate(operator.mutation_positions(node)):
                first = (start[0], len(lines[start[0] - 1][: start[1]].encode()))
                shift = len("@") if name == "RemoveDecorator" else 0
                if any(a <= (first[0], first[1] + shift) < b for a, b in skipped):
                    continue
                own = copy.deepcopy(node, {id(node.parent): node.parent})
                try:
                    changed = operator.mutate(own, index)
                except AttributeError:  # `except a.b`: cosmic-ray replaces names without dots
                    continue
                text = _spliced(source, starts, node, changed.get_code() if changed else "")
                if text in seen or (name in UNSURE and not _compiles(text)):
                    continue
                seen.add(text)
                new = text.splitlines()
                at = next(i for i, line in enumerate(lines) if i >= len(new) or line != new[i])
                now = new[at].strip() if at < len(new) else ""
                yield Mutant(name, at + 1, _holder(tree, at + 1), lines[at].strip(), now, text)


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
