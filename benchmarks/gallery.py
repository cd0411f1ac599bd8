"""Writes docs/gallery.md: a card for every environment of the registry."""

from __future__ import annotations

from _tables import ROOT

from esreason.report.gallery import gallery


def main() -> None:
    path = ROOT / "docs" / "gallery.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(gallery(), encoding="utf-8")


if __name__ == "__main__":
    main()
