"""People's words on a page: text, with links that we do not vouch for (security.md 36)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.links import linked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "a<br>b"),
        ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
        ("call +61 400 000 000 or me@example.com", "call +61 400 000 000 or me@example.com"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (
            "see https://example.com/a?b=1&c=2.",
            (
                'see <a href="https://example.com/a?b=1&amp;c=2" rel="nofollow ugc noopener noreferrer">'
                "https://example.com/a?b=1&amp;c=2</a>."
            ),
        ),
    ],
)
def test_words(text: str, html: str) -> None:
    assert str(linked(text)) == html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(alphabet=st.sampled_from("ahtps:/.\"'<>&@ =\\)x"), max_size=80) | st.text(max_size=60))
def test_no_text_becomes_anything_but_words_and_links(text: str) -> None:
    reader = Tags()
    reader.feed(str(linked(text)))
    reader.close()
    for tag, attributes in reader.seen:
        assert tag in ("a", "br")
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert str(attributes["href"]).lower().startswith(("http://", "https://"))
    assert reader.text == "".join(text.splitlines())
