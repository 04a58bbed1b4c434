"""Icons, drawn into the page from the sprite: no request of their own, and the colour of the text around them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup

SPRITE = Path(__file__).parents[1] / "static" / "icons.svg"
SVG = "{http://www.w3.org/2000/svg}"


def icon(name: str) -> Markup:
    """The icon of this name, hidden from screen readers: the words beside it say the same. KeyError where there is
    none."""
    drawn = Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>')
    return drawn.format(_paths()[name])


@cache
def _paths() -> dict[str, str]:
    symbols = ElementTree.fromstring(SPRITE.read_text("utf-8")).iter(f"{SVG}symbol")
    return {symbol.attrib["id"]: "".join(path.attrib["d"] for path in symbol.iter(f"{SVG}path")) for symbol in symbols}
