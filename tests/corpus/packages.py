"""Documents by the well-known Python packages, which many of the programs that companies write are built on."""

import io


def _bytes(save):
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


def docx(paragraphs, header="", split=True, company=""):
    import docx as package

    document = package.Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    for paragraph in paragraphs:
        target = document.add_paragraph()
        # Word cuts text into runs wherever its spelling checker or the cursor has been.
        step = 7 if split else max(1, len(paragraph))
        for at in range(0, len(paragraph), step):
            target.add_run(paragraph[at : at + step])
    if company:
        document.core_properties.author = company
    return _bytes(document.save)


def docx_table(rows):
    import docx as package

    document = package.Document()
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, value in zip(table.add_row().cells, row):
            cell.text = value
    return _bytes(document.save)


def xlsx(rows):
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return _bytes(book.save)


def xlsx_inline(rows):
    """Streamed: strings stand in their cells instead of in a table."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": True})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    book.close()
    return buffer.getvalue()


def xls(rows):
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表1")
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    return _bytes(book.save)


def pptx(paragraphs):
    import pptx as package
    from pptx.util import Cm

    show = package.Presentation()
    for at in range(0, len(paragraphs), 4):
        slide = show.slides.add_slide(show.slide_layouts[6])
        for place, paragraph in enumerate(paragraphs[at : at + 4]):
            box = slide.shapes.add_textbox(Cm(1), Cm(1 + 4 * place), Cm(22), Cm(3))
            box.text_frame.text = paragraph
    return _bytes(show.save)


def odt(paragraphs):
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document = OpenDocumentText()
    for paragraph in paragraphs:
        document.text.addElement(P(text=paragraph))
    return _bytes(document.write)


def pdf(paragraphs, password=None):
    """With a Chinese font that is named and not embedded, as many older programs do it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, invariant=1, encrypt=password)
    at = 800
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            for start in range(0, len(line), 40):
                if at < 60:
                    page.showPage()
                    at = 800
                page.setFont("STSong-Light", 12)
                page.drawString(60, at, line[start : start + 40])
                at -= 18
    page.save()
    return buffer.getvalue()


def msg(paragraphs, attachment=None, folder=None):
    import os
    import tempfile

    import msgforge

    message = msgforge.Message(subject="关于安排", html_body="".join(f"<p>{p}</p>" for p in paragraphs), to=[("receiver@example.com", "Receiver")])
    with tempfile.TemporaryDirectory() as scratch:
        if attachment:
            name, content = attachment
            path = os.path.join(scratch, name)
            with open(path, "wb") as file:
                file.write(content)
            message.attach(path)
        path = os.path.join(scratch, "a.msg")
        message.save(path)
        with open(path, "rb") as file:
            return file.read()


def rows(paragraphs):
    return [["序号", "内容"]] + [[place + 1, paragraph] for place, paragraph in enumerate(paragraphs)]


def table(paragraphs):
    return [["序号", "内容"]] + [[str(place + 1), paragraph] for place, paragraph in enumerate(paragraphs)]


# name, kind, maker, writer
ALL = [
    ("docx in runs", "docx", "python-docx", docx),
    ("docx in a table", "docx", "python-docx", lambda paragraphs: docx_table(table(paragraphs))),
    ("xlsx", "xlsx", "openpyxl", lambda paragraphs: xlsx(rows(paragraphs))),
    ("xlsx inline", "xlsx", "XlsxWriter", lambda paragraphs: xlsx_inline(rows(paragraphs))),
    ("xls", "xls", "xlwt", lambda paragraphs: xls(rows(paragraphs))),
    ("pptx", "pptx", "python-pptx", pptx),
    ("odt", "odt", "odfpy", odt),
    ("pdf", "pdf", "reportlab", pdf),
    ("msg", "msg", "msgforge", msg),
]
