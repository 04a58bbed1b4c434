"""Sphinx's configuration, for each language. Nothing that a page needs comes from another host."""

from pathlib import Path
from typing import Any

project = "floatip"
author = "floatip"
html_title = "floatip"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3
exclude_patterns = ["inventories"]
templates_path = ["templates"]
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_sidebars = {
    "**": [
        "sidebar/scroll-start.html",
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
NAMES = {"en": "English", "ru": "Русский"}
ROOMS = {"en": "../", "ru": "ru/"}


def setup(app: Any) -> None:
    """Each page gets the way to itself in the other language, or to the first page there."""
    app.connect("html-page-context", _other)


def _other(app: Any, name: str, template: str, context: dict[str, Any], doctree: object) -> None:
    (other,) = NAMES.keys() - {app.config.language}
    there = Path(app.srcdir).parent / other / f"{name}.md"
    page = name if there.is_file() or template == "search.html" else "index"
    context["other"] = {
        "code": other,
        "name": NAMES[other],
        "link": context["pathto"]("", 1) + ROOMS[other] + f"{page}.html",
    }
