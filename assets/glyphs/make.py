"""Make glyphs.npz: the characters of handwriting fonts, as strokes of a pen. See README.md.

python -m assets.glyphs.make FOLDER   (FOLDER keeps the packages that `npm pack` fetches)

Each character is drawn large, and the lines of a pen are found in it.
"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from core.ink.vectorize import trace

HERE = Path(__file__).parent
DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()
MARKS = ".,:;'\"`-_=~^*"  # small beside a digit: their pen is measured against the font's digits
CHARACTERS = DIGITS + UPPER + LOWER + MARKS + "+?!&%#@/<>(){}[]$|\\£€§"
EM = 170  # pixels
BOLDEST = 0.09  # half the pen's width, as a share of the glyph's longer side
SIDE = 250  # longer side of a stored glyph

FONTS = """
    allison amatic-sc annie-use-your-telescope architects-daughter bad-script beth-ellen bilbo-swash-caps
    borel calligraffitti caveat cedarville-cursive chilanka comic-neue coming-soon covered-by-your-grace
    crafty-girls dancing-script dawning-of-a-new-day dekko delicious-handrawn delius edu-au-vic-wa-nt-hand
    edu-nsw-act-cursive edu-qld-hand edu-tas-beginner fuggles fuzzy-bubbles gaegu gamja-flower
    give-you-glory gloria-hallelujah gochi-hand grape-nuts grechen-fuemen gveret-levin hachi-maru-pop
    handlee hi-melody homemade-apple indie-flower itim julee just-another-hand
    just-me-again-down-here kalam kavivanar kite-one kristi la-belle-aurore licorice long-cang
    loved-by-the-king lxgw-wenkai-tc mali mansalva marck-script mynerve nanum-brush-script nanum-pen-script
    neucha nothing-you-could-do oooh-baby over-the-rainbow pangolin patrick-hand playpen-sans playwrite-br
    playwrite-cz playwrite-de-grund playwrite-fr-trad playwrite-nl playwrite-us-trad poor-story rancho
    reenie-beanie rock-salt ruluko sacramento schoolbell sedgwick-ave shadows-into-light
    shadows-into-light-two shantell-sans short-stack single-day solitreo sour-gummy square-peg sriracha
    stalemate sue-ellen-francisco sunshiney swanky-and-moo-moo the-girl-next-door twinkle-star unkempt vibur
    vujahday-script waiting-for-the-sunrise walter-turncoat yomogi zen-kurenaido zeyada zhi-mang-xing
"""
TRAINING_ONLY = ("playwrite", "edu")  # school alphabets of many countries, alike among themselves
LEFT_OUT = {  # what a person would not read as what it is
    "amatic-sc": "48",
    "beth-ellen": "04",
    "bilbo-swash-caps": "4",
    "crafty-girls": "4",
    "dawning-of-a-new-day": "7i",
    "fuggles": "4b",
    "gochi-hand": "4",
    "grechen-fuemen": "3",
    "homemade-apple": "25IT",
    "just-another-hand": "4",
    "just-me-again-down-here": "7",
    "kristi": "48mnN",
    "licorice": "014",
    "loved-by-the-king": "24",
    "over-the-rainbow": "5",
    "sedgwick-ave": "0",
    "sour-gummy": "0",
    "sriracha": "1",
    "stalemate": "3",
    "sue-ellen-francisco": "4",
    "sunshiney": "69",
    "twinkle-star": "023",
    "vujahday-script": "3",
    "zeyada": "4JQ",
    "zhi-mang-xing": "0479",
}
CAPITALS = ("amatic-sc", "rock-salt", "walter-turncoat")  # their small letters are capitals too


def fetch(name: str, folder: Path) -> bytes:
    """Return the font file of one package; it is fetched with npm unless `folder` has it."""
    pattern = f"fontsource-{name}-[0-9]*.tgz"
    if not any(folder.glob(pattern)):
        subprocess.run(["npm", "pack", f"@fontsource/{name}"], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob(pattern))) as package:
        weights = (f"package/files/{name}-latin-{weight}-normal.woff" for weight in (400, 300))
        path = next(path for path in weights if path in package.getnames())
        file = package.extractfile(path)
        assert file is not None
        return file.read()


def draw(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray:
    """Return bool [height, width], True = ink, with a margin of at least two pixels."""
    left, top, right, bottom = font.getbbox(character)
    image = Image.new("L", (int(right - left) + 24, int(bottom - top) + 24))
    ImageDraw.Draw(image).text((12 - left, 12 - top), character, fill=255, font=font)
    return np.asarray(image) > 127


def glyphs(name: str, folder: Path) -> dict[str, list[np.ndarray]]:
    """character -> strokes, each uint8 [points, 2], for what one font has and a pen could have drawn."""
    data = fetch(name, folder)
    font = ImageFont.truetype(io.BytesIO(data), EM, layout_engine=ImageFont.Layout.BASIC)
    known = TTFont(io.BytesIO(data)).getBestCmap()
    tall = max((np.ptp(np.nonzero(draw(font, c))[0]) for c in "0137" if ord(c) in known), default=EM / 2)
    left_out = LEFT_OUT.get(name, "") + (LOWER if name in CAPITALS else "")
    found = {}
    for character in CHARACTERS:
        if known.get(ord(character), ".notdef") == ".notdef" or character in left_out:
            continue
        ink = draw(font, character)
        if not ink.any():
            continue
        strokes, radius = trace(ink)
        side = max(np.ptp(axis) for axis in np.nonzero(ink)) + 1
        if not strokes or radius > BOLDEST * (tall if character in MARKS else side):
            continue
        points = np.concatenate(strokes)
        if character == "." and len(points) > 1:
            continue  # a scribble: its middle line is a ring or a hook
        low, extent = points.min(0), np.ptp(points, axis=0).max()
        scale = SIDE / extent if len(points) > 1 else 0
        found[character] = [np.round((s - low) * scale).astype(np.uint8) for s in strokes]
    return found


def split(names: list[str]) -> np.ndarray:
    """Return bool [fonts], True = held out: every fifth family of a shuffle. 'playwrite-cz' is a playwrite."""
    family = [name.split("-")[0] for name in names]
    order = np.random.default_rng(0).permutation(sorted(set(family) - set(TRAINING_ONLY)))
    return np.isin(family, order[::5])


def main(folder: Path) -> None:
    names = FONTS.split()
    points, stroke_ends, glyph_ends, characters, fonts = [], [0], [0], [], []
    for index, name in enumerate(names):
        for character, strokes in glyphs(name, folder).items():
            points += strokes
            stroke_ends += (stroke_ends[-1] + np.cumsum([len(s) for s in strokes])).tolist()
            glyph_ends.append(len(stroke_ends) - 1)
            characters.append(character)
            fonts.append(index)
        print(f"{name}: {fonts.count(index)}", flush=True)
    np.savez_compressed(
        HERE / "glyphs.npz",
        points=np.concatenate(points),
        stroke_offsets=np.array(stroke_ends, np.int32),
        glyph_offsets=np.array(glyph_ends, np.int32),
        character=np.array(characters, "<U1"),
        font=np.array(fonts, np.uint8),
        fonts=np.array(names),
        held_out=split(names),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
