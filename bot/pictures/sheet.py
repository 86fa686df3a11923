"""A sheet that shapes and words are put on, in pixels from its top left corner, and that becomes a PNG. All of matplotlib is used here.

The figure is made without pyplot, which keeps figures for the whole process: sheets can be drawn in several threads at once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.pictures.letters import drawable, font_file, width, wrapped
from bot.pictures.theme import Theme, palette

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

WIDTH = 1_080  # pixels; a phone shows them at a third
MARGIN = 44
INNER = WIDTH - 2 * MARGIN
TITLE, BODY, SMALL = 38, 34, 28  # sizes of letters, in pixels; under 26 a phone's reader would have to zoom
LEADING = 1.32  # a line's height, in sizes
PER_INCH = 72  # dots: so that a point is a pixel

Point = tuple[float, float]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and the same in words: at most 1,024 characters, Discord's limit for what describes an attachment."""

    png: bytes
    alternative: str
    width: int
    height: int


class Sheet:
    """Grows downwards: `y` is where the next thing goes. Words are drawn as they are, never as mathematics."""

    def __init__(self, theme: Theme) -> None:
        self.colours = palette(theme)
        self.y: float = MARGIN
        self._artists: list[Artist] = []

    def paragraph(
        self, text: str, size: float, lines: int, *, x: float = MARGIN, room: float = INNER, colour: str = "", bold: bool = False
    ) -> None:
        """At most so many lines; `y` goes below them."""
        for line in wrapped(text, size, room, lines, bold=bold):
            self.line(line, x, self.y + size * LEADING / 2, size, colour=colour, bold=bold)
            self.y += size * LEADING

    def line(
        self, text: str, x: float, middle: float, size: float, *, colour: str = "", bold: bool = False, align: Align = "left"
    ) -> float:
        """One line with its middle at that height, however long; returns its width."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.text import Text

        shown = drawable(text, bold=bold)
        font = FontProperties(fname=font_file(bold=bold), size=size)
        # A baseline 0.36 of the size below the middle puts that into the middle of capitals, whatever letters the line has.
        self._artists.append(Text(
            x, middle + 0.36 * size, shown, color=colour or self.colours.ink, fontproperties=font, ha=align, va="baseline",
            parse_math=False, usetex=False, zorder=4,
        ))  # fmt: skip
        return width(shown, size, bold=bold)

    def fitted(self, text: str, x: float, middle: float, size: float, room: float) -> None:
        """One line, with "…" for what has no room."""
        self.line(wrapped(text, size, room, 1)[0], x, middle, size)

    def disc(self, x: float, y: float, radius: float, colour: str, *, filled: bool = True) -> None:
        from matplotlib.patches import Circle

        self._artists.append(Circle((x, y), radius, facecolor=colour if filled else self.colours.page, edgecolor=colour, lw=3, zorder=3))

    def diamond(self, x: float, y: float, radius: float, colour: str, *, filled: bool = True) -> None:
        from matplotlib.patches import Polygon

        corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
        self._artists.append(
            Polygon(corners, facecolor=colour if filled else self.colours.page, edgecolor=colour, lw=3, joinstyle="round", zorder=3)
        )

    def box(self, x: float, y: float, wide: float, high: float, colour: str, *, round_by: float = 0, above: bool = False) -> None:
        """Under lines and signs, or above lines."""
        from matplotlib.patches import FancyBboxPatch

        style = f"round,pad=0,rounding_size={min(round_by, wide / 2, high / 2)}"
        self._artists.append(
            FancyBboxPatch((x, y), wide, high, boxstyle=style, facecolor=colour, edgecolor="none", zorder=2.5 if above else 1)
        )

    def rule(self, start: Point, end: Point, colour: str = "", *, dashed: bool = False, wide: float = 2, above: bool = False) -> None:
        from matplotlib.lines import Line2D

        line = Line2D([start[0], end[0]], [start[1], end[1]], color=colour or self.colours.rule, lw=wide, zorder=2.7 if above else 2)
        if dashed:
            line.set_linestyle((0, (4, 3)))
        self._artists.append(line)

    def picture(self, alternative: str) -> Picture:
        """What lies on the sheet; it ends a margin below `y`."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(self.figure())
        png = io.BytesIO()
        canvas.print_png(png, metadata={"Software": None})  # type: ignore[no-untyped-call]
        wide, high = canvas.get_width_height()
        return Picture(png.getvalue(), alternative, wide, high)

    def figure(self) -> Figure:
        """What lies on the sheet, as matplotlib has it: to be taken once, for an artist is of one figure."""
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        high = round(self.y + MARGIN)
        figure = Figure((WIDTH / PER_INCH, high / PER_INCH), dpi=PER_INCH, facecolor=self.colours.page)
        down = Affine2D().scale(1, -1).translate(0, high)
        for artist in self._artists:
            artist.set_transform(down)
            figure.add_artist(artist)
        return figure

    def texts(self) -> Sequence[str]:
        """All words on the sheet, in the order in which they were put there."""
        from matplotlib.text import Text

        return [artist.get_text() for artist in self._artists if isinstance(artist, Text)]
