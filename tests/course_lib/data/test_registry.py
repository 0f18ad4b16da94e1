"""The registry itself: complete, pinned, safe; and what happens when it is damaged."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from course_lib import data
from course_lib.data import registry as register

SETS = ("spoken_digits", "instrument_notes", "librosa_examples", "jsb_chorales", "librispeech")


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    monkeypatch.delenv("COURSE_DATA_REGISTRY", raising=False)


def test_the_sets_are_registered():
    assert tuple(data.datasets()) == SETS


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_pinned_licensed_and_described(name):
    entry = data.dataset(name)
    # An archive of openslr.org has no commit in its address: its one checksum pins it.
    pinned = r"https://(raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{8,40}/|www\.openslr\.org/resources/\d+/$)"
    assert re.match(pinned, entry.url)
    assert entry.url.endswith("/")
    assert len(entry.checksums) == entry.files
    for text in (entry.licence, entry.citation, entry.homepage, entry.title):
        assert len(text) > 5
    card = entry.card.read_text(encoding="utf-8")
    for word in ("licence", "Know before use", entry.generated.split("(")[0], entry.homepage):
        assert word in card


@pytest.mark.parametrize("name", SETS)
def test_addresses_are_valid_urls_that_lead_back_to_the_name(name):
    entry = data.dataset(name)
    for file in entry.checksums:
        address = entry.address(file)
        assert re.fullmatch(r"[A-Za-z0-9._~:/%\-]+", address)
        assert unquote(address) == entry.url + file
        assert not urlsplit(address).query
        assert not urlsplit(address).fragment


@pytest.mark.parametrize("name", SETS)
def test_every_stand_in_exists(name):
    attribute = re.fullmatch(r"data\.generate\.(\w+)\(\w*\)", data.dataset(name).generated)[1]
    assert callable(getattr(data.generate, attribute))


def _write(tmp_path, monkeypatch, *, toml: str | None, sums: str = "") -> None:
    if toml is not None:
        (tmp_path / "registry.toml").write_text(toml)
    (tmp_path / "x.sha256").write_text(sums)
    monkeypatch.setenv("COURSE_DATA_REGISTRY", str(tmp_path))


GOOD = (
    '[x]\ntitle="t"\nurl="https://e.org/"\nfolder="x"\nfiles=1\nbytes=1\nlicence="l"\ncitation="c"\nhomepage="h"\n'
    'generated="g"\n'
)


@pytest.mark.parametrize(
    ("toml", "sums"),
    [
        (None, ""),
        ("[x", ""),
        ('[x]\ntitle = "t"\n', ""),
        (GOOD + "colour = 1\n", ""),
        (GOOD, ""),
        (GOOD, "abc  a.wav\n"),
        (GOOD, f"{'0' * 64}  ../../escape\n"),
        (GOOD, f"{'0' * 64}  /etc/passwd\n"),
        (GOOD, f"{'0' * 64}  sub\\..\\..\\escape\n"),
        (GOOD, f"{'0' * 64}  a\n{'0' * 64}  b\n"),
    ],
)
def test_a_damaged_registry_is_one_clear_line(tmp_path, monkeypatch, toml, sums):
    _write(tmp_path, monkeypatch, toml=toml, sums=sums)
    with pytest.raises(data.DataError, match="restore") as caught:
        data.dataset("x").names()
    assert "\n" not in str(caught.value)


def test_an_installed_package_reads_its_own_copy(tmp_path, monkeypatch):
    """The wheel carries datasets/ as course_lib/data/_registry."""
    package = tmp_path / "course_lib" / "data"
    (package / "_registry").mkdir(parents=True)
    (package / "_registry" / "registry.toml").write_text(GOOD)
    (package / "_registry" / "x.sha256").write_text(f"{'0' * 64}  a\n")
    monkeypatch.setattr(register, "__file__", str(package / "registry.py"))
    assert list(data.datasets()) == ["x"]
    assert data.dataset("x").names() == ["a"]


def test_patterns_match_whole_names_and_last_parts():
    entry = data.dataset("spoken_digits")
    assert len(entry.names("recordings/7_theo_*")) == len(entry.names("7_theo_*")) == 50
