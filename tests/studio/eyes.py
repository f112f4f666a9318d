# ruff: noqa: E501 - a matrix is read as a row
"""How colours look to eyes that lack one kind of cones.

Machado, Oliveira and Fernandes 2009 (severity 1) for all three, Viénot, Brettel and Mollon 1999 as a second
opinion for red and green; both act on linear light.
"""

from collections.abc import Sequence

from studio.palettes import RGB, linear

Matrix = Sequence[Sequence[float]]

MACHADO = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
VIENOT = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def seen(color: RGB, eyes: Matrix) -> RGB:
    """The colour that other eyes would see alike."""
    light = [linear(part) for part in color]
    out = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in eyes)
    r, g, b = (round(255 * (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055)) for x in out)
    return r, g, b
