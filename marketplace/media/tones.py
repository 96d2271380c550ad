"""Sixteen grounds for a photo until it arrives: the nearest to its dominant color, as a class (`g0` to `g15`).

An inline style would break the content policy, so the palette is fixed; `static/css/site.css` holds the same colors.
"""

from __future__ import annotations

TONES: tuple[tuple[int, int, int], ...] = (
    (236, 233, 228),  # 0 paper
    (214, 208, 199),  # 1 linen
    (201, 198, 193),  # 2 silver
    (165, 162, 158),  # 3 worn silver
    (130, 127, 123),  # 4 ash
    (95, 92, 89),  # 5 slate
    (63, 60, 57),  # 6 stone
    (34, 31, 29),  # 7 lava
    (226, 208, 186),  # 8 sand
    (189, 160, 128),  # 9 teak
    (122, 90, 64),  # 10 coconut wood
    (176, 108, 82),  # 11 brick
    (142, 61, 40),  # 12 temple brick
    (94, 116, 82),  # 13 leaf
    (196, 168, 98),  # 14 gold
    (112, 128, 144),  # 15 rain
)


def tone_of(rgb: tuple[int, int, int]) -> int:
    """The index of the nearest ground, by the eye's weights for red, green and blue."""

    def distance(tone: tuple[int, int, int]) -> int:
        red, green, blue = (one - other for one, other in zip(rgb, tone, strict=True))
        return 3 * red * red + 6 * green * green + blue * blue

    return min(range(len(TONES)), key=lambda index: distance(TONES[index]))
