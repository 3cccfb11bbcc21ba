"""Documents as one XML file each (flat OpenDocument), from which LibreOffice makes every other format."""

from xml.sax.saxutils import escape

_SPACES = " ".join(
    f'xmlns:{name}="{uri}"'
    for name, uri in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
        "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)


def _document(kind, properties, styles, body):
    own = "".join(
        f'<meta:user-defined meta:name="{escape(name)}">{escape(value)}</meta:user-defined>'
        for name, value in properties.items()
        if name not in ("title", "author", "subject")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {_SPACES} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}"><office:meta>'
        f'<dc:title>{escape(properties.get("title", ""))}</dc:title><dc:subject>{escape(properties.get("subject", ""))}</dc:subject>'
        f'<meta:initial-creator>{escape(properties.get("author", ""))}</meta:initial-creator>'
        f'<dc:creator>{escape(properties.get("author", ""))}</dc:creator>{own}'
        f"</office:meta>{styles}<office:body>{body}</office:body></office:document>"
    ).encode()


def runs(text, split=()):
    """A paragraph's content; cut at each place in `split` into runs of different looks."""
    cuts = [0, *sorted(split), len(text)]
    pieces = [text[start:end] for start, end in zip(cuts, cuts[1:]) if end > start]
    line = lambda piece: escape(piece).replace("\n", "<text:line-break/>")
    if len(pieces) < 2:
        return line(text)
    return "".join(f'<text:span text:style-name="L{place % 2}">{line(piece)}</text:span>' for place, piece in enumerate(pieces))


_LOOKS = (
    '<style:style style:name="L0" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="L1" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>'
)


def writer(paragraphs, properties=None, header="", footer="", note="", comment="", box="", deletion="", table=()):
    """A text document. Paragraphs are content made by `runs` or plain text."""
    margins = (
        '<office:automatic-styles><style:page-layout style:name="P"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" '
        'fo:margin="2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.5cm"/></style:header-style>'
        '<style:footer-style><style:header-footer-properties fo:min-height="0.5cm"/></style:footer-style></style:page-layout>'
        f"{_LOOKS}</office:automatic-styles>"
        '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">'
        f"<style:header><text:p>{header}</text:p></style:header><style:footer><text:p>{footer}</text:p></style:footer>"
        "</style:master-page></office:master-styles>"
    )
    first = ""
    if note:
        first += f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>{note}</text:p></text:note-body></text:note>'
    if comment:
        first += f"<office:annotation><dc:creator>x</dc:creator><text:p>{comment}</text:p></office:annotation>"
    if box:
        first += (
            '<draw:frame text:anchor-type="paragraph" svg:width="6cm" svg:height="2cm" svg:x="1cm" svg:y="1cm">'
            f"<draw:text-box><text:p>{box}</text:p></draw:text-box></draw:frame>"
        )
    changes = ""
    if deletion:
        changes = (
            '<text:tracked-changes text:track-changes="true"><text:changed-region text:id="c1"><text:deletion><office:change-info>'
            f"<dc:creator>x</dc:creator><dc:date>2025-03-04T05:06:07</dc:date></office:change-info><text:p>{deletion}</text:p>"
            "</text:deletion></text:changed-region></text:tracked-changes>"
        )
        first += '<text:change text:change-id="c1"/>'
    body = "".join(f"<text:p>{first if place == 0 else ''}{content}</text:p>" for place, content in enumerate(paragraphs))
    if table:
        rows = "".join(
            "<table:table-row>" + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) + "</table:table-row>"
            for row in table
        )
        body += f'<table:table table:name="t"><table:table-column table:number-columns-repeated="{len(table[0])}"/>{rows}</table:table>'
    return _document("text", properties or {}, margins, f"<office:text>{changes}{body}</office:text>")


def calc(sheets, properties=None, header="", footer="", comment="", hidden=()):
    """A spreadsheet. `sheets` are lists of rows; a number becomes a number, all else text; `hidden` is one more sheet."""
    styles = (
        '<office:automatic-styles><style:style style:name="H" style:family="table"><style:table-properties table:display="false"/></style:style>'
        f"{_LOOKS}"
        '<style:page-layout style:name="P"><style:header-style/><style:footer-style/></style:page-layout></office:automatic-styles>'
        '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="P">'
        f"<style:header><text:p>{header}</text:p></style:header><style:footer><text:p>{footer}</text:p></style:footer>"
        "</style:master-page></office:master-styles>"
    )

    def cell(value, note):
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}">{note}<text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string">{note}<text:p>{value}</text:p></table:table-cell>'

    note = f"<office:annotation><text:p>{comment}</text:p></office:annotation>" if comment else ""
    tables = ""
    for place, rows in enumerate([*sheets, *([hidden] if hidden else [])]):
        style = ' table:style-name="H"' if hidden and place == len(sheets) else ""
        lines = ""
        for line, row in enumerate(rows):
            cells = "".join(cell(value, note if (place, line, column) == (0, 0, 0) else "") for column, value in enumerate(row))
            lines += f"<table:table-row>{cells}</table:table-row>"
        tables += f'<table:table table:name="表{place + 1}"{style}>{lines}</table:table>'
    return _document("spreadsheet", properties or {}, styles, f"<office:spreadsheet>{tables}</office:spreadsheet>")


def impress(slides, properties=None, note="", footer="", hidden=""):
    """A presentation. `slides` are lists of text boxes; the note stands below the first slide; `hidden` is a hidden slide."""
    styles = (
        '<office:automatic-styles><style:page-layout style:name="P"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/>'
        '</style:page-layout><style:style style:name="D" style:family="drawing-page"><style:drawing-page-properties '
        f'presentation:visibility="hidden"/></style:style>{_LOOKS}</office:automatic-styles><office:master-styles>'
        '<style:master-page style:name="M" style:page-layout-name="P"/></office:master-styles>'
    )
    box = lambda place, text: (
        f'<draw:frame svg:width="24cm" svg:height="3cm" svg:x="2cm" svg:y="{1 + 4 * place}cm"><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>'
    )
    pages = ""
    for place, boxes in enumerate([*slides, *([[hidden]] if hidden else [])]):
        look = ' draw:style-name="D"' if place == len(slides) else ""
        texts = [*boxes, *([footer] if footer and place == 0 else [])]
        content = "".join(box(at, text) for at, text in enumerate(texts))
        if note and place == 0:
            content += (
                '<presentation:notes><draw:frame presentation:class="notes" svg:width="16cm" svg:height="10cm" svg:x="2cm" svg:y="12cm">'
                f"<draw:text-box><text:p>{note}</text:p></draw:text-box></draw:frame></presentation:notes>"
            )
        pages += f'<draw:page draw:name="s{place + 1}" draw:master-page-name="M"{look}>{content}</draw:page>'
    return _document("presentation", properties or {}, styles, f"<office:presentation>{pages}</office:presentation>")


def drawing(texts, properties=None):
    """A drawing with text boxes."""
    frames = "".join(
        f'<draw:frame svg:width="12cm" svg:height="2cm" svg:x="2cm" svg:y="{2 + 3 * place}cm"><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>'
        for place, text in enumerate(texts)
    )
    styles = '<office:automatic-styles/><office:master-styles><style:master-page style:name="M"/></office:master-styles>'
    page = f'<draw:page draw:name="p1" draw:master-page-name="M">{frames}</draw:page>'
    return _document("graphics", properties or {}, styles, f"<office:drawing>{page}</office:drawing>")
