"""A mutant put into functions that live already, where that is the same as importing it anew.

It is so for a change inside a function that nothing called while modules and tests were imported.
Everything else, such as constants, defaults, class bodies and decorators, is imported anew.
"""

import gc
import inspect
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

Key = tuple[str, int]  # a function's dotted name, and its first line

OPTIMIZED: Final = inspect.CO_OPTIMIZED  # set for functions, not for bodies of classes


def key_of(code: CodeType) -> Key:
    """What names a code object inside its module."""
    return code.co_qualname, code.co_firstlineno


def nested(code: CodeType) -> list[CodeType]:
    """The code objects that stand in another, in order."""
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def within(code: CodeType) -> Iterator[Key]:
    """The keys of a code object and of all inside it."""
    yield key_of(code)
    for inner in nested(code):
        yield from within(inner)


def _own(code: CodeType) -> tuple[Any, ...]:
    """All of a code object that runs, but for what is nested in it; 1, 1.0 and True differ."""
    consts = [
        key_of(const) if isinstance(const, CodeType) else (type(const), repr(const))
        for const in code.co_consts
    ]
    return code.co_code, code.co_names, code.co_varnames, code.co_exceptiontable, *consts


def changed(old: CodeType, new: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """The outermost functions that differ, before and after; None if more than those differs."""
    if old.co_flags & OPTIMIZED:
        return [(old, new)] if old != new else []
    olds, news = nested(old), nested(new)
    if _own(old) != _own(new) or len(olds) != len(news):
        return None
    found = []
    for before, after in zip(olds, news, strict=True):
        inner = changed(before, after)
        if inner is None:
            return None
        found += inner
    return found


class Calls:
    """For `sys.setprofile`: which functions are called of a file whose name ends so."""

    def __init__(self, ending: str) -> None:
        self.ending, self.keys = ending, set[Key]()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note a call."""
        if event == "call" and frame.f_code.co_filename.endswith(self.ending):
            self.keys.add(key_of(frame.f_code))


class Living:
    """The functions of one file, as they live in this process."""

    def __init__(self, ending: str, source: str, called: set[Key]) -> None:
        self.called = called
        self.code = compile(source, ending, "exec", dont_inherit=True)
        self.functions: dict[Key, list[FunctionType]] = defaultdict(list)
        for thing in gc.get_objects():
            if type(thing) is FunctionType and thing.__code__.co_filename.endswith(ending):
                self.functions[key_of(thing.__code__)].append(thing)

    def swaps(self, source: str) -> list[tuple[FunctionType, CodeType]] | None:
        """Which functions get which code under a mutant; None where it must be imported anew."""
        pairs = changed(self.code, compile(source, "mutant", "exec", dont_inherit=True))
        if not pairs:
            return None
        found = []
        for old, new in pairs:
            living = self.functions.get(key_of(old), [])  # two where a doctest imports once more
            alike = living and all(function.__code__ == old for function in living)
            if not alike or self.called.intersection(within(old)):
                return None
            if old.co_freevars != new.co_freevars:
                return None
            found += [(function, new) for function in living]
        return found
