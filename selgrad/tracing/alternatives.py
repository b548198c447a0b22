"""What to write instead of a NumPy function or an attribute of arrays that is not recorded.

One entry a function, or a family of functions with one answer; a misspelt name gets the nearest one that is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase

OUTSIDE = "compute it outside of the traced function, and use the result as plain data"

ALTERNATIVES = {
    # ufuncs
    "fmax": "use np.maximum: traced values are numbers, never missing",
    "fmin": "use np.minimum: traced values are numbers, never missing",
    "nextafter": "add np.spacing of the plain value",
    "spacing": OUTSIDE, "ldexp": "write x * 2.0**n", "frexp": OUTSIDE, "gcd": OUTSIDE, "lcm": OUTSIDE,
    "angle": "a real number has the angle 0 or pi: write np.where(x < 0, np.pi, 0.0)",
    "unwrap": "write x - 2 * np.pi * np.round(x / (2 * np.pi))", "i0": "it is no elementary function: sum its series",
    "matvec": "use A @ x", "vecmat": "use x @ A", "vecdot": "use np.sum(x * y, axis=-1)",
    "bitwise_*": "numbers are no bit patterns: compare them, and combine comparisons with &, | and ~",
    "invert": "numbers are no bit patterns: use -x, or ~ on comparisons", "*_shift": "multiply by a power of two",
    "isnat": "there are no dates among real numbers", "bitwise_count": "numbers are no bit patterns",
    # writes into memory
    **dict.fromkeys(("copyto", "put", "put_along_axis", "place", "putmask", "fill_diagonal", "fill", "resize",
                     "itemset", "setfield", "setflags", "byteswap"),
                    "programs do not overwrite (Section 3): choose with np.where, or build with np.concatenate"),
    "sort_complex": "use np.sort: a traced value is real",
    "asarray_chkfinite": "use np.stack: traced values are finite",
    # rearranging, and what has no fixed shape
    "trim_zeros": "its shape depends on values: slice with plain indices", "unique*": "its shape depends on values: "
    "use np.sort, or find the groups outside", "intersect1d": OUTSIDE, "union1d": OUTSIDE, "setdiff1d": OUTSIDE,
    "setxor1d": OUTSIDE, "isin": "compare: (x[:, None] == values).any(axis=1)", "in1d": "use np.isin's spelling: "
    "(x[:, None] == values).any(axis=1)", "lexsort": "use np.argsort on one key", "block": "use np.concatenate",
    "flatiter": "use np.ravel(x)", "bmat": "use np.block", "asmatrix": "use arrays: A @ B", "mask_indices": OUTSIDE,
    "tri*_indices*": "give plain shapes: np.triu_indices(len(x))", "diag_indices*": "use np.diagonal(x)",
    "unravel_index": OUTSIDE, "ravel_multi_index": OUTSIDE, "ix_": "give plain indices", "packbits": OUTSIDE,
    "unpackbits": OUTSIDE, "rollaxis": "use np.moveaxis",
    # statistics and histograms
    "nancum*": "use np.cumsum or np.cumprod: traced values are numbers, never missing",
    "nanarg*": "use np.argmax or np.argmin: traced values are numbers, never missing",
    "nan*": "use the function without nan in its name: traced values are numbers, never missing",
    "histogram*": "counts jump: use sums of sg.sigmoid, or count outside", "bincount": "counts are data: take them "
    "outside, and weigh with a one-hot matrix: W @ x", "cumulative_sum": "use np.cumsum", "cumulative_prod":
    "use np.cumprod", "trapz": "use np.trapezoid", "array_equiv": "use np.array_equal",
    "polyfit": "use np.linalg.solve on the normal equations", "poly*": "write the polynomial out, or use np.polyval",
    "roots": "iterate Newton's method", "poly1d": "use np.polyval", "row_stack": "use np.vstack",
    # making arrays
    "array": "use np.stack", "as*array": "leave it out: a traced value is an array already",
    "may_share_memory": "a program has no memory: nothing is shared",
    "require": "leave it out: a traced value is an array already", "from*": OUTSIDE, "load*": OUTSIDE, "genfromtxt":
    OUTSIDE, "save*": "save what the program returns", "logspace": "write 10.0 ** np.linspace(a, b, n)",
    "geomspace": "write np.exp(np.linspace(np.log(a), np.log(b), n))", "arange": "write start + step * np.arange(n)",
    "full": "use np.broadcast_to(x, shape)", "*_like": "use np.zeros_like, np.ones_like or np.full_like",
    "identity": OUTSIDE, "eye": OUTSIDE, "tri": OUTSIDE, "indices": OUTSIDE, "ndindex": "give plain numbers",
    **dict.fromkeys(("bartlett", "blackman", "hamming", "hanning", "kaiser"), "windows are data: call it with plain "
                    "numbers"),
    **dict.fromkeys(("zeros", "ones", "empty", "fromiter"), "shapes are data: give plain whole numbers"),
    # formats, memory, printing and the rest of Python
    **dict.fromkeys(("can_cast", "min_scalar_type", "promote_types", "issubdtype", "isdtype", "mintypecode",
                     "typename", "iterable", "isscalar", "isfortran", "common_type",
                     "iscomplexobj", "byte_bounds", "astype"),
                    "ask x.dtype or x.shape, which are plain"),
    **dict.fromkeys(("array2string", "array_repr", "array_str", "base_repr", "binary_repr", "format_float_positional",
                     "format_float_scientific", "printoptions", "get_printoptions", "set_printoptions", "info",
                     "show_config", "show_runtime"), "print(x) shows a traced value"),
    **dict.fromkeys(("item", "tolist", "tobytes", "tofile", "dump", "dumps", "data", "ctypes", "getfield"),
                    "a traced value stands for every number that may come: compute with it as it is, and take plain "
                    "numbers from what the program returns"),
    **dict.fromkeys(("flags", "strides", "device", "to_device"),
                    "a program has no memory layout: use x.shape and x.dtype"),
    "sort": "use np.sort(x), which returns the sorted values", "partition": "use np.sort(x) or sg.kth_largest",
    "choose": "use np.where", "get*": OUTSIDE, "set*": OUTSIDE, "err*": OUTSIDE, "test": OUTSIDE, "apply_*":
    "write the loop out, and join with np.stack", "vectorize": "write it with NumPy's functions on whole arrays",
    "frompyfunc": "write it with NumPy's functions on whole arrays", "nditer": "loop over range(len(x))",
    "nested_iters": "loop over range(len(x))", "ndenumerate": "loop over range(len(x))", "einsum_path": OUTSIDE,
    "busday*": "there are no dates among real numbers", "is_busday": "there are no dates among real numbers",
    "datetime*": "there are no dates among real numbers", "*complex*": "traced values are real numbers",
    "broadcast_shapes": "give it x.shape", "broadcast": "use np.broadcast_to", "asanyarray": "leave it out",
    "isneginf": "write x == -np.inf", "isposinf": "write x == np.inf", "is*": "compare numbers: x == y, x > y",
    # linear algebra
    "matrix_rank": "a rank jumps: " + OUTSIDE,
    "eigvals": "of a symmetric matrix use np.linalg.eigvalsh", "eig": "of a symmetric matrix use np.linalg.eigh",
    "qr": "use np.linalg.cholesky(A.T @ A)", "lstsq": "use np.linalg.pinv(A) @ b",
    # transforms and random numbers
    "*fft*": "write it as a product with the plain matrix np.fft.fft(np.eye(n)).real", "permutation": OUTSIDE,
    "shuffle": OUTSIDE,
}


def instead_of(name: str, known: Iterable = ()) -> str:
    """What to write instead of `name`: an entry of the table, a family's, or the nearest spelling that is known.

    >>> instead_of("nanmedian")
    'use the function without nan in its name: traced values are numbers, never missing'
    """
    if name in ALTERNATIVES:
        return ALTERNATIVES[name]
    for pattern, answer in ALTERNATIVES.items():
        if fnmatchcase(name, pattern):
            return answer
    near = get_close_matches(name, [f.__name__ for f in known], 1, 0.8)
    return f"the nearest function that is recorded is np.{near[0]}" if near else NO_ANSWER


NO_ANSWER = "build it from +, @, np.exp, np.log, np.maximum, np.where, np.sort and their like"
