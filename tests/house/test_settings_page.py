"""docs/settings.md tells every setting of the one table and no other."""

import re

from labsninja.env import SETTINGS
from tests.house.tree import ROOT


def test_every_setting_is_told() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    assert told == {setting.name for setting in SETTINGS}


def test_every_setting_has_a_sentence_of_its_own() -> None:
    sentences = [setting.summary for setting in SETTINGS]
    assert [sentence for sentence in sentences if not sentence.endswith((".", "!"))] == []
    assert len(set(sentences)) == len(sentences)
