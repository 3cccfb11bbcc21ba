"""Files that want to exhaust whoever reads them: their time, their memory, their stack."""

import bz2
import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib

import carriers
from encrypted import pdf_of, simple_pdf

MIB = 1 << 20


def build(corpus):
    for maker in (_zip, _office, _pdf, _streams, _text, _compound):
        for name, content in maker(corpus).items():
            if not isinstance(content, bytes):
                content(corpus.path(f"hostile/{name}"))
                content = None
            corpus.add(f"hostile/{name}", "by hand", content)


def _deflated(pieces):
    """The zip of one entry, written piece by piece."""
    def write(path, name):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive, archive.open(name, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)

    return write


def _zip(_):
    layer = carriers.zipped([("0.txt", bytes(64 * MIB))])
    for _ in range(5):
        layer = carriers.zipped([(f"{n}.zip", layer) for n in range(16)])
    deep = carriers.zipped([("a.txt", b"x")])
    for _ in range(200):
        deep = carriers.zipped([("a.zip", deep)], zipfile.ZIP_STORED)
    many = carriers.zipped([(f"{n}", b"") for n in range(60_000)])
    overlapping = _overlapping(200, 8 * MIB)
    # An archive that says it has more of everything than there is.
    lies = bytearray(carriers.zipped([("a.docx", b"x" * 100)]))
    at = lies.index(b"PK\x01\x02")
    lies[at + 20 : at + 28] = b"\xfe\xff\xff\xff" * 2
    return {"nested.zip": layer, "deep.zip": deep, "many.zip": many, "overlapping.zip": overlapping, "lies.zip": bytes(lies)}


def _overlapping(count, size):
    """Many entries of the directory that share one compressed stream."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(bytes(size)) + packed.flush()
    crc = zlib.crc32(bytes(size))
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(data), size, 5, 0) + b"a.txt" + data
    directory = b""
    for number in range(count):
        directory += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(data), size, 5, 0, 0, 0, 0, 0, 0) + b"%05d" % number
    return head + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), len(head), 0)


_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{}</Types>'
_RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def _docx(path, pieces):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES.format(f'<Override PartName="/word/document.xml" ContentType="{_WORD}"/>'))
        archive.writestr("_rels/.rels", _RELS.format(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'))
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)


_SPACE = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'


def _office(_):
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha">' + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12)) + b"]>"
    return {
        "sheet-500-mb.xlsx": _large_sheet,
        "strings.xlsx": _many_strings,
        "deep.docx": lambda path: _docx(path, [_SPACE, b"<w:a>" * 3_000_000]),
        "attribute.docx": lambda path: _docx(path, [b'<w:document a="', *[b"x" * MIB] * 200, b'"/>']),
        "name.docx": lambda path: _docx(path, [b"<", *[b"x" * MIB] * 100]),
        "one-run.docx": lambda path: _docx(path, [_SPACE + b"<w:body><w:p><w:r><w:t>", *[b"1380013800 " * 95000] * 200, b"</w:t></w:r></w:p></w:body></w:document>"]),
        "laughs.docx": lambda path: _docx(path, [laughs + _SPACE + b"<w:body><w:p><w:r><w:t>&m;</w:t></w:r></w:p></w:body></w:document>"]),
        "attributes.docx": lambda path: _docx(path, [b"<w:document ", *[b" ".join(b'a%d="1"' % n for n in range(k * 10000, k * 10000 + 10000)) + b" " for k in range(100)], b"/>"]),
        "comment.docx": lambda path: _docx(path, [b"<!--", *[b"- " * (MIB // 2)] * 200]),
    }


def _xlsx(path, sheet, strings):
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        overrides = "".join(f'<Override PartName="/xl/{part}" ContentType="{main}.{kind}+xml"/>' for part, kind in [("workbook.xml", "sheet.main"), ("worksheets/sheet1.xml", "worksheet"), ("sharedStrings.xml", "sharedStrings")])
        archive.writestr("[Content_Types].xml", _TYPES.format(overrides))
        archive.writestr("_rels/.rels", _RELS.format(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'))
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'))
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{space}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')
        for name, pieces in [("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", strings)]:
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def _large_sheet(path):
    """Half a gigabyte of cells, a million rows, as an export of a large system has them."""
    def rows():
        yield _SHEET
        for start in range(0, 1_000_000, 2000):
            yield b"".join(b'<row r="%d">' % n + b"".join(b'<c r="%c%d" t="s"><v>%d</v></c>' % (65 + c, n, (n * 7 + c) % 50000) for c in range(14)) + b"</row>" for n in range(start + 1, start + 2001))
        yield b"</sheetData></worksheet>"

    strings = [_STRINGS, b"".join("<si><t>单元格 {}</t></si>".format(n).encode() for n in range(50_000)), b"</sst>"]
    _xlsx(path, rows(), strings)


def _many_strings(path):
    """Five million strings, which must not all be held."""
    strings = (b"".join(b"<si><t>a string of a sheet, number %d</t></si>" % (k * 10000 + n) for n in range(10000)) for k in range(500))
    cells = b"".join(b'<row><c t="s"><v>%d</v></c></row>' % (n * 49999 % 5_000_000) for n in range(10000))
    _xlsx(path, [_SHEET, cells, b"</sheetData></worksheet>"], [_STRINGS, *strings, b"</sst>"])


def _stream(dictionary, data):
    return b"<<" + dictionary + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def _pdf(_):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

    def of(contents, pages=b"<</Type/Pages/Kids[3 0 R]/Count 1>>", more=(), page=page):
        return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", pages, page, contents, font, *more])

    bomb = zlib.compress(zlib.compress(bytes(600 * MIB), 9), 9)
    text = zlib.compress(b"BT /F1 1 Tf " + b"(1380013800 ) Tj " * 20_000_000 + b"ET", 6)
    deep = b"[" * 2_000_000
    chain = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (n + 7) for n in range(100_000)]
    wide = b"<</Type/Pages/Count 900000/Kids[" + b"3 0 R " * 900_000 + b"]>>"
    map_ = zlib.compress(b"1 begincodespacerange <0000> <ffff> endcodespacerange " + b"100 beginbfrange " + b"<0000> <ffff> <4e00> " * 300_000 + b"endbfrange")
    form = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>"
    itself = _stream(b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>", b"/X Do " * 1000)
    return {
        "bomb.pdf": of(_stream(b"/Filter[/FlateDecode/FlateDecode]", bomb)),
        "much-text.pdf": of(_stream(b"/Filter/FlateDecode", text)),
        "deep-array.pdf": of(deep),
        "deep-content.pdf": of(_stream(b"", b"BT " + deep + b" TJ ET")),
        "deep-tree.pdf": of(_stream(b"", b""), b"<</Type/Pages/Kids[6 0 R]/Count 1>>", chain),
        "wide-tree.pdf": of(_stream(b"", b"BT (x) Tj ET"), wide),
        "states.pdf": of(_stream(b"/Filter/FlateDecode", zlib.compress(b"q " * 20_000_000))),
        "map.pdf": of(_stream(b"", b"BT /F1 1 Tf <4e00> Tj ET"), more=[b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 7 0 R>>", _stream(b"/Filter/FlateDecode", map_)], page=page.replace(b"5 0 R", b"6 0 R")),
        "form-in-itself.pdf": of(_stream(b"", b"/X Do"), more=[itself], page=form),
        "predictor.pdf": of(_stream(b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483647/Colors 32/BitsPerComponent 16>>", zlib.compress(bytes(MIB)))),
        "filters.pdf": of(_stream(b"/Filter[" + b"/ASCIIHexDecode" * 5000 + b"]", b"41>" * 100)),
        "many-objects.pdf": of(_stream(b"", b""), more=[b"null"] * 400_000),
        "lzw.pdf": of(_stream(b"/Filter/LZWDecode", bytes(8 * MIB))),
    }


def _streams(_):
    """Bombs of the compressors, and heads that ask for a large dictionary."""
    blank = bytes(600 * MIB)
    dictionary = lzma.compress(b"x" * MIB, lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    tar = io.BytesIO()
    header = bytearray(512)
    header[:5], header[124:136], header[156], header[257:265] = b"a.txt", b"77777777777\0", 0x30, b"ustar\x0000"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    tar.write(bytes(header) + b"x" * 5000)
    found = {
        "bomb.gz": gzip.compress(blank, 9),
        "bomb.bz2": bz2.compress(blank, 9),
        "bomb.xz": lzma.compress(blank),
        "dictionary.xz": dictionary,
        "bomb.tar.gz": carriers.tarred([("a.csv", blank)]),
        "lies.tar": tar.getvalue(),
        # A frame whose window is two gigabytes, and nothing in it.
        "window.zst": b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00" * 10,
        "names.7z": _seven_zip(0xFFFFFFFF),
    }
    nested = b"x" * 1000
    for _ in range(300):
        nested = gzip.compress(nested)
    found["deep.gz"] = nested
    return found


def _seven_zip(size):
    """A start header that tells of an end as large as `size`."""
    start = struct.pack("<QQI", 0, size, 0)
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + bytes(2000)


def _text(_):
    def mail(path):
        with open(path, "wb") as file:
            file.write(b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n")
            for n in range(100_000):
                file.write(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n))

    def line(path):
        with open(path, "wb") as file:
            for _ in range(300):
                file.write(b"1380013800" * (MIB // 10))

    def columns(path):
        with open(path, "wb") as file:
            for _ in range(200):
                file.write(b"1," * (MIB // 2))

    def quoted(path):
        with open(path, "wb") as file:
            file.write(b'a,b,c\n1,2,"')
            for _ in range(200):
                file.write(b"x\n" * (MIB // 2))

    return {
        "one-line.txt": line,
        "columns.csv": columns,
        "quote.csv": quoted,
        "deep.rtf": b"{\\rtf1 " + b"{" * 5_000_000,
        "binary.rtf": b"{\\rtf1 \\bin2147483647 " + b"x" * MIB,
        "controls.rtf": b"{\\rtf1 " + b"\\u26032? " * 2_000_000 + b"}",
        "deep.html": b"<!DOCTYPE html><html><body>" + b"<div>" * 3_000_000,
        "script.html": b"<!DOCTYPE html><html><body><script>" + b"<" * 30_000_000,
        "deep.eml": mail,
        "header.eml": b"From: a@example.com\r\nTo: b@example.com\r\nSubject: " + b"=?utf-8?B?5bGx?= " * 2_000_000 + b"\r\n\r\nx",
        "words.txt": ("机密" * 10_000_000).encode(),
        "addresses.txt": b"a@" * 20_000_000,
        "combining.txt": ("1" + "\u0301" * 1000).encode() * 5000,
    }


def _compound(_):
    """A compound file whose tables lead in circles, and one that says it is large."""
    def file(sectors, fat, directory_start=1):
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
        head += struct.pack("<I", 0) + b"\xff" * 4 * 108
        return head.ljust(512, b"\0")[:512] + struct.pack("<128I", *fat) + sectors

    def entry(name, kind, child, start, size, left=0xFFFFFFFF):
        text = name.encode("utf-16-le")
        return text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, left, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("WordDocument", 2, 0xFFFFFFFF, 2, 0xFFFFFFFF, 1) + bytes(256)
    circle = [0xFFFFFFFD, 0xFFFFFFFE, 3, 2] + [0xFFFFFFFF] * 124
    return {"circle.doc": file(directory + bytes(1024), circle), "directory-circle.doc": file(directory + bytes(1024), [0xFFFFFFFD, 1, 3, 2] + [0xFFFFFFFF] * 124), "plain-within.pdf": simple_pdf("x" * 100)}
