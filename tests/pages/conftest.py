"""What the tests of pages share."""

import functools
import gc

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner

from core.runs import queue as core_jobs
from core.storage import drawings, rooms
from core.storage.store import open_store
from tests.pages.class_pages import TEACHER, page, words
from ui import visits


@pytest.fixture(autouse=True, scope="session")
def _as_one_server():
    """A server looks through all packages for components once, and compiles a script once; AppTest would do it
    for each page that a test opens, which is a third of their time."""
    scripts = ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: scripts)
        yield


@pytest.fixture(autouse=True, scope="module")
def _a_home_of_its_own(tmp_path_factory):
    """What another file's tests have made in the same process, such as a run that still trains, is not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_LAB_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def _at_home(monkeypatch):
    """AppTest has no connection: whoever is not named by a test is this computer's own user."""
    monkeypatch.setattr(visits, "is_at_home", lambda client, headers: True)


@pytest.fixture(autouse=True)
def _no_older_garbage():
    """Where Keras has been imported, as in no server but in tests, Streamlit clears its session after each run,
    and Keras looks for garbage among all that the process holds: that would be most of these tests' time."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _no_jobs_are_left():
    """Jobs look after their data folder every few seconds, in a thread, until they are closed: tests that come
    later in the same process, of how much memory something takes, would count that as well."""
    make, made = core_jobs._jobs.__wrapped__, []

    @functools.cache
    def jobs(store):
        made.append(make(store))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core_jobs, "_jobs", jobs)
        yield
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def jobs(_a_home_of_its_own):
    """Those that the pages use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_LAB_WARM_WORKER", "1")  # it will train, so it may start while forms are looked at
        made = core_jobs.jobs()
        yield made
        made.close()


@pytest.fixture
def by_the_navigation(monkeypatch):
    """Another page is opened by app.py, as on a server; AppTest alone would run the page's file only."""

    def manager(*args, **named) -> PagesManager:
        PagesManager.uses_pages_directory = False
        return PagesManager(*args, **named)

    monkeypatch.setattr(app_test, "PagesManager", manager)


@pytest.fixture
def room():
    at = page("class", TEACHER)
    at.button(key="start-class").click().run()
    assert not at.exception
    found = rooms.mine(open_store().of(TEACHER))[0]
    assert f'<div class="dl-code">{found.code}</div>' in words(at)
    yield found
    for one in rooms.mine(open_store().of(TEACHER)):  # or they would be too many for one teacher
        rooms.delete(open_store().of(TEACHER), one.id)


@pytest.fixture
def store(jobs):
    """That of the pages, without drawings."""
    yield jobs.store
    drawings.delete(jobs.store, drawings.load(jobs.store).ids.tolist())
