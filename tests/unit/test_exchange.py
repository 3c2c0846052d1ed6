"""Labelled drawings out to files and back, and what is done with files that are not as they should be."""

import base64
import io
import json
import random
import time
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from core.data import datasets
from core.data.archive_labels import FILE, INNER, NEITHER
from core.ink.files import BadInput
from core.ink.preprocessing import from_strokes
from core.io import json_items
from core.records import DrawingArrays
from core.storage import drawings, exchange, exchange_bounds, exchange_json, exchange_zip
from core.storage.exchange_zip import Unclear
from tests import shapes
from tests.file_bytes import archive, png
from tests.stored_drawings import drawn, same

DIGITS = datasets.mnist().x_test


def refusals(found) -> dict[str, str]:
    return dict(found.refused)


def test_json_brings_everything_back():
    stored = [drawn(digit, held_out=digit == 4) for digit in range(10)]
    found = exchange.read(exchange_json.write(stored), "me")
    assert (found.refused, found.already) == ((), 0)
    assert all(same(one, other) for one, other in zip(found.good, stored, strict=True))
    assert [d.held_out for d in found.good] == [digit == 4 for digit in range(10)]


def test_a_zip_brings_pixels_labels_and_what_is_held_back():
    x, y = DIGITS[:50], datasets.mnist().y_test[:50]
    hand = DrawingArrays(np.arange(50), x, y, np.arange(50) % 5 == 1)
    data = exchange_zip.write(hand.ids, hand.x, hand.y, hand.held_out)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:  # as other programs see it
        assert opened.namelist()[:2] == ["train/7/000000.png", "test/2/000001.png"]
        assert np.array_equal(np.asarray(Image.open(opened.open("test/2/000001.png"))), x[1])
    found = exchange.read(data, "me")
    assert found.refused == ()
    assert np.array_equal(np.stack([d.pixels for d in found.good]), x)
    assert [d.label for d in found.good] == y.tolist()
    assert [d.held_out for d in found.good] == hand.held_out.tolist()


def test_what_is_there_already_does_not_come_twice():
    data = exchange_json.write([drawn(1), drawn(2), drawn(1)])
    found = exchange.read(data, "me", known={(2, drawn(2).pixels.tobytes())})
    assert ([d.label for d in found.good], found.already) == ([1], 2)


def test_the_least_that_a_drawing_needs():
    strokes = [s.tolist() for s in shapes.strokes(5)]
    pixels = base64.b64encode(DIGITS[0].tobytes()).decode()
    data = json.dumps([{"label": 5, "strokes": strokes}, {"label": 7, "pixels": pixels}]).encode()
    five, seven = exchange.read(data, "me").good
    assert np.array_equal(five.pixels, drawings.as_bytes(from_strokes(shapes.strokes(5)).pixels))
    assert np.array_equal(seven.pixels, DIGITS[0])
    assert (five.label, five.predicted, five.confidence, five.held_out) == (5, None, None, None)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (7, "This is no drawing"),
        ({"label": 10, "strokes": []}, "Its label is '10'; accepted are the numbers 0 to 9."),
        ({"label": True}, "Its label is 'True'"),
        ({"label": "7"}, "Its label is '7'; accepted are the numbers"),
        ({"label": 7}, "It is empty: it has no ink."),
        ({"label": 7, "strokes": [[[0, "x"]]]}, "Stroke 1 has a point that is not two plain numbers"),
        ({"label": 7, "strokes": [[[0, float("nan")]]]}, "Stroke 1 has a point that is not two plain numbers"),
        ({"label": 7, "pixels": "AAAA"}, "Its pixels are 3 bytes: expected are 28 x 28 bytes as base64."),
        ({"label": 7, "pixels": [1, 2]}, "Its pixels cannot be read"),
        ({"label": 7, "pixels": base64.b64encode(bytes(784)).decode()}, "It is empty"),
    ],
)
def test_a_bad_drawing_is_named_and_the_others_are_taken(item, sentence):
    good = json.loads(exchange_json.write([drawn(3)]))["drawings"][0]
    found = exchange.read(json.dumps({"drawings": [item, good]}).encode(), "me")
    assert [d.label for d in found.good] == [3]
    ((name, said),) = found.refused
    assert name == "drawing 1"
    assert sentence in said


def test_pictures_of_other_sizes_and_polarities():
    large = 255 - np.kron(DIGITS[0], np.ones((5, 5), np.uint8))  # black on white
    off_centre = np.roll(DIGITS[0], 5, axis=1)
    jpeg = io.BytesIO()
    Image.fromarray(large).save(jpeg, "JPEG", quality=95)
    found = exchange.read(
        archive(
            {
                "mine/7/white.png": png(255 - DIGITS[0]),
                "7_large.png": png(large),
                "7.jpg": jpeg.getvalue(),
                "7-off.png": png(off_centre),
                "__MACOSX/7/._white.png": b"junk",
                "7/.DS_Store": b"junk",
            }
        ),
        "me",
    )
    assert found.refused == ()
    assert [d.label for d in found.good] == [7] * 4
    assert np.array_equal(found.good[0].pixels, DIGITS[0])
    for other in found.good[1:]:  # the same digit, cut out and centred anew
        overlap = np.minimum(other.pixels / 255, DIGITS[0] / 255).sum() / (DIGITS[0] / 255).sum()
        assert overlap > 0.7


@pytest.mark.slow
def test_each_bad_entry_is_named_with_its_reason():
    bomb = archive({"7/bomb.png": bytes(30_000_000)}, zipfile.ZIP_DEFLATED)
    huge = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(huge, "PNG")
    entries = {
        "7/good.png": png(DIGITS[0]),
        "../7/climbs.png": png(DIGITS[1]),
        "/7/absolute.png": png(DIGITS[1]),
        "7\\..\\windows.png": png(DIGITS[1]),
        "C:/7/drive.png": png(DIGITS[1]),
        "ten/a.png": png(DIGITS[1]),
        "12/b.png": png(DIGITS[1]),
        "12.png": png(DIGITS[1]),
        "7/cut.png": png(DIGITS[1])[:60],
        "7/text.png": b"no picture",
        "7/empty.png": png(np.zeros((28, 28), np.uint8)),
        "7/huge.png": huge.getvalue(),
    }
    found = exchange.read(archive(entries), "me")
    assert [np.array_equal(d.pixels, DIGITS[0]) for d in found.good] == [True]
    said = refusals(found)
    assert len(said) == len(entries) - 1
    for name in ("../7/climbs.png", "/7/absolute.png", "7\\..\\windows.png", "C:/7/drive.png"):
        assert said[name] == "Its name leads out of the archive."
    assert said["ten/a.png"].startswith("It has no label 0 to 9: its folder is 'ten'")
    assert said["12.png"].startswith("It has no label 0 to 9: it is in no folder")
    assert "damaged" in said["7/cut.png"]
    assert "not a picture" in said["7/text.png"]
    assert said["7/empty.png"] == "It is empty: it has no ink."
    assert "20,000 x 20,000 pixels; at most 4 million" in said["7/huge.png"]
    assert refusals(exchange.read(bomb, "me")) == {"7/bomb.png": "It unpacks to more than 2 MB."}


@pytest.mark.slow
def test_100_000_files_and_many_bombs_stay_within_bounds(monkeypatch):
    monkeypatch.setattr(exchange_bounds, "MAX_TAKEN", 20)
    monkeypatch.setattr(exchange_bounds, "TOO_MANY", "too many")
    picture = png(DIGITS[0])
    entries = {f"{n % 10}/{n}.png": png(DIGITS[n]) if n < 30 else picture for n in range(100_000)}
    found = exchange.read(archive(entries), "me")
    assert len(found.good) == 20
    assert len(found.refused) == 100_000 - 20
    assert refusals(found)["9/99999.png"] == "too many"
    bombs = archive({f"7/{n}.png": bytes(1_999_999) for n in range(80)}, zipfile.ZIP_DEFLATED)
    found = exchange.read(bombs, "me")
    assert len(found.refused) == 80
    assert sum("more than 100 MB" in said for said in refusals(found).values()) >= 29


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "neither JSON nor a zip archive"),
        (b"hello", "neither JSON nor a zip archive"),
        (b"PK\x03\x04 but no archive", "The archive is damaged or incomplete"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"drawing": 1}', "The file lists no drawings"),
        (b"PK\x01\x02" * 200_001, "200,001 entries; at most 200,000"),
        (bytes(50_000_001), "50.0 MB; at most 50 MB"),
    ],
)
def test_other_files_are_refused_in_one_sentence(data, sentence):
    with pytest.raises(BadInput, match=sentence):
        exchange.read(data, "me")


def test_words_for_digits_and_running_numbers():
    """Folders zero, one, two with files 0.png, 1.png, ...: each is what its folder says."""
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    entries = {f"{word}/{n}.png": png(DIGITS[6 * d + n]) for d, word in enumerate(words) for n in range(6)}
    found = exchange.read(archive(entries), "me")
    assert [d.label for d in found.good] == [digit for digit in range(10) for _ in range(6)]


def test_a_contradiction_is_asked_about_and_nothing_is_read_before():
    entries = {"7/three.png": png(DIGITS[0]), "7/a.png": png(DIGITS[1]), "x.png": b"no picture"}
    with pytest.raises(Unclear) as asked:
        exchange.read(archive(entries), "me")
    assert asked.value.question.count == 1
    assert [name for name, _ in asked.value.question.examples] == ["7/three.png"]
    for counts, expected in ((INNER, [7, 7]), (FILE, [3, 7]), (NEITHER, [7])):
        found = exchange.read(archive(entries), "me", counts=counts)
        assert [d.label for d in found.good] == expected
    assert refusals(found)["7/three.png"].startswith("Its name says two digits")


def test_a_number_in_a_strange_folder_is_asked_about_and_what_is_left_out_says_why():
    entries = {f"sieben/{n}.png": png(DIGITS[n]) for n in range(1, 4)} | {"7 (copy)/3.png": png(DIGITS[0])}
    with pytest.raises(Unclear) as asked:
        exchange.read(archive(entries), "me")
    assert (asked.value.question.count, asked.value.question.choices) == (3, (FILE, NEITHER))
    for counts, expected in ((FILE, [1, 2, 3, 7]), (NEITHER, [7])):
        found = exchange.read(archive(entries), "me", counts=counts)
        assert [d.label for d in found.good] == expected
    assert refusals(found)["sieben/2.png"] == (
        "Its folder 'sieben' says no digit that is understood: 0 to 9, or zero to nine."
    )
    many = {f"scans/{n}.png": b"" for n in range(12)}
    assert "one of several that count" in refusals(exchange.read(archive(many), "me"))["scans/3.png"]


def test_an_entry_without_a_name_costs_itself_alone():
    for place in range(3):
        names = ["1/a.png", "2/b.png", "3/c.png"]
        names[place] = "?"
        data = archive({name: png(DIGITS[n]) for n, name in enumerate(names)})
        found = exchange.read(nameless(data), "me")
        assert len(found.good) == 2
        assert refusals(found) == {
            f"entry {place + 1}, without a name": "It has no name, so nothing says which digit it is."
        }


def nameless(data: bytes) -> bytes:
    """The archive with the name of entry '?' taken out, here and in its directory."""
    out, inside = io.BytesIO(), zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(out, "w") as changed:
        for entry in inside.infolist():
            about = zipfile.ZipInfo("x")
            about.filename = "" if entry.filename == "?" else entry.filename
            changed.writestr(about, inside.read(entry))
    return out.getvalue()


def test_what_no_database_takes_is_left_out_of_a_text_and_the_rest_is_taken():
    item = json.loads(exchange_json.write([drawn(3)]))["drawings"][0]
    texts = {"a\0b": "ab", "\ud800net": "net", "x" * 5000: "x" * 100, "\n": ""}
    data = json.dumps([item | {"network": text} for text in texts]).encode()
    found = exchange.read(data, "me")
    assert found.refused == ()
    assert found.already == 3  # the same drawing
    assert found.good[0].network == "ab"
    for text, expected in texts.items():
        (one,) = exchange.read(json.dumps([item | {"network": text}]).encode(), "me").good
        assert one.network == expected
        assert one.network.encode().decode() == expected


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59.999999+00:00", "0001-01-01", "1969-12-31", 7, "soon"])
def test_a_moment_that_cannot_be_is_now(when):
    item = json.loads(exchange_json.write([drawn(3)]))["drawings"][0] | {"created": when}
    (one,) = exchange.read(json.dumps([item]).encode(), "me").good
    assert abs((datetime.now(UTC) - one.created).total_seconds()) < 60


def test_one_damaged_entry_of_a_json_file_does_not_cost_the_others():
    lines = exchange_json.write([drawn(1), drawn(2), drawn(3)])
    cut = exchange.read(lines[: lines.rindex(b'"label"') + 40], "me")
    assert [d.label for d in cut.good] == [1, 2]
    assert refusals(cut)["drawing 3"].startswith("Here the file ends too early")
    strange = lines.replace(b"a network", b"a \xff\xfe network")  # no UTF-8
    assert len(exchange.read(strange, "me").good) == 3
    large = lines.replace(b'"label": 2', b'"more": ' + b"9" * 5000 + b', "label": 2')
    assert len(exchange.read(large, "me").good) == 3
    endless = lines.replace(b'"label": 2', b'"more": "' + b"x" * json_items.MAX_ITEM + b'", "label": 2')
    found = exchange.read(endless, "me")
    assert [d.label for d in found.good] == [1]
    assert "has more than 2,000,000 characters" in refusals(found)["drawing 2"]


def test_a_million_entries_that_are_none_stay_within_bounds(monkeypatch):
    monkeypatch.setattr(exchange_bounds, "MAX_ENTRIES", 1000)
    found = exchange.read(b"[" + b"1," * 1_000_000 + b"1]", "me")
    assert len(found.refused) == 1001


@pytest.mark.slow
def test_pictures_that_would_be_cut_out_beyond_the_bound_are_not_decoded(monkeypatch):
    """A small archive of large images: 500 of them took ten seconds."""
    monkeypatch.setattr(exchange_bounds, "MAX_CUT_OUT", 3)
    large = io.BytesIO()
    Image.new("1", (1990, 1990), 1).save(large, "PNG")
    data = archive({f"7/{n}.png": large.getvalue() for n in range(500)}, zipfile.ZIP_DEFLATED)
    began = time.thread_time()
    found = exchange.read(data, "me")
    assert time.thread_time() - began < 3
    assert len(found.refused) == 500
    assert sum("are cut out from one file" in said for _, said in found.refused) == 497


def test_one_file_gets_so_much_time_and_what_was_read_until_then_is_kept(monkeypatch):
    monkeypatch.setattr(exchange_bounds, "SECONDS", 0.0)
    found = exchange.read(archive({f"7/{n}.png": png(DIGITS[n]) for n in range(5)}), "me")
    assert len(found.good) == 1
    assert found.refused == (("all after 7/0.png", exchange_bounds.TOO_LONG.format(0)),)


def test_the_time_of_other_processes_counts_as_well(monkeypatch):
    """Large images, each of which a process of its own finds to be cut off."""
    noise = np.random.default_rng(0).integers(0, 255, (1100, 1100), np.uint8)
    large = png(noise)[:900_000]
    monkeypatch.setattr(exchange_bounds, "SECONDS", 0.05)
    found = exchange.read(archive({f"7/{n}.png": large for n in range(4)}), "me")
    assert found.refused[1:] == (("all after 7/0.png", exchange_bounds.TOO_LONG.format(0.05)),)


def test_an_export_always_comes_back(monkeypatch):
    """Beyond what one file may hold it is divided."""
    stored = [drawn(n % 10) for n in range(60)]
    sizes = [len(d.strokes) for d in stored]
    assert exchange.parts(sizes) == [slice(0, 60)]
    assert exchange.parts([]) == [slice(0, 0)]
    monkeypatch.setattr(exchange_bounds, "MAX_BYTES", 40_000)
    several = exchange.parts(sizes)
    assert len(several) > 2
    found = [exchange.read(exchange_json.write(stored[part]), "me") for part in several]
    assert sum(len(f.good) + f.already for f in found) == 60
    monkeypatch.setattr(exchange_bounds, "MAX_BYTES", 50_000_000)
    monkeypatch.setattr(exchange_bounds, "MAX_TAKEN", 25)
    assert exchange.parts(sizes) == [slice(0, 25), slice(25, 50), slice(50, 60)]


def test_what_is_no_usual_digit_comes_back_from_a_zip_as_it_was():
    """A dot, faint ink, and ink at the edge: saved here, so taken as they are."""
    x = np.zeros((3, 28, 28), np.uint8)
    x[0, 13:15, 13:15], x[1, 4:24, 14], x[2, :, :3] = 255, 20, 255
    data = exchange_zip.write(np.arange(3), x, np.array([1, 1, 7]), np.zeros(3, bool))
    found = exchange.read(data, "me")
    assert found.refused == ()
    assert np.array_equal(np.stack([d.pixels for d in found.good]), x)


def test_changed_bytes_never_raise_anything_else():
    chance = random.Random(1)
    good = archive({"7/a.png": png(DIGITS[0]), "2/b.png": png(DIGITS[1])}, zipfile.ZIP_DEFLATED)
    for data in [good, exchange_json.write([drawn(3)])] * 150:
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            found = exchange.read(bytes(changed), "me")
        except BadInput:
            continue
        assert all(d.pixels.shape == (28, 28) and 0 <= d.label <= 9 for d in found.good)
