"""Pictures that are no photos, drawn: menus, plans, letters, logos, placeholders. The same every time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
PAPERS: Final[tuple[Colour, ...]] = (
    (255, 255, 255), (250, 244, 228), (238, 232, 214), (20, 20, 22), (32, 40, 66), (88, 24, 34), (246, 248, 250),
    (214, 196, 160),
)  # fmt: skip
INKS: Final[tuple[Colour, ...]] = ((20, 20, 20), (60, 40, 30), (30, 60, 120), (150, 30, 40))
WORDS: Final = [
    "roast beetroot with goat cheese",
    "seared trout and fennel",
    "wild mushroom risotto",
    "lemon posset",
    "day delegate rate",
    "ceremony room",
    "reception drinks",
    "minimum spend",
    "exclusive hire",
    "evening buffet",
    "service charge",
    "main hall",
    "kitchen",
    "cloakroom",
    "stage",
    "bar",
    "terrace",
    "lift",
    "fire exit",
    "parking",
]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture being drawn."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    random: np.random.Generator
    paper: Colour
    ink: Colour

    @property
    def width(self) -> int:
        """Pixels."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.image.height

    def font(self, share: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        """Return letters that are so much of the height tall."""
        return ImageFont.load_default(max(8.0, share * self.height))

    def words(self) -> str:
        """Return something that a menu or a plan says."""
        return WORDS[self.random.integers(len(WORDS))]


def menu(sheet: Sheet) -> None:
    """Dishes with their prices, under a title."""
    sheet.pen.text((sheet.width / 2, sheet.height * 0.08), "MENU", sheet.ink, sheet.font(0.06), anchor="mm")
    lines = int(sheet.random.integers(7, 18))
    for number in range(lines):
        y = sheet.height * (0.18 + 0.76 * number / lines)
        sheet.pen.text((sheet.width * 0.1, y), sheet.words().capitalize(), sheet.ink, sheet.font(0.45 / lines))
        price = f"{sheet.random.integers(5, 90)}.50"
        sheet.pen.text((sheet.width * 0.9, y), price, sheet.ink, sheet.font(0.45 / lines), anchor="ra")


def letter(sheet: Sheet) -> None:
    """A page of running text."""
    lines = int(sheet.random.integers(18, 40))
    for number in range(lines):
        if sheet.random.random() < 0.12:
            continue
        text = " ".join(sheet.words() for _ in range(4))
        sheet.pen.text((sheet.width * 0.08, sheet.height * (0.06 + 0.9 * number / lines)), text, sheet.ink,
                       sheet.font(0.5 / lines))  # fmt: skip
    sheet.pen.rectangle((sheet.width * 0.92, 0, sheet.width, sheet.height), fill=sheet.paper)


def plan(sheet: Sheet) -> None:
    """A floor plan: walls, doors, names of rooms."""
    wall = max(2, round(sheet.width * 0.006))
    xs, ys = (np.sort(sheet.random.uniform(0.1, 0.9, 4)) for _ in range(2))
    sheet.pen.rectangle((sheet.width * 0.05, sheet.height * 0.05, sheet.width * 0.95, sheet.height * 0.95),
                        outline=sheet.ink, width=2 * wall)  # fmt: skip
    for x in xs[:3]:
        sheet.pen.line((sheet.width * x, sheet.height * 0.05, sheet.width * x, sheet.height * 0.95), sheet.ink, wall)
    for y in ys[:2]:
        sheet.pen.line((sheet.width * 0.05, sheet.height * y, sheet.width * 0.95, sheet.height * y), sheet.ink, wall)
    for x in xs[:3]:
        for y in ys[:2]:
            sheet.pen.text((sheet.width * x + 12, sheet.height * y + 8), sheet.words(), sheet.ink, sheet.font(0.025))


def table(sheet: Sheet) -> None:
    """Prices in rows and columns, every other row shaded."""
    rows, columns = int(sheet.random.integers(6, 14)), int(sheet.random.integers(3, 6))
    shade = tuple(round(0.88 * part + 0.12 * ink) for part, ink in zip(sheet.paper, sheet.ink, strict=True))
    for row in range(rows):
        top, bottom = (sheet.height * (0.05 + 0.9 * at / rows) for at in (row, row + 1))
        if row % 2:
            sheet.pen.rectangle((0, top, sheet.width, bottom), fill=shade)
        for column in range(columns):
            text = sheet.words() if column == 0 else f"{sheet.random.integers(100, 9000)}"
            sheet.pen.text((sheet.width * (0.03 + column / columns), top + 4), text, sheet.ink, sheet.font(0.4 / rows))


def logo(sheet: Sheet) -> None:
    """A large word beside a shape."""
    middle, side = (sheet.width * 0.5, sheet.height * 0.42), min(sheet.width, sheet.height) * 0.2
    box = (middle[0] - side, middle[1] - side, middle[0] + side, middle[1] + side)
    (sheet.pen.ellipse if sheet.random.random() < 0.5 else sheet.pen.rectangle)(box, fill=sheet.ink)
    name = sheet.words().split()[0].upper()
    sheet.pen.text((middle[0], sheet.height * 0.78), name, sheet.ink, sheet.font(0.14), anchor="mm")


def notice(sheet: Sheet) -> None:
    """A few large words."""
    for number in range(int(sheet.random.integers(2, 5))):
        at = (sheet.width / 2, sheet.height * (0.25 + 0.17 * number))
        sheet.pen.text(at, sheet.words().upper(), sheet.ink, sheet.font(0.08), anchor="mm")


def plain(sheet: Sheet) -> None:
    """One colour."""


def gradient(sheet: Sheet) -> None:
    """One colour that becomes another."""
    steps = np.linspace(0, 1, sheet.height)[:, None, None]
    colours = (1 - steps) * np.array(sheet.paper) + steps * sheet.random.integers(0, 256, 3)
    sheet.image.paste(Image.fromarray(np.repeat(colours, sheet.width, axis=1).astype(np.uint8)))


def missing(sheet: Sheet) -> None:
    """A small sign that there is no photo."""
    side = min(sheet.width, sheet.height) * float(sheet.random.uniform(0.05, 0.09))
    x, y = sheet.width / 2, sheet.height * 0.45
    sheet.pen.rounded_rectangle((x - side, y - side * 0.7, x + side, y + side * 0.7), side * 0.2, outline=sheet.ink,
                                width=max(2, round(side * 0.12)))  # fmt: skip
    sheet.pen.ellipse((x - side * 0.3, y - side * 0.3, x + side * 0.3, y + side * 0.3), outline=sheet.ink, width=3)
    if sheet.random.random() < 0.6:
        sheet.pen.text((x, y + side * 1.5), "No photo yet", sheet.ink, sheet.font(0.03), anchor="mm")


TEXTS: Final[Mapping[str, Callable[[Sheet], None]]] = {
    "menu": menu, "letter": letter, "plan": plan, "table": table, "logo": logo, "notice": notice,
}  # fmt: skip
PLACEHOLDERS: Final[Mapping[str, Callable[[Sheet], None]]] = {"plain": plain, "gradient": gradient, "missing": missing}


def drawn(draw: Callable[[Sheet], None], seed: int) -> Image.Image:
    """Return one picture: 400 to 2,000 pixels across, on smooth paper or on paper with some grain."""
    random = np.random.default_rng(seed)
    width = int(random.integers(400, 2000))
    height = round(width * random.choice([0.5625, 0.667, 0.75, 1.0, 1.33, 1.414]))
    paper = PAPERS[random.integers(len(PAPERS))]
    ink = INKS[random.integers(len(INKS))] if sum(paper) > 380 else (240, 232, 214)
    image = Image.new("RGB", (width, height), paper)
    draw(Sheet(image, ImageDraw.Draw(image), random, paper, ink))
    if random.random() < 0.25:
        grain = random.normal(0, 3, (height, width, 1))
        image = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
    return image
