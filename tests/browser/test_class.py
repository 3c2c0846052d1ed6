"""A whole lesson in real browsers: a teacher, three pupils, the wall; and a server that goes away."""

import contextlib
import re
import shutil

import pytest
from playwright.sync_api import expect

from core.storage import room_drawings, room_tasks
from core.storage.store import Store
from deploy import local
from tests import postgres, shapes
from tests.browser.conftest import DESKTOP, PHONE, visit
from tests.browser.pen import ANSWER, CANVAS, draw, extent
from tests.browser.server import free_port, serve

PUPILS = ("anna", "ben", "cem")
SMALL = {**PHONE, "viewport": {"width": 360, "height": 640}}
SLOW = 40_000


def start_class(page, url):
    page.goto(f"{url}/class")
    page.locator(".st-key-start-class button").click()
    code = page.locator(".dl-code")
    expect(code).to_have_text(re.compile("^[A-HJ-NP-Z2-9]{6}$"))
    return code.inner_text()


def join(page, url, code):
    page.goto(f"{url}/join?code={code}")
    page.locator(".st-key-next button").wait_for()
    page.locator("[data-live=yes]").wait_for()


def asked(page):
    return int(re.search(r"\d", page.locator(".dl-asked-for").inner_text())[0])


def pen(page, digit):
    scale = page.locator(CANVAS).bounding_box()["width"] / 328
    draw(page, [stroke * scale for stroke in shapes.strokes(digit)])
    expect(page.locator(".st-key-prediction .dl-digit b")).to_have_text(str(digit))


def send(page, digit, count):
    """Draw it, and tap next; so many are there then."""
    pen(page, digit)
    page.locator(".st-key-next button").click()
    expect(page.locator(".dl-pupil span")).to_have_text(re.compile(f"^{count} drawings? so far$"))


def shows_map_and_replay(wall, count):
    """All drawings lie on the star map; and they arrive again one after the other."""
    wall.get_by_role("radio", name="Star map").click()
    expect(wall.locator(f".dl-class-map canvas[data-drawings='{count}']")).to_have_attribute(
        "aria-label", re.compile(f"with {count} drawings of this class, 0 of them misread$")
    )
    wall.get_by_role("radio", name="Replay").click()
    said, cells = wall.locator(".dl-replay output"), wall.locator(".dl-replay .dl-wall-grid canvas")
    expect(said).to_have_text(re.compile(f"^{count} of {count} drawings at .*, 100% of them read rightly$"))
    expect(cells).to_have_count(count)
    wall.locator(".dl-replay input").fill("0")
    expect(said).to_have_text(re.compile(f"^1 of {count} drawings"))
    expect(cells).to_have_count(1)
    wall.locator(".dl-replay button").click()
    expect(cells).to_have_count(count)
    wall.get_by_role("radio", name="As they come").click()
    expect(wall.locator(".dl-wall-grid button")).to_have_count(count)


def goes_from_class_to_class(teacher, url):
    """Start a class and return its code: another is started, each chosen again, and the other one deleted."""
    code = start_class(teacher, url)
    shown, others = teacher.locator(".dl-code"), teacher.locator(".st-key-class-others")
    others.get_by_role("button", name="Start another class").click()
    expect(shown).not_to_have_text(code)
    another = shown.inner_text()
    for chosen in (code, another):
        others.get_by_role("button", name=f"Class {chosen}").click()
        expect(shown).to_have_text(chosen)
    teacher.locator(".st-key-delete-menu button").click()
    teacher.locator(".st-key-delete-class button").click()
    expect(shown).to_have_text(code)
    expect(others.get_by_role("button")).to_have_count(1)
    expect(teacher.get_by_text("The class is deleted")).to_be_visible()
    return code


def says_who_is_here(teacher, names):
    """To the teacher alone, each on a button that takes that pupil out."""
    assert len(set(names)) == 3
    teacher.get_by_text("Who is here").click()
    for name in names:
        place = teacher.locator(".st-key-class-pupils").get_by_text(name).first
        place.wait_for()
        assert place.bounding_box()["width"] > 40


def opens_on_another_device(stack, browser, teacher, url, code):
    """The teacher's link does, whose key is sent in no address, and stays in none."""
    teacher.get_by_text("Teach from another device").click()
    link = teacher.locator("code").filter(has_text="#code=").inner_text()
    tablet = stack.enter_context(visit(browser, who="tablet", **DESKTOP))
    requests: list[str] = []
    tablet.on("request", lambda request: requests.append(request.url))
    tablet.goto(f"{url}/class#{link.rpartition('#')[2]}")
    expect(tablet.locator(".dl-code")).to_have_text(code)
    assert tablet.url == f"{url}/class"
    assert not [one for one in requests if "key=" in one]


def shows_all_bars_on_its_side(phone):
    """And the canvas, what takes the last drawing back, and whether it is a digit at all, without scrolling."""
    phone.set_viewport_size({"width": 844, "height": 390})
    pen(phone, asked(phone))
    for part in (CANVAS, ".dl-rows .dl-row:last-child", ".dl-judged", ".st-key-join-back"):
        expect(phone.locator(part).last).to_be_in_viewport(ratio=1)
    phone.locator(".st-key-clear button").click()
    phone.set_viewport_size(PHONE["viewport"])
    expect(phone.locator(".st-key-join-back").last).to_be_in_viewport(ratio=1)


@pytest.mark.timeout(240)
def test_a_whole_lesson(browser, app_url):
    with contextlib.ExitStack() as stack:
        teacher = stack.enter_context(visit(browser, who="teacher", **DESKTOP))
        code = goes_from_class_to_class(teacher, app_url)
        phones = [stack.enter_context(visit(browser, who=who, **PHONE)) for who in PUPILS]
        for phone in phones:
            join(phone, app_url, code)
        names = [phone.locator(".dl-pupil b").inner_text() for phone in phones]
        wall = teacher.context.new_page()
        wall.goto(f"{app_url}/wall?code={code}")
        count, grid = wall.locator(".st-key-wall-count b"), wall.locator(".dl-wall-grid button")
        for number, phone in enumerate(phones):
            first = asked(phone)
            send(phone, first, 1)
            expect(phone.locator(".dl-asked-for")).not_to_have_text(re.compile(f"{first}$"))
            expect(count).to_have_text(str(number + 1))
        expect(grid).to_have_count(3)
        shows_all_bars_on_its_side(phones[2])
        expect(wall.locator(".st-key-wall-accuracy b").first).to_have_text("100%")
        assert not any(name in wall.locator("body").inner_text() for name in names)
        shows_map_and_replay(wall, 3)
        # One tap takes a drawing out, and one brings it back.
        grid.first.click()
        wall.locator(".st-key-take-drawing button").click()
        expect(count).to_have_text("2")
        wall.locator(".st-key-room-undo button").click()
        expect(count).to_have_text("3")
        # Eyes up: the phones hear of it by themselves, and keep what is drawn.
        wall.locator(".st-key-flag-paused button").first.click()
        expect(phones[0].get_by_text("paused all phones").first).to_be_visible()
        wall.locator(".st-key-flag-paused button").first.click()
        expect(phones[0].get_by_text("paused all phones")).to_have_count(0)
        # A reload, as after a dead phone, is the same pupil with the same drawings.
        before = phones[1].locator(".dl-pupil").inner_text()
        phones[1].reload()
        expect(phones[1].locator(".dl-pupil")).to_have_text(re.compile(before.split("\n")[0]))
        expect(phones[1].locator(".dl-pupil span")).to_have_text("1 drawing so far")
        # A task comes onto all phones.
        teacher.bring_to_front()
        says_who_is_here(teacher, names)
        teacher.get_by_role("radio", name="Fool the network").click()
        teacher.locator(".st-key-task-start button").click()
        for phone in phones:
            expect(phone.locator(".dl-asked-for")).to_have_text("Now a 4")
        send(phones[0], 9, 2)
        phones[1].locator(".st-key-judge-1 button").click()
        phones[2].locator(".st-key-judge-1 button").click()
        expect(teacher.get_by_text("3 points")).to_be_visible()
        # A pupil finds nothing of the teacher's.
        phones[2].goto(f"{app_url}/wall?code={code}")
        expect(phones[2].get_by_text("Only the teacher of a class can show its wall")).to_be_visible()
        phones[2].goto(f"{app_url}/class?code={code}&key=guessed")
        expect(phones[2].get_by_text("This teacher's link is not valid")).to_be_visible()
        expect(phones[2].locator(".dl-code")).to_have_count(0)
        opens_on_another_device(stack, browser, teacher, app_url, code)
        # And at the end everything is gone.
        teacher.locator(".st-key-delete-menu button").click()
        teacher.locator(".st-key-delete-class button").click()
        expect(teacher.get_by_role("button", name="Start a class")).to_be_visible()
        expect(phones[0].get_by_text("There is no class with this code")).to_be_visible()  # without a reload


@pytest.mark.timeout(120)
def test_a_phone_takes_strokes_back_and_clears(browser, app_url):
    """Also where there is nothing to take back or to clear: the next stroke does not wait for that."""
    with visit(browser, who="teacher", **DESKTOP) as teacher, visit(browser, who="anna", **PHONE) as phone:
        join(phone, app_url, start_class(teacher, app_url))
        answer = phone.locator(ANSWER)
        for key in ("clear", "undo"):
            phone.locator(f".st-key-{key} button").click()
        expect(phone.locator(".st-key-redo button")).to_be_disabled()
        pen(phone, 3)
        expect(answer.locator(".dl-digit b")).to_have_text("3", timeout=4_000)  # Python's
        box = phone.locator(".st-key-prediction").bounding_box()
        assert box["y"] > phone.locator(".st-key-next").bounding_box()["y"]
        phone.locator(".st-key-undo button").click()
        expect(answer).to_contain_text("The network reads while you draw.")
        phone.locator(".st-key-redo button").click()
        expect(answer.locator(".dl-digit b")).to_have_text("3")
        phone.locator(".st-key-clear button").click()
        expect(answer).to_contain_text("The network reads while you draw.")
        send(phone, 7, 1)


@pytest.mark.timeout(120)
def test_what_is_drawn_stays_while_the_phones_are_paused_and_over_a_reload(browser, app_url):
    """The canvas keeps its place and its ink; after a reload the phone asks for what is drawn."""
    with visit(browser, who="teacher", **DESKTOP) as teacher, visit(browser, who="anna", **PHONE) as phone:
        join(phone, app_url, start_class(teacher, app_url))
        first = asked(phone)
        pen(phone, first)
        before, place = extent(phone), phone.locator(CANVAS).bounding_box()
        pause = teacher.locator(".st-key-flag-paused button").first
        said = phone.get_by_text("paused all phones")
        for is_paused in (True, False):
            pause.click()
            expect(said).to_have_count(int(is_paused))
            phone.wait_for_timeout(500)  # a canvas that is put up anew draws late
            assert extent(phone) == pytest.approx(before, abs=0.02)
            assert phone.locator(CANVAS).bounding_box() == place
        phone.reload()
        expect(phone.locator(".st-key-prediction .dl-digit b")).to_have_text(str(first))
        expect(phone.locator(".dl-asked-for")).to_have_text(re.compile(f"{first}$"))
        phone.locator(".st-key-next button").click()
        expect(phone.locator(".dl-pupil span")).to_have_text("1 drawing so far")


@pytest.mark.timeout(120)
def test_all_that_is_to_be_tapped_is_on_the_screen_of_a_small_phone(browser, app_url):
    """What a classmate drew is judged, and a digit guessed, against the clock: nobody scrolls for that."""
    with contextlib.ExitStack() as stack:
        teacher = stack.enter_context(visit(browser, who="teacher", **DESKTOP))
        code = start_class(teacher, app_url)
        phones = [stack.enter_context(visit(browser, who=who, **SMALL)) for who in PUPILS[:2]]
        for phone in phones:
            join(phone, app_url, code)
        pen(phones[0], asked(phones[0]))
        bar = phones[0].locator(".dl-doors").last
        shown = phones[0].locator(".st-key-prediction .dl-digit")
        assert lower_edge(shown) <= bar.bounding_box()["y"]
        for task in ("Fool the network", "Guess"):
            teacher.get_by_role("radio", name=task).click()
            teacher.locator(".st-key-task-start button").click()
            if task == "Guess":
                last = phones[1].locator(".st-key-guess-9 button")
            else:
                expect(phones[0].locator(".dl-asked-for")).to_have_text("Now a 4")
                expect(phones[0].locator(".st-key-prediction .dl-digit b")).to_have_text("—")
                send(phones[0], 9, 1)
                last = phones[1].locator(".st-key-judge-0 button")
            last.wait_for()
            assert lower_edge(last) <= phones[1].locator(".dl-doors").last.bounding_box()["y"], task


def lower_edge(element):
    box = element.bounding_box()
    return box["y"] + box["height"]


def draws_on_while_a_hand_rests(phone, pad):
    """A second finger that comes and goes ends no stroke of the first."""
    session, box = phone.context.new_cdp_session(phone), pad.bounding_box()

    def fingers(what, *places):
        points = [{"id": n, "x": box["x"] + x, "y": box["y"] + y} for n, x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    fingers("touchStart", (0, 50, 50))
    fingers("touchMove", (0, 100, 50))
    fingers("touchStart", (0, 100, 50), (1, 200, 200))
    fingers("touchEnd", (1, 200, 200))
    fingers("touchMove", (0, 100, 100))
    fingers("touchMove", (0, 100, 150))
    fingers("touchEnd")
    ink = "canvas => canvas.getContext('2d').getImageData(%d, %d, 1, 1).data[3]"
    scale = 560 / box["width"]
    assert pad.evaluate(ink % (100 * scale, 140 * scale)) > 0


@pytest.mark.timeout(200)
def test_what_is_drawn_while_the_server_is_gone_is_sent_when_it_is_back(browser, tmp_path):
    port, home = free_port(), {"DIGIT_LAB_HOME": str(tmp_path)}
    with visit(browser, who="teacher", **DESKTOP) as teacher, visit(browser, who="anna", **PHONE) as phone:
        with serve(variables=home, port=port) as (url, _):
            code = start_class(teacher, url)
            join(phone, url, code)
            send(phone, 3, 1)
            store = Store(f"sqlite:///{tmp_path / 'digit-lab.db'}")
            task = room_tasks.start(store, 1, "free", {}).id
            expect(phone.locator(".dl-asked-for")).to_have_text("Draw whatever you like")
        pad = phone.locator(".dl-pad canvas")
        expect(pad).to_be_visible(timeout=SLOW)
        for digit in (5, 7):
            box = pad.bounding_box()
            draw(phone, [s * box["width"] / 328 for s in shapes.strokes(digit)], canvas=".dl-pad canvas")
            phone.get_by_role("button", name="Keep it, next").click()
        expect(phone.locator(".dl-kept")).to_contain_text("2 kept on this phone")
        draws_on_while_a_hand_rests(phone, pad)
        with serve(variables=home, port=port) as (url, _):
            expect(phone.locator(".dl-pupil span")).to_have_text("3 drawings so far", timeout=SLOW)
            expect(phone.locator(".dl-pad p")).to_contain_text("The connection is back: finish this one.")
            phone.get_by_role("button", name="Keep it, next").click()
            expect(pad).to_be_hidden()
            expect(phone.locator(".dl-pupil span")).to_have_text("4 drawings so far", timeout=SLOW)
            expect(phone.locator(".dl-kept")).to_be_empty(timeout=SLOW)
            assert [one.task for one in room_drawings.of_class(store, 1)] == [None, task, task, task]


@pytest.mark.timeout(200)
def test_on_two_page_servers_one_may_be_killed_in_mid_lesson(browser):
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
        pytest.skip("nginx is not installed here")
    with postgres.server() as database:
        if database is None:
            pytest.skip("no PostgreSQL server can be started here")
        with local.processes(database, workers=0) as (url, servers), contextlib.ExitStack() as stack:
            teacher = stack.enter_context(visit(browser, who="teacher", **DESKTOP))
            code = start_class(teacher, url)
            phones = [stack.enter_context(visit(browser, who=who, **PHONE)) for who in PUPILS[:2]]
            for phone in phones:
                join(phone, url, code)
                send(phone, 3, 1)
            servers[0].kill()
            for phone in phones:
                expect(phone.locator(".stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
                phone.wait_for_timeout(4000)
                expect(phone.locator(".dl-pad")).to_be_hidden(timeout=SLOW)
                send(phone, 5, 2)
            wall = teacher.context.new_page()
            wall.goto(f"{url}/wall?code={code}")
            expect(wall.locator(".st-key-wall-count b")).to_have_text("4", timeout=SLOW)
