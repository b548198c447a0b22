"""The site: what it is made of can be fetched and is what the lock says."""

import json
from pathlib import Path

import pytest

from selgrad.site import npm

ROOT = Path(npm.__file__).parents[2]


def test_the_lock_pins_every_package_by_its_hash():
    wanted = json.loads((ROOT / "docs" / "package.json").read_text())["dependencies"]
    packages = json.loads((ROOT / "docs" / "package-lock.json").read_text())["packages"]
    found = {name.removeprefix("node_modules/"): entry for name, entry in packages.items() if name}
    assert {name: entry["version"] for name, entry in found.items()} == wanted
    assert all(entry["integrity"].startswith("sha512-") for entry in found.values())


def test_what_is_not_fetched_is_named_with_the_command_that_fetches_it(tmp_path):
    with pytest.raises(npm.SiteError, match=r"mathjax/es5 is not in .*python -m selgrad\.site\.npm"):
        npm.asset("mathjax/es5", tmp_path)
    assert not npm.fetched(tmp_path)


def test_an_old_lock_is_fetched_again(tmp_path):
    (tmp_path / ".done").write_bytes((ROOT / "docs" / "package-lock.json").read_bytes())
    assert npm.fetched(tmp_path)
    (tmp_path / ".done").write_text("another lock")
    assert not npm.fetched(tmp_path)
