"""One topic a page, in the order in which they are asked.

base      what a page is
servers   network   address   vrid   leader   extras      the topics
"""

from __future__ import annotations

from wizard.pages.address import Address
from wizard.pages.base import Page
from wizard.pages.extras import Extras
from wizard.pages.leader import Leader
from wizard.pages.network import Network
from wizard.pages.servers import Servers
from wizard.pages.vrid import Vrid

PAGES: tuple[Page, ...] = (Servers(), Network(), Address(), Vrid(), Leader(), Extras())
BY_SLUG = {page.slug: page for page in PAGES}


def after(page: Page) -> Page | None:
    """The page that follows; None where the answers are to be checked."""
    number = PAGES.index(page) + 1
    return PAGES[number] if number < len(PAGES) else None


def before(page: Page) -> Page | None:
    """The page before; None for the first."""
    number = PAGES.index(page)
    return PAGES[number - 1] if number else None


def page_of(path: str, instance: str) -> Page | None:
    """The page on which the setting at this path of the cluster can be mended."""
    return next((page for page in PAGES if page.field_of(path, instance) is not None), None)
