"""Draw the app's icons from our own drawing: `python scripts/icons.py` writes them beside static/icons/icon.svg.

The drawing is a square with rounded corners and circles; the maskable one fills the whole square and keeps its circles
inside the middle four fifths, which every phone shows whatever shape it cuts.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "static/icons"
SVG = "{http://www.w3.org/2000/svg}"
FINER = 4  # drawn so many times larger, then scaled: round edges without steps
FILES = {  # name: (side in pixels, part of the side that the drawing takes, whether its corners are cut)
    "app-192": (192, 1.0, True),
    "app-512": (512, 1.0, True),
    "app-maskable-512": (512, 0.78, False),
    "touch": (180, 0.9, False),
}


def draw(side: int, share: float, is_cut: bool) -> Image.Image:
    """The drawing at `side` pixels, its circles on `share` of it; uncut corners leave the ground to the edge."""
    root = ET.parse(FOLDER / "icon.svg").getroot()  # noqa: S314 (our own drawing)
    view = float(root.attrib["viewBox"].split()[2])
    rect, group = root.find(f"{SVG}rect"), root.find(f"{SVG}g")
    if rect is None or group is None:
        raise ValueError("icon.svg is not the drawing that this script knows")
    large = side * FINER
    image = Image.new("RGBA", (large, large))
    pen = ImageDraw.Draw(image)
    radius = float(rect.attrib["rx"]) * large / view if is_cut else 0
    pen.rounded_rectangle((0, 0, large - 1, large - 1), radius, fill=rect.attrib["fill"])
    scale, edge = large * share / view, large * (1 - share) / 2
    for circle in group.findall(f"{SVG}circle"):
        x, y, r = (float(circle.attrib[name]) * scale for name in ("cx", "cy", "r"))
        pen.ellipse((edge + x - r, edge + y - r, edge + x + r, edge + y + r), fill=group.attrib["fill"])
    image = image.resize((side, side), Image.Resampling.LANCZOS)
    return image if is_cut else image.convert("RGB")


def main() -> None:
    for name, (side, share, is_cut) in FILES.items():
        draw(side, share, is_cut).quantize(64).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
