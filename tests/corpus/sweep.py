"""A full home: chat caches and desktops of twenty users, with numbers planted in one file of twenty.

Sizes are log-normal (median 40 KB, at most 2 MB); one file of a hundred hides its kind behind another extension. Nothing but
Python is needed, and each file depends on the seed and its number alone, so that any number of processes makes the same."""

import io
import json
import math
import multiprocessing
import os
import random
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

import planted
import words

SEED = 20261126
KINDS = {"jpg": 24, "png": 10, "docx": 16, "xlsx": 12, "pdf": 14, "txt": 9, "csv": 6, "zip": 7, "locked": 2}
KEYWORDS = ["并购", "技术方案", "客户名单", "未公开"]
APPS = ["Documents/WXWork/{}/Cache/File", "Documents/WeChat Files/wxid_{}/FileStorage/File", "Documents/Tencent Files/{}/FileRecv", "DingTalk/{}/download", "Desktop/文件"]
# How a planted number is introduced, by detector.
LABELS = {"cn_resident_id": "身份证号：", "cn_mobile": "手机：", "bank_card": "银行卡号："}
# Words of the filler in which no keyword may arise by chance.
_FORBIDDEN = "未并技客"

_pool = None


def _texts():
    """Filler and noise, made once a process."""
    global _pool
    if _pool is None:
        r = random.Random(SEED)
        text = "".join(words.sentence(r) + ("\n" if r.random() < 0.3 else "") for _ in range(60_000))
        _pool = (text.translate({ord(sign): None for sign in _FORBIDDEN}), r.randbytes(16 << 20))
    return _pool


def _filler(r, length):
    text, _ = _texts()
    start = r.randrange(max(1, len(text) - length))
    return text[start : start + length]


def _noise(r, length):
    _, noise = _texts()
    start = r.randrange(len(noise) - (3 << 20))
    return noise[start : start + max(0, length)]


def _text(r, length, plants):
    text = _filler(r, max(60, length))
    # Between pieces of the filler, so that none lands within another.
    places = sorted(r.randrange(len(text)) for _ in plants)
    pieces = [text[start:end] for start, end in zip([0, *places], [*places, len(text)])]
    return pieces[0] + "".join(f" {plant} {piece}" for plant, piece in zip(plants, pieces[1:]))


def _jpg(r, size):
    head = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
    tail = bytes.fromhex("ffdb004300" + "03" * 64 + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000ffda0008010100003f0054ffd9")
    body = _noise(r, size - len(head) - len(tail))
    return head + b"".join(b"\xff\xfe" + struct.pack(">H", len(body[at : at + 65000]) + 2) + body[at : at + 65000] for at in range(0, len(body), 65000)) + tail


def _png(r, size):
    width = max(1, math.isqrt(size // 3))
    height = max(1, size // (3 * width + 1))
    noise = _noise(r, height * 3 * width)
    rows = b"".join(b"\0" + noise[at * 3 * width : (at + 1) * 3 * width].ljust(3 * width, b"\0") for at in range(height))
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


def _package(r, parts, size, picture):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts:
            information = zipfile.ZipInfo(name, (2025, 3, 4, 5, 6, 8))
            information.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(information, content)
        left = size - buffer.tell() - 400
        if left > 200:
            archive.writestr(zipfile.ZipInfo(picture, (2025, 3, 4, 5, 6, 8)), _jpg(r, left))
    return buffer.getvalue()


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = _HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="jpg" ContentType="image/jpeg"/>{}</Types>'
_RELATIONS = _HEAD + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument"


def _docx(r, size, plants):
    lines = _text(r, int(size * 0.35), plants).split("\n")
    body = "".join(f'<w:p><w:pPr><w:spacing w:after="120"/></w:pPr><w:r><w:rPr><w:sz w:val="21"/></w:rPr><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines if line)
    document = f'{_HEAD}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}<w:sectPr/></w:body></w:document>'
    return _package(r, [
        ("[Content_Types].xml", _TYPES.format(f'<Override PartName="/word/document.xml" ContentType="{_CONTENT}.wordprocessingml.document.main+xml"/>')),
        ("_rels/.rels", _RELATIONS.format(f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>')),
        ("word/document.xml", document),
    ], size, "word/media/image1.jpg")  # fmt: skip


def _xlsx(r, size, plants):
    cells = [cell for cell in _text(r, int(size * 0.3), plants).replace("\n", "").replace("。", "，").replace("；", "，").split("，") if cell] or ["空"]
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = "".join(f"<si><t>{escape(cell)}</t></si>" for cell in cells)
    rows = ""
    for at in range(0, len(cells), 8):
        line = at // 8 + 1
        texts = "".join(f'<c r="{chr(65 + k)}{line}" t="s"><v>{at + k}</v></c>' for k in range(min(8, len(cells) - at)))
        rows += f'<row r="{line}">{texts}<c r="J{line}"><v>{r.randint(1, 999999)}</v></c></row>'
    overrides = "".join(f'<Override PartName="/xl/{part}" ContentType="{_CONTENT}.spreadsheetml.{kind}+xml"/>' for part, kind in [("workbook.xml", "sheet.main"), ("worksheets/sheet1.xml", "worksheet"), ("sharedStrings.xml", "sharedStrings")])
    return _package(r, [
        ("[Content_Types].xml", _TYPES.format(overrides)),
        ("_rels/.rels", _RELATIONS.format(f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>')),
        ("xl/_rels/workbook.xml.rels", _RELATIONS.format(f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>')),
        ("xl/workbook.xml", f'{_HEAD}<workbook xmlns="{space}" xmlns:r="{_OFFICE}"><sheets><sheet name="表1" sheetId="1" r:id="rId1"/></sheets></workbook>'),
        ("xl/worksheets/sheet1.xml", f'{_HEAD}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'),
        ("xl/sharedStrings.xml", f'{_HEAD}<sst xmlns="{space}" count="{len(cells)}" uniqueCount="{len(cells)}">{strings}</sst>'),
    ], size, "xl/media/image1.jpg")  # fmt: skip


def _pdf(r, size, plants):
    from encrypted import pdf_of

    lines = [line[at : at + 40] for line in _text(r, int(size * 0.15), plants).split("\n") for at in range(0, len(line), 40)]
    pages = [lines[at : at + 45] for at in range(0, len(lines), 45)] or [[""]]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>",
    ]
    kids = []
    for page in pages:
        content = "BT /F1 12 Tf 50 800 Td 16 TL\n" + "\n".join(f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in page) + "\nET"
        packed = zlib.compress(content.encode())
        objects.append(b"<</Length %d/Filter/FlateDecode>>\nstream\n" % len(packed) + packed + b"\nendstream")
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>" % len(objects))
        kids.append(len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    left = size - sum(map(len, objects)) - 40 * len(objects) - 500
    if left > 300:
        picture = _jpg(r, left)
        objects.append(b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n" % len(picture) + picture + b"\nendstream")
    return pdf_of(objects)


def _txt(r, size, plants):
    encoding = "gb18030" if r.random() < 0.2 else "utf-8"
    return _text(r, size // (3 if encoding == "utf-8" else 2), plants).encode(encoding)


def _csv(r, size, plants):
    encoding = "gb18030" if r.random() < 0.3 else "utf-8"
    cells = _text(r, size // (3 if encoding == "utf-8" else 2), plants).replace("\n", "").replace("。", "，").replace("；", "，").split("，")
    return "\r\n".join(",".join([str(line), *cells[line * 6 : line * 6 + 6]]) for line in range(len(cells) // 6 + 1)).encode(encoding)


def _zip(r, size, _):
    return _package(r, [(f"{words.title(r)}{number}.txt", _filler(r, max(50, size // 8))) for number in range(r.randint(1, 4))], size, "图片.jpg")


def _locked(r, size, _):
    """WinZip's AES as whoever has no password sees it: salt, verifier, noise, code. Nobody has this one's password."""
    name, sealed = "附件.docx".encode(), _noise(r, max(64, size - 300))
    extra = struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 8)
    common = struct.pack("<HHHHHIII", 51, 0x801, 99, 0x28C4, 0x5A64, 0, len(sealed), len(sealed) * 2)
    local = b"PK\3\4" + common + struct.pack("<HH", len(name), len(extra)) + name + extra + sealed
    central = b"PK\1\2" + struct.pack("<H", 51) + common + struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0, 0) + name + extra
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


WRITERS = {"jpg": lambda r, size, _: _jpg(r, size), "png": lambda r, size, _: _png(r, size), "docx": _docx, "xlsx": _xlsx, "pdf": _pdf, "txt": _txt, "csv": _csv, "zip": _zip, "locked": _locked}
CARRIERS = ("docx", "xlsx", "pdf", "txt", "csv")


def _plants(r):
    """What is planted: by name, how often; and the texts."""
    counts, texts = {}, []
    for name in r.sample([*LABELS, "keyword"], r.choice([1, 1, 2, 3])):
        counts[name] = 1 if name == "keyword" else r.randint(1, 8)
        for _ in range(counts[name]):
            texts.append(r.choice(KEYWORDS) if name == "keyword" else LABELS[name] + planted.DETECTORS[name][0](r))
    return counts, texts


def one(number):
    """A file: its folder, name, content and truth."""
    r = random.Random(f"{SEED}:{number}")
    size = int(min(2 << 20, max(600, 40 * 1024 * math.exp(0.85 * r.gauss(0, 1)))))
    kind = r.choices(list(KINDS), list(KINDS.values()))[0]
    user = r.randrange(20)
    account = f"{1688850000000 + user * 7919}"
    folder = f"{'user' if user < 10 else '用户'}{user + 1:02}/{r.choice(APPS).format(account)}/{r.choice([2024, 2025])}-{r.randint(1, 12):02}"
    counts, texts = ({}, [])
    if kind in CARRIERS and r.random() < 0.0877:
        counts, texts = _plants(r)
    content = WRITERS[kind](r, size, texts)
    extension = "zip" if kind == "locked" else kind
    if r.random() < 0.01:
        extension = r.choice(["dat", "tmp", "bak"])
    name = f"{words.title(r)}{r.choice(['v1', 'v2', '终稿', '(1)', '修改版', ''])}{number:06}.{extension}"
    return folder, name, content, {"kind": "zip" if kind == "locked" else kind, "encryption": "encrypted" if kind == "locked" else "none", "planted": counts}


def _some(job):
    root, start, end = job
    lines, made = [], set()
    for number in range(start, end):
        folder, name, content, truth = one(number)
        if folder not in made:
            os.makedirs(os.path.join(root, folder), exist_ok=True)
            made.add(folder)
        path = os.path.join(root, folder, name)
        with open(path, "wb") as file:
            file.write(content)
        when = 1704067200 + number * 631 % 60_000_000
        os.utime(path, (when, when))
        lines.append(json.dumps({"file": f"{folder}/{name}", "size": len(content), **truth}, ensure_ascii=False))
    return lines


def build(folder, files):
    """Writes `files` files below `folder`/home, and the manifest beside it."""
    root = os.path.join(folder, "home")
    os.makedirs(root, exist_ok=True)
    jobs = [(root, start, min(files, start + 500)) for start in range(0, files, 500)]
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool, open(os.path.join(folder, "manifest.ndjson"), "w", encoding="utf-8") as manifest:
        for lines in pool.imap(_some, jobs):
            manifest.write("\n".join(lines) + "\n")
