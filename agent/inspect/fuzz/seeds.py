"""Seeds for the targets, from the files that the tests keep.

    seeds.py FIXTURES FOLDER    writes FOLDER/TARGET/…
"""

import os
import sys
import zipfile

# Which target takes which files as they are.
WHOLE = {
    "zip": ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "ofd", "xlsb", "numbers", "pages", "key", "epub", "hwpx"),
    "compound": ("doc", "xls", "ppt", "msg", "hwp", "vsd", "mpp", "pub"),
    "pdf": ("pdf", "ai"),
    "rtf": ("rtf",),
    "html": ("html", "htm", "mht"),
    "store": ("pst", "mdb", "accdb", "one"),
    "mail": ("eml", "mbox", "mht", "dat"),
}
ARCHIVES = ["7z", "rar", "tar", "gz", "bz2", "xz", "zst", "cab", "lz", "lz4", "cpio", "uue"]
OOXML = {
    b"\0": ("word/document.xml", "word/footnotes.xml"),
    b"\1": ("xl/workbook.xml", "xl/sharedStrings.xml"),
    b"\2": ("ppt/presentation.xml", "ppt/slides/slide1.xml"),
    b"\3": ("xl/workbook.xml", "xl/worksheets/sheet1.xml"),
    b"\4": ("word/document.xml", "word/_rels/document.xml.rels"),
    b"\5": ("word/document.xml", "docProps/custom.xml"),
}
ODF = {b"\0": "odt", b"\1": "ods", b"\2": "odp"}
# The largest seed; what is larger only makes each run slow.
LARGEST = 200 << 10

TEXTS = [
    "身份证号：11010119900307757X，手机：138 0013 8000\n银行卡号 6222 0212 3456 7890 128\n",
    "姓名\t手机\n甲\t１３８００１３８０００\n乙\t13900139000\n",
    "统一社会信用代码：91110000MA01234567 邮箱 a.b@example.com IP 地址：10.1.2.3 车牌：京A12345 护照号：E12345678\n",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\nAKIAIOSFODNN7EXAMPLE\n",
    "机密★3年\n未公开 secret Example Technology\n",
]
CONTENT = [b"BT /F1 12 Tf 50 700 Td (Hello) Tj 0 -14 Td [(1380) -200 (0138000)] TJ ET", b"BT /F1 12 Tf 1 0 0 1 50 700 Tm <4e2d6587> Tj T* ET q Q"]
MAP = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <4e2d> endbfchar 1 beginbfrange <0002> <0010> <4e00> endbfrange endcmap"


def main(fixtures, folder):
    def seed(target, name, content):
        if len(content) <= LARGEST:
            os.makedirs(os.path.join(folder, target), exist_ok=True)
            with open(os.path.join(folder, target, name), "wb") as file:
                file.write(content)

    for name in sorted(os.listdir(fixtures)):
        path = os.path.join(fixtures, name)
        if not os.path.isfile(path) or name.endswith(".md"):
            continue
        with open(path, "rb") as file:
            content = file.read()
        extension = name.rsplit(".", 1)[-1].lower()
        for target, extensions in WHOLE.items():
            if extension in extensions:
                seed(target, name, content)
        if extension in ARCHIVES:
            seed("archive", name, bytes([ARCHIVES.index(extension)]) + content)
        if extension in ("txt", "csv", "json", "xml", "sql"):
            seed("text", name, bytes([("txt", "csv", "json", "xml", "sql").index(extension)]) + content)
        if zipfile.is_zipfile(path):
            parts(seed, name, extension, path)
        if extension in ("doc", "xls", "ppt"):
            selector = {"doc": 0, "xls": 2, "ppt": 3}[extension]
            # The streams themselves begin after the first sector; what is not one is as good a seed.
            seed("legacy", name, bytes([selector, 200]) + content[512:])
    for number, text in enumerate(TEXTS):
        seed("scan", f"{number}", text.encode())
        for encoding in ("utf-8", "utf-16", "utf-32", "utf-7", "gb18030"):
            seed("text", f"{number}-{encoding}", b"\0" + text.encode(encoding))
        seed("html", f"{number}", f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body><p>{text}</p>&#x31;&nbsp;</body></html>".encode())
        seed("rtf", f"{number}", b"{\\rtf1\\ansi\\ansicpg936 " + b"".join(b"\\u%d?" % ord(sign) for sign in text if ord(sign) < 32768) + b"}")
        seed("mail", f"{number}", b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?B?5bGx?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n--b--\r\n")
    for number, content in enumerate(CONTENT):
        for selector in range(4):
            seed("content", f"{number}-{selector}", bytes([selector]) + content + b"\0" + MAP)


def parts(seed, name, extension, path):
    with zipfile.ZipFile(path) as archive:
        read = lambda part: archive.read(part).replace(b"\0", b"") if part in archive.namelist() else b""
        try:
            for selector, (main_part, other) in OOXML.items():
                if read(main_part):
                    seed("ooxml", f"{name}-{selector[0]}", selector + read(main_part) + b"\0" + read(other))
            for selector, kind in ODF.items():
                if extension == kind:
                    seed("odf", name, selector + read("content.xml") + b"\0" + read("styles.xml"))
            if extension == "ofd":
                seed("odf", name, b"\3" + read("Doc_0/Document.xml") + b"\0" + read("Doc_0/Pages/Page_0/Content.xml"))
        except (RuntimeError, NotImplementedError):
            # Locked, or packed by a method that Python does not have.
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
