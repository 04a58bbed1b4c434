"""One topic a page, in the order in which they are asked.

base           what a page is
servers   network   address   vrid   leader   checks   devices   extras      the topics
network_scan   what the servers hear, for the pages that need it
preview        what the servers would get with what is being typed
review         what the core says about a draft, by page and field
confirmations  warnings that a person may go on in spite of
groups         one more group of floating addresses, or one less
repeated       rows of a form that one adds and takes out
"""

from __future__ import annotations

from wizard.drafts import Draft
from wizard.pages.address import Address
from wizard.pages.base import Page
from wizard.pages.checks import Checks
from wizard.pages.devices import Devices
from wizard.pages.extras import Extras
from wizard.pages.leader import Leader
from wizard.pages.network import Network
from wizard.pages.servers import Servers
from wizard.pages.vrid import Vrid

PAGES: tuple[Page, ...] = (Servers(), Network(), Address(), Vrid(), Leader(), Checks(), Devices(), Extras())
BY_SLUG = {page.slug: page for page in PAGES}


def asked(draft: Draft, page: Page) -> list[Page]:
    """The questions of this draft in their order, the present one among them."""
    return [candidate for candidate in PAGES if candidate is page or candidate.wanted(draft)]


def after(draft: Draft, page: Page) -> Page | None:
    """The page that follows; None where the answers are to be checked."""
    pages = asked(draft, page)
    return next(iter(pages[pages.index(page) + 1 :]), None)


def before(draft: Draft, page: Page) -> Page | None:
    """The page before; None for the first."""
    pages = asked(draft, page)
    return next(iter(pages[: pages.index(page)][::-1]), None)


def page_of(path: str, instance: str) -> Page | None:
    """The page on which the setting at this path of the cluster can be mended."""
    return next((page for page in PAGES if page.field_of(path, instance) is not None), None)
