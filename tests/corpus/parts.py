"""Group `text`: a word of its own in each part of a document, to be counted by whoever reads it."""

import io
import os
import re
import zipfile

import carriers
import flat
import packages
import words
from words import MARKS

# How often each part's word stands in a document.
BODY = 20


def build(corpus, office, full):
    for number in range(10 if full else 2):
        r = corpus.random(f"text/{number}")
        _office(corpus, office, r, number)
        _own(corpus, r, number)
        if full:
            _packages(corpus, r, number)


def _body(r, paragraphs=BODY):
    """Paragraphs that hold the body's word once each, cut somewhere into runs."""
    lines, splits = [], []
    for _ in range(paragraphs):
        before = words.sentence(r)
        lines.append(f"{before}{MARKS['body']}，{words.sentence(r)}")
        splits.append((len(before) + r.randint(1, 3),) if r.random() < 0.5 else ())
    return lines, splits


def present(path, kind, parts):
    """The parts whose word is in the file at all: a format that cannot hold a header has none. Text is sought without any
    understanding of the format, in whatever encoding."""
    with open(path, "rb") as file:
        content = file.read()
    pieces = [content]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            pieces = [archive.read(name) for name in archive.namelist()]
    there = []
    for part in parts:
        word = MARKS[part]
        escaped = "".join(f"\\\\u{ord(sign)}" + r"(?:\\'..|\?|  ?)?" + r"[^\\]{0,4}" for sign in word)
        references = "".join(f"(?:&#{ord(sign)};|{sign})" for sign in word)
        for piece in pieces:
            text = re.sub(r"<[^>]*>", "", piece.decode("utf-8", "ignore"))
            if word in text or word.encode("utf-16-le") in piece or word.encode("utf-16-be") in piece or word.encode("gb18030") in piece:
                there.append(part)
                break
            if re.search(escaped.encode(), piece) or re.search(references, text):
                there.append(part)
                break
    return there


def _office(corpus, office, r, number):
    lines, splits = _body(r)
    properties = {"title": words.title(r), "author": words.name(r), "Project": MARKS["property"]}
    content = [flat.runs(line, split) for line, split in zip(lines, splits)]
    writer = flat.writer(content, properties, **{part: MARKS[part] for part in ("header", "footer", "note", "comment", "box", "deletion")}, table=[["表", "格"], ["一", MARKS["body"]]])
    rows = [["序号", "内容", MARKS["body"]]] + [[place, cell] for place, cell in enumerate(content)]
    calc = flat.calc([rows], properties, MARKS["header"], MARKS["footer"], MARKS["comment"], [[MARKS["hidden"], "x"]])
    slides = [content[at : at + 3] for at in range(0, len(content), 3)]
    slides[-1] = [*slides[-1], MARKS["body"]]
    impress = flat.impress(slides, properties, MARKS["note"], hidden=MARKS["hidden"])
    for source, document, kinds in [
        ("fodt", writer, ["docx", "doc", "odt", "rtf", "pdf", "html", "txt", "dotx", "epub"]),
        ("fods", calc, ["xlsx", "xls", "ods", "csv", "html", "pdf"]),
        ("fodp", impress, ["pptx", "ppt", "odp", "ppsx", "pdf"]),
    ]:
        parts = [part for part, word in MARKS.items() if word.encode() in document]
        for kind in kinds:
            marks = {part: BODY + 1 if part == "body" else 1 for part in parts}
            office.add(document, source, f"text/{source}/{number}.{kind}", kind, encryption="none", marks=marks, kind=["ppsx", "pptx"] if kind == "ppsx" else kind)


def check_presence(corpus):
    """Leaves out of the manifest what a format did not keep. PDF is believed: its text cannot be sought without reading it."""
    for entry in corpus.entries:
        if "marks" not in entry:
            continue
        kind = entry["file"].rsplit(".", 1)[1]
        if kind == "pdf":
            printed = _PRINTED.get(entry["file"].split("/")[1], ("body",))
            entry["marks"] = {part: count for part, count in entry["marks"].items() if part in printed}
            continue
        path = os.path.join(corpus.folder, entry["file"])
        there = present(path, kind, [part for part in entry["marks"] if part != "body"])
        entry["marks"] = {part: count for part, count in entry["marks"].items() if part == "body" or part in there}


# What LibreOffice prints on the pages of a text document; of sheets and slides it is the body alone.
_PRINTED = {"fodt": ("body", "header", "footer", "note", "box")}


def _own(corpus, r, number):
    lines, _ = _body(r)
    for name, kind, extension, write in carriers.OWN:
        content = write(lines)
        corpus.add(f"text/own/{number}-{name.replace(' ', '-')}.{extension}", "Python", content, kind=kind, encryption="none", marks={"body": BODY})


def _packages(corpus, r, number):
    lines, _ = _body(r)
    for name, kind, maker, write in packages.ALL:
        corpus.add(f"text/packages/{number}-{name.replace(' ', '-')}.{kind}", maker, write(lines), kind=kind, encryption="none", marks={"body": BODY})
    inner = packages.docx(lines)
    for name, kind, content in [
        ("docx in zip", "zip", carriers.zipped([("合同/正文.docx", inner)])),
        ("docx in eml", "eml", carriers.message(["请看附件。"], attachment=("正文.docx", inner))),
        ("docx in msg", "msg", packages.msg(["请看附件。"], attachment=("body.docx", inner))),
        ("xlsx in docx", "docx", _with_embedded(inner, packages.xlsx([[MARKS["embedded"]]]))),
    ]:
        marks = {"body": BODY, **({"embedded": 1} if "in docx" in name else {})}
        corpus.add(f"text/inside/{number}-{name.replace(' ', '-')}.{kind}", "python-docx", content, kind=kind, encryption="none", marks=marks)


def _with_embedded(document, book):
    """A document with a workbook in it, as Word embeds one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml" and b'Extension="xlsx"' not in content:
                content = content.replace(b"<Default ", b'<Default Extension="xlsx" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"/><Default ', 1)
            if name == "word/_rels/document.xml.rels":
                relation = b'<Relationship Id="rIdBook" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/package" Target="embeddings/book.xlsx"/>'
                content = content.replace(b"</Relationships>", relation + b"</Relationships>")
            target.writestr(name, content)
        target.writestr("word/embeddings/book.xlsx", book)
    return out.getvalue()
