"""How a kernel is compiled: once, kept on disk where a folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call; it runs without the lock.

    The machine code is kept beside the module or in the user's cache folder. Where neither can be
    written it is compiled anew in each process.
    """
    try:
        return cast(Function, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast(Function, numba.njit(nogil=True)(function))
