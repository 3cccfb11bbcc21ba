"""Group `held-out`: other kinds of work and private documents than those of group `verdict`. No list, threshold or rule was chosen by
what comes out here: it shows how right the verdict is on what nobody had before their eyes."""

import carriers
import flat
import held_out_private
import held_out_work
import packages

EACH = 6
# Formats of running text: kind, and whether LibreOffice writes it.
TEXTS = [("docx", True), ("pdf", True), ("docx", False), ("doc", True), ("pdf", False), ("txt", True), ("odt", True)]


def build(corpus, office, full):
    """Some of every kind; two thirds in Chinese."""
    for work, kinds in [("work", held_out_work.KINDS), ("private", held_out_private.KINDS)]:
        for number, (name, write) in enumerate(kinds.items()):
            for copy in range(EACH if full else 1):
                r = corpus.random(f"held-out/{work}/{name}/{copy}")
                language = "en" if copy % 3 == 2 or not full and number % 3 == 2 else "zh"
                document = write(r, language)
                file = f"held-out/{work}/{name.replace(' ', '-')}-{copy}"
                truth = {"work": work, "reason": name, "encryption": "none"}
                _save(corpus, office, r, file, document, full, truth)


def _save(corpus, office, r, file, document, full, truth):
    shape = document.get("shape", "text")
    more = {name: document[name] for name in ("properties", "header") if document.get(name)}
    lines, table, end = document["lines"], document.get("table", []), document.get("end", [])
    if shape == "mail":
        subject, *body = lines
        corpus.add(f"{file}.eml", "Python", carriers.message(body, subject=subject), kind="eml", **truth)
    elif shape == "c":
        corpus.add(f"{file}.c", "Python", "\n".join(lines).encode(), kind="c", **truth)
    elif shape == "slides":
        kind = r.choice(["pptx", "pdf", "ppt"])
        office.add(carriers.source("fodp", lines), "fodp", f"{file}.{kind}", kind, kind=kind, **truth)
    elif shape == "sheet":
        _sheet(corpus, office, r, file, [[line] for line in lines] + table, more, full, truth)
    else:
        _text(corpus, office, r, file, lines, table, end, more, full, truth)


def _written(rows):
    return [[flat.runs(cell) for cell in row] for row in rows]


def _sheet(corpus, office, r, file, rows, more, full, truth):
    kind, by_office = r.choice([("xlsx", True), ("xlsx", False), ("xls", True), ("csv", True), ("pdf", True)])
    if by_office or more or not full:
        office.add(flat.calc([_written(rows)], **more), "fods", f"{file}.{kind}", kind, kind=kind, **truth)
    else:
        corpus.add(f"{file}.xlsx", "openpyxl", packages.xlsx(rows), kind="xlsx", **truth)


def _text(corpus, office, r, file, lines, table, end, more, full, truth):
    kind, by_office = r.choice(TEXTS)
    rows = ["\t".join(row) for row in table]
    if kind == "txt":
        encoding = r.choice(["utf-8", "gb18030"])
        corpus.add(f"{file}.txt", "Python", "\r\n".join([*lines, *rows, *end]).encode(encoding), kind="txt", **truth)
    elif by_office or more or not full:
        source = flat.writer([flat.runs(line) for line in [*lines, *end]], table=_written(table), **more)
        office.add(source, "fodt", f"{file}.{kind}", kind, kind=kind, **truth)
    elif kind == "docx":
        corpus.add(f"{file}.docx", "python-docx", packages.docx([*lines, *rows, *end]), kind="docx", **truth)
    else:
        corpus.add(f"{file}.pdf", "reportlab", packages.pdf([line.replace("\t", "  ") for line in [*lines, *rows, *end]]), kind="pdf", **truth)
