"""Marks of short texts become HTML; everything else is escaped."""

import pytest

from portal.templatetags.prose import fill, prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("press **Save** now", "press <strong>Save</strong> now"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("[status](/status)", '<a class="link-text" href="/status">status</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ('<b onclick="x">', "&lt;b onclick=&quot;x&quot;&gt;"),
        ('[x](/a"b)', '<a class="link-text" href="/a&quot;b">x</a>'),
    ],
)
def test_text_becomes(text: str, html: str) -> None:
    assert prose(text) == html


def test_base_url_is_filled_in_and_other_braces_stay() -> None:
    assert fill("{base} {$user.email}", "https://x/scim/v2") == "https://x/scim/v2 {$user.email}"
