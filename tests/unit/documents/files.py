"""Real files, made here: good ones, and each bad one in the way that it is bad."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
import pillow_heif
import pypdfium2
from PIL import ExifTags, Image


def pdf(pages: int = 1, *, content: bytes = b"0 0 m 9 9 l S", **save: Any) -> bytes:
    """A PDF whose pages draw `content`."""
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page()
        page.obj.Contents = made.make_stream(content)
    return saved(made, **save)


def saved(made: pikepdf.Pdf, **save: Any) -> bytes:
    """The bytes of a PDF."""
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()


def pdf_of(size: int) -> bytes:
    """A good PDF of exactly `size` bytes (2 KB at least), most of it one image that cannot be compressed."""
    rest = size
    for _ in range(4):
        made = pikepdf.new()
        page = made.add_blank_page()
        image = made.make_stream(random.Random(7).randbytes(max(0, rest)))
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=max(1, rest), BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray,
        )  # fmt: skip
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        content = saved(made, compress_streams=False, static_id=True)
        if len(content) == size:
            return content
        rest += size - len(content)
    raise AssertionError(f"no PDF of {size} bytes")


def jpeg(width: int = 64, height: int = 48, **save: Any) -> bytes:
    """A JPEG with something in it."""
    out = io.BytesIO()
    noise = random.Random(3).randbytes(width * height * 3)
    Image.frombytes("RGB", (width, height), noise).save(out, "JPEG", **save)
    return out.getvalue()


def photo(format: str, width: int = 64, height: int = 48, colour: str = "teal", **save: Any) -> bytes:
    """A photo of one colour; formats are Pillow's, and HEIF what phones write."""
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, format, **save)
    return out.getvalue()


def where_taken() -> bytes:
    """EXIF with the place where a photo was taken, and whose camera it was."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Anaïs Durand"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = "Clermont-Ferrand"
    return exif.tobytes()


def pages_of(pdf: bytes) -> list[Image.Image]:
    """The pages of a PDF as pictures, a pixel for each point."""
    return [page.render().to_pil().convert("RGB") for page in pypdfium2.PdfDocument(pdf)]


def filled_form(value: str) -> bytes:
    """A form of one text field, filled in by a program that leaves drawing to others; field and form have the same names."""

    def fill(made: pikepdf.Pdf) -> None:
        font = made.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        field = made.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="name", V=value, F=4,
                DA="/Helv 12 Tf 0 g", Rect=[100, 700, 400, 720],
            )
        )  # fmt: skip
        made.Root.AcroForm = pikepdf.Dictionary(
            Fields=[field],
            DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font)),
            DA="/Helv 12 Tf 0 g",
            NeedAppearances=True,
        )
        made.pages[0].obj.Annots = pikepdf.Array([field])

    return pdf_with(fill)


def png(width: int = 64, height: int = 48, mode: str = "RGB") -> bytes:
    """A PNG of one colour."""
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


def png_of_noise(width: int, height: int, mode: str = "RGB") -> bytes:
    """A PNG whose rows take the same room each."""
    out = io.BytesIO()
    noise = random.Random(5).randbytes(width * height * len(mode))
    Image.frombytes(mode, (width, height), noise).save(out, "PNG")
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises `width` x `height` pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def archive(name: str = "payload.txt", content: bytes = b"hello") -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    """What a word processor saves, as far as its first bytes go."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        made.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def heic() -> bytes:
    """The beginning of a photo as phones write it."""
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(496)


def exe() -> bytes:
    """The beginning of a program for Windows."""
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(496)


def pdf_with(change: Any, **save: Any) -> bytes:
    """A PDF of one page, changed by `change(pdf)`."""
    made = pikepdf.new()
    made.add_blank_page()
    change(made)
    return saved(made, **save)


def encrypted_pdf(user: str = "secret") -> bytes:
    """A PDF that asks for a password, or (user="") only forbids."""
    return pdf(encryption=pikepdf.Encryption(owner="owner", user=user, R=6))


def bomb_pdf(expanded: int) -> bytes:
    """A PDF whose page content is small and expands to `expanded` bytes."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(expanded // 2**20)) + packer.flush()
    made = pikepdf.new()
    page = made.add_blank_page()
    content = made.make_stream(b"")
    content.write(packed, filter=pikepdf.Name.FlateDecode)
    page.obj.Contents = content
    return saved(made, compress_streams=False)


def slow_pdf() -> bytes:
    """Small, and many seconds of unpacking: page after page draws the same expanding content."""
    made = pikepdf.new()
    content = made.make_stream(b"")
    content.write(zlib.compress(b" " * 32 * 2**20), filter=pikepdf.Name.FlateDecode)
    for _ in range(400):
        made.add_blank_page().obj.Contents = content
    return saved(made, compress_streams=False)
