# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Writes trained numbers as a Swift file, as decimal integers of a common scale."""

import textwrap

import numpy as np

HEADER = "// Sidetone\n// SPDX-License-Identifier: Apache-2.0\n"


def rounded(values, scale):
    return np.round(np.asarray(values, np.float64) * scale).astype(int)


def listed(integers):
    text = textwrap.fill(" ".join(map(str, np.ravel(integers))), 92)
    return "\"\"\"\n" + textwrap.indent(text, "        ") + "\n        \"\"\""


def integer_table(name, values, scale):
    """A static member that holds the values times the scale, rounded, as integers."""
    integers = rounded(values, scale)
    if np.abs(integers).max() > 32767:
        raise ValueError(f"a weight of '{name}' is {np.abs(values).max():g}, too much for 16 bits")
    return f"    private static let {name} = WeightTable.integers(\n        {listed(integers)})\n"


def table(name, values, scale):
    """A static member that holds the values, rounded to whole multiples of 1 / scale."""
    return (f"    private static let {name} = WeightTable.numbers(\n"
            f"        {listed(rounded(values, scale))}, scale: {scale})\n")


def save(path, comment, type_name, members):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n/// {comment}\nenum {type_name} {{\n" + "\n".join(members) + "}\n")
