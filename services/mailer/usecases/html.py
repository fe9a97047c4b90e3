"""The HTML of a mail, made from its text: no text is written twice."""

from __future__ import annotations

from typing import Final

import mrml
from markupsafe import escape

BRAND: Final = "#0b4f5c"
"""The colour of the portal (`services/portal/static/parvis.css`)."""


def html_of(text: str, *, language: str, title: str, head: str, foot: str, button: str) -> str:
    """The text as an HTML mail: an address alone on its line becomes a button, with the address below it.

    `head` stands above it, `foot` below; the frame is MJML.
    """
    blocks = [block for block in text.split("\n\n") if block.strip()]
    body = "".join(_block(block.strip("\n"), button) for block in blocks)
    frame = f"""<mjml lang="{language}"><mj-head>
<mj-title>{escape(title)}</mj-title>
<mj-attributes>
<mj-all font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif" />
<mj-text font-size="17px" line-height="1.5" color="#1d2733" />
<mj-button background-color="{BRAND}" color="#ffffff" font-size="18px" border-radius="4px" inner-padding="14px 28px" />
</mj-attributes>
<mj-style>a {{ color: {BRAND}; overflow-wrap: anywhere; }}</mj-style>
</mj-head><mj-body background-color="#f2f5f5">
<mj-section background-color="{BRAND}" padding="12px"><mj-column>
<mj-text color="#ffffff" font-size="18px" font-weight="600">{escape(head)}</mj-text></mj-column></mj-section>
<mj-section background-color="#ffffff" padding="16px 8px"><mj-column>{body}</mj-column></mj-section>
<mj-section padding="8px"><mj-column><mj-text font-size="13px" color="#4a5563">{escape(foot)}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""
    # Without its table of fonts: it would have every reader's mail program ask a third party for them.
    return str(mrml.to_html(frame, render_options=mrml.RenderOptions(fonts={})).content)


def _block(block: str, button: str) -> str:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = "".join(f"<li>{escape(line[2:])}</li>" for line in lines)
        return f"<mj-text><ul>{items}</ul></mj-text>"
    if len(lines) == 1 and block.startswith(("https://", "http://")):
        address = escape(block)
        return (
            f'<mj-button href="{address}">{escape(button)}</mj-button>'
            f'<mj-text font-size="14px"><a href="{address}">{address}</a></mj-text>'
        )
    return f"<mj-text>{'<br />'.join(str(escape(line)) for line in lines)}</mj-text>"
