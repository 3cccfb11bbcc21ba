"""The same paragraphs in every format and encoding. Each carrier is one program's or one encoding's way to write them."""

import email.message
import email.policy
import io
import json
import os
import tarfile
import zipfile
from xml.sax.saxutils import escape

import flat
import libreoffice

_SIMPLE = "号码电话联系护银账银统会码证车讯邮发报单项财务预购订计测试产说应链审训资标协议验办种请调场销售数据汇总发进检产库点门负责传真动处长机图纸结贸门书园影乐阅读侣谱儿孩间饭边农邻馆线层楼气飞开给丰农东"
_TRADITIONAL = "號碼電話聯繫護銀賬銀統會碼證車訊郵發報單項財務預購訂計測試產說應鏈審訓資標協議驗辦種請調場銷售數據匯總發進檢產庫點門負責傳真動處長機圖紙結貿門書園影樂閱讀侶譜兒孩間飯邊農鄰館線層樓氣飛開給豐農東"
_TABLE = str.maketrans(_SIMPLE, _TRADITIONAL)


def traditional(text):
    """Text that Big5 can write; what it cannot is left out."""
    return text.translate(_TABLE).encode("big5", "ignore").decode("big5")


class Office:
    """Collects documents for LibreOffice, which is started once for all of them."""

    def __init__(self, corpus):
        self.corpus = corpus
        self.there = libreoffice.is_there(corpus)
        self.jobs = []
        self.waiting = []

    def add(self, source, flat_kind, file, format, password=None, after=None, **truth):
        """One more file: the flat document `source`, to be written as `format`."""
        if not self.there:
            return
        path = self.corpus.path(f"sources/{len(self.jobs)}.{flat_kind}")
        with open(path, "wb") as target:
            target.write(source)
        self.jobs.append((path, self.corpus.path(file), format, password))
        self.waiting.append((file, after, truth))

    def close(self):
        """Makes them all, and adds those that were made."""
        libreoffice.convert(self.corpus, self.jobs)
        for (_, target, _, _), (file, after, truth) in zip(self.jobs, self.waiting):
            if not os.path.exists(target):
                continue
            if after:
                after(target)
            self.corpus.add(file, "LibreOffice", **truth)
        for source, *_ in self.jobs:
            os.unlink(source)
        if self.jobs:
            os.rmdir(os.path.dirname(self.jobs[0][0]))


def _plain(encoding, mark=b""):
    return lambda paragraphs: mark + "\r\n".join(paragraphs).encode(encoding)


def _big5(paragraphs):
    return "\r\n".join(traditional(paragraph) for paragraph in paragraphs).encode("big5")


def _csv(encoding, separator=","):
    def write(paragraphs):
        quote = lambda cell: '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell
        rows = [["序号", "内容", "备注"]] + [[str(place + 1), paragraph, "无"] for place, paragraph in enumerate(paragraphs)]
        return "\r\n".join(separator.join(quote(cell) for cell in row) for row in rows).encode(encoding)

    return write


def _html(encoding, declared=None):
    def write(paragraphs):
        head = f'<!DOCTYPE html>\n<html><head><meta charset="{declared or encoding}"><title>页</title><style>p {{ margin: 0 }}</style></head><body>\n'
        body = "\n".join(f"<p>{escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)
        return f"{head}{body}\n<script>var x = 1;</script></body></html>\n".encode(encoding)

    return write


def _rtf(paragraphs):
    code = lambda sign: sign if sign.isascii() and sign not in "\\{}" else f"\\u{ord(sign) - (65536 if ord(sign) > 32767 else 0)}?"
    lines = "".join("\\pard " + "".join("\\line " if sign == "\n" else code(sign) for sign in paragraph) + "\\par\n" for paragraph in paragraphs)
    return ("{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun;}}\n" + lines + "}").encode("ascii")


def _rtf_bytes(paragraphs):
    """As WordPad writes it: the bytes of the code page, each as an escape."""
    code = lambda byte: chr(byte) if 32 <= byte < 127 and byte not in b"\\{}" else f"\\'{byte:02x}"
    lines = ""
    for paragraph in paragraphs:
        parts = ["".join(code(byte) for byte in part.encode("gbk", "ignore")) for part in paragraph.split("\n")]
        lines += "\\pard\\f0 " + "\\line ".join(parts) + "\\par\r\n"
    return ("{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 \\'cb\\'ce\\'cc\\'e5;}}\r\n" + lines + "}").encode("ascii")


def message(paragraphs, charset="utf-8", encoding="base64", attachment=None, html=False, subject="关于本周的安排"):
    """A mail from nobody to nobody."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "sender@example.com"
    mail["To"] = "receiver@example.com"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 04 Mar 2025 05:06:07 +0800"
    mail["Message-ID"] = "<1@example.com>"
    text = "\n".join(paragraphs) + "\n"
    mail.set_content("请看附件。\n" if attachment else text, charset=charset, cte=encoding)
    if html:
        mail.add_alternative(_html("utf-8")(paragraphs).decode(), subtype="html")
    if attachment:
        name, content = attachment
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def _mbox(paragraphs):
    half = len(paragraphs) // 2
    parts = [message(paragraphs[:half]), message(paragraphs[half:], encoding="quoted-printable")]
    return b"".join(b"From sender@example.com Tue Mar  4 05:06:07 2025\n" + part.replace(b"\r\n", b"\n") + b"\n" for part in parts)


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """A zip archive of names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            information = zipfile.ZipInfo(name, (2025, 3, 4, 5, 6, 8))
            information.compress_type = method
            archive.writestr(information, content)
    return buffer.getvalue()


def tarred(files, mode="w:gz"):
    """A tar archive, packed as `mode` says."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files:
            information = tarfile.TarInfo(name)
            information.size = len(content)
            archive.addfile(information, io.BytesIO(content))
    return buffer.getvalue()


_UTF8 = _plain("utf-8")

# Formats that need nothing but Python: name, kind, extension, writer.
OWN = [
    ("utf-8", "txt", "txt", _UTF8),
    ("utf-8 with mark", "txt", "txt", _plain("utf-8", b"\xef\xbb\xbf")),
    ("utf-16le", "txt", "txt", _plain("utf-16-le", b"\xff\xfe")),
    ("utf-16be", "txt", "txt", _plain("utf-16-be", b"\xfe\xff")),
    ("gb18030", "txt", "txt", _plain("gb18030")),
    ("big5", "txt", "txt", _big5),
    ("csv utf-8", "csv", "csv", _csv("utf-8")),
    ("csv gb18030", "csv", "csv", _csv("gb18030")),
    ("tsv utf-16", "tsv", "tsv", _csv("utf-16", "\t")),
    ("markdown", "md", "md", lambda paragraphs: ("# 说明\n\n" + "\n\n".join(f"- {paragraph}" for paragraph in paragraphs)).encode()),
    ("json", "json", "json", lambda paragraphs: json.dumps([{"内容": paragraph} for paragraph in paragraphs], ensure_ascii=False, indent=1).encode()),
    ("xml", "xml", "xml", lambda paragraphs: ('<?xml version="1.0" encoding="UTF-8"?>\n<list>' + "".join(f"<item>{escape(p)}</item>\n" for p in paragraphs) + "</list>").encode()),
    ("html utf-8", "html", "html", _html("utf-8")),
    ("html gbk", "html", "html", _html("gbk")),
    ("rtf unicode", "rtf", "rtf", _rtf),
    ("rtf gbk", "rtf", "rtf", _rtf_bytes),
    ("eml base64", "eml", "eml", message),
    ("eml quoted-printable", "eml", "eml", lambda paragraphs: message(paragraphs, encoding="quoted-printable")),
    ("eml gb18030", "eml", "eml", lambda paragraphs: message(paragraphs, charset="gb18030", encoding="base64")),
    ("eml with csv", "eml", "eml", lambda paragraphs: message(paragraphs, attachment=("名单.csv", _csv("gb18030")(paragraphs)))),
    ("mbox", "mbox", "mbox", _mbox),
    ("zip of txt", "zip", "zip", lambda paragraphs: zipped([("资料/说明.txt", _UTF8(paragraphs))])),
    ("zip in zip", "zip", "zip", lambda paragraphs: zipped([("内.zip", zipped([("a.csv", _csv("gb18030")(paragraphs))]))])),
    ("tar.gz of txt", "gz", "tar.gz", lambda paragraphs: tarred([("a/b.txt", _UTF8(paragraphs))])),
    ("tar.xz of txt", "xz", "tar.xz", lambda paragraphs: tarred([("a/b.txt", _plain("gb18030")(paragraphs))], "w:xz")),
]

# LibreOffice's formats: kind, kind of flat source.
OFFICE = [
    ("docx", "fodt"), ("doc", "fodt"), ("odt", "fodt"), ("rtf", "fodt"), ("pdf", "fodt"), ("html", "fodt"),
    ("xlsx", "fods"), ("xls", "fods"), ("ods", "fods"), ("csv", "fods"),
    ("pptx", "fodp"), ("ppt", "fodp"), ("odp", "fodp"), ("pdf", "fodp"),
]  # fmt: skip


def source(kind, paragraphs, splits=(), **more):
    """A flat document of that kind with these paragraphs; `splits` says by paragraph where its runs are cut."""
    content = [flat.runs(paragraph, splits[place] if place < len(splits) else ()) for place, paragraph in enumerate(paragraphs)]
    if kind == "fodt":
        return flat.writer(content, **more)
    if kind == "fods":
        return flat.calc([[["序号", "内容"]] + [[place + 1, cell] for place, cell in enumerate(content)]], **more)
    return flat.impress([content[at : at + 4] for at in range(0, len(content), 4)], **more)
