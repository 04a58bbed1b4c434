"""Write the tables of docs/inventory.md anew."""

from __future__ import annotations

from pathlib import Path

from floatip.model.settings.documents import documented

PAGE = Path(__file__).resolve().parents[3] / "docs" / "inventory.md"

if __name__ == "__main__":
    PAGE.write_text(documented(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
