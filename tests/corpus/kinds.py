"""Group `kinds`: one of everything, by real programs where one is free, else by the head that its specification gives."""

import os
import plistlib
import random
import shutil
import sqlite3
import struct
import tempfile
import wave
import zlib

import carriers
import programs
import flat
import packages
import words
from corpus import run
from encrypted import simple_pdf


def build(corpus, office, full):
    count = 5 if full else 1
    for number in range(count):
        r = corpus.random(f"kinds/{number}")
        _office(corpus, office, r, number)
        _plain(corpus, r, number)
        _databases(corpus, r, number)
        _sound(corpus, r, number)
        _by_hand(corpus, r, number)
        if full:
            _packages(corpus, r, number)
            _pictures(corpus, r, number)
            _films(corpus, r, number)
            _archives(corpus, r, number)
            _drawings(corpus, r, number)
    if full:
        _programs(corpus)



def _office(corpus, office, r, number):
    import libreoffice

    text = [words.paragraph(r) for _ in range(3)]
    sources = {
        "fodt": carriers.source("fodt", text),
        "fods": carriers.source("fods", text),
        "fodp": carriers.source("fodp", text),
        "fodg": flat.drawing(text),
    }
    same = {"eps": "ps", "fodt": ["fodt", "xml"], "ppsx": ["ppsx", "pptx"]}
    for source, formats in libreoffice.FILTERS.items():
        for format in formats:
            if format in ("dbf", "txt"):
                continue
            office.add(sources[source], source, f"kinds/libreoffice/{number}-{source}.{format}", format, kind=same.get(format, format), encryption="none")


def _packages(corpus, r, number):
    text = [words.paragraph(r) for _ in range(3)]
    for name, kind, maker, write in packages.ALL:
        corpus.add(f"kinds/packages/{number}-{name.replace(' ', '-')}.{kind}", maker, write(text), kind=kind, encryption="none")


def _plain(corpus, r, number):
    text = [words.paragraph(r) for _ in range(5)]
    for name, kind, extension, write in carriers.OWN:
        corpus.add(f"kinds/plain/{number}-{name.replace(' ', '-')}.{extension}", "Python", write(text), kind=kind, encryption="none")
    for extension, (kind, write) in programs.LANGUAGES.items():
        corpus.add(f"kinds/source/{number}.{extension}", "Python", write(r).encode(), kind=kind, encryption="none")
    corpus.add(f"kinds/plain/{number}-pdf.pdf", "by hand", simple_pdf("x"), kind="pdf", encryption="none")


def _databases(corpus, r, number):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.db")
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
        database.executemany("INSERT INTO customer (name) VALUES (?)", [(words.name(r),) for _ in range(50)])
        database.commit()
        dump = "\n".join(database.iterdump())
        database.close()
        with open(path, "rb") as file:
            corpus.add(f"kinds/database/{number}.db", "SQLite", file.read(), kind="sqlite", encryption="none")
        corpus.add(f"kinds/database/{number}.sql", "SQLite", dump.encode(), kind="sql", encryption="none")
    # dBase III: MS-DOS's table format, described in many places alike.
    fields = [(b"NAME", b"C", 20), (b"COUNT", b"N", 8)]
    head = struct.pack("<BBBBIHH20x", 3, 125, 3, 4, 9, 32 + 32 * len(fields) + 1, 29)
    head += b"".join(name.ljust(11, b"\0") + kind + bytes(4) + bytes([length]) + bytes(15) for name, kind, length in fields) + b"\r"
    rows = b"".join(b" " + words.name(r).encode("gbk").ljust(20) + b"%8d" % r.randint(1, 999) for _ in range(9))
    corpus.add(f"kinds/database/{number}.dbf", "by hand", head + rows + b"\x1a", kind="dbf", encryption="none")


def _sound(corpus, r, number):
    path = corpus.path(f"kinds/sound/{number}.wav")
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "none"))
        file.writeframes(r.randbytes(16000))
    corpus.add(f"kinds/sound/{number}.wav", "Python", kind="wav", encryption="none")
    midi = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", 8) + bytes([0, 0x90, r.randrange(40, 80), 64, 0, 0xFF, 0x2F, 0])
    corpus.add(f"kinds/sound/{number}.mid", "by hand", midi, kind="mid", encryption="none")


def _pictures(corpus, r, number):
    if not corpus.has("convert", "pictures (imagemagick)"):
        return
    size = f"{r.randint(40, 200)}x{r.randint(40, 200)}"
    for extension, kind in [("png", "png"), ("jpg", "jpg"), ("gif", "gif"), ("bmp", "bmp"), ("webp", "webp"), ("tiff", "tiff"), ("ico", "ico"), ("psd", "psd"), ("pdf", "pdf"), ("ps", "ps"), ("eps", "ps"), ("svg", "svg")]:
        path = corpus.path(f"kinds/picture/{number}.{extension}")
        try:
            run(["convert", "-seed", r.randrange(999), "-size", size, "plasma:", *(["-resize", "32x32"] if extension in ("ico", "svg") else []), path])
        except RuntimeError:
            # Debian's policy for ImageMagick forbids some formats.
            continue
        if os.path.exists(path):
            corpus.add(f"kinds/picture/{number}.{extension}", "ImageMagick", kind=kind, encryption="none")


def _films(corpus, r, number):
    if not corpus.has("ffmpeg", "sound and film (ffmpeg)"):
        return
    sound = ["-f", "lavfi", "-i", f"sine=frequency={r.randint(200, 900)}:duration=1"]
    film = ["-f", "lavfi", "-i", "testsrc=duration=1:size=128x96:rate=10"]
    for extension, kind, inputs in [
        ("mp3", "mp3", sound), ("flac", "flac", sound), ("ogg", "ogg", sound), ("m4a", "m4a", sound), ("aac", "aac", sound), ("wma", "wmv", sound), ("amr", "amr", sound),
        ("mp4", "mp4", film), ("mov", "mov", film), ("mkv", "mkv", film), ("webm", "webm", film), ("avi", "avi", film), ("flv", "flv", film), ("wmv", "wmv", film),
        ("mpg", "mpg", film), ("ts", "mpegts", film), ("3gp", "3gp", film), ("ogv", "ogv", film), ("avif", "avif", film),
    ]:  # fmt: skip
        path = corpus.path(f"kinds/film/{number}.{extension}")
        try:
            run(["ffmpeg", "-y", "-loglevel", "error", *inputs, *(["-s", "176x144"] if extension == "3gp" else []), *(["-frames:v", "1"] if extension == "avif" else []), path])
        except RuntimeError:
            # Not every build has every encoder.
            if os.path.exists(path):
                os.unlink(path)
            continue
        # WMA and WMV share the container, and one word.
        corpus.add(f"kinds/film/{number}.{extension}", "ffmpeg", kind=kind, encryption="none")


def _archives(corpus, r, number):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.txt"), "w", encoding="utf-8") as file:
            file.write(words.paragraph(r, sentences=80))
        for program, arguments, made, kind in [
            ("7z", ["a", "-ttar", "x.tar", "a.txt"], "x.tar", "tar"), ("7z", ["a", "-tgzip", "x.gz", "a.txt"], "x.gz", "gz"), ("7z", ["a", "-tbzip2", "x.bz2", "a.txt"], "x.bz2", "bz2"),
            ("7z", ["a", "-txz", "x.xz", "a.txt"], "x.xz", "xz"), ("zstd", ["-q", "a.txt", "-o", "x.zst"], "x.zst", "zst"), ("lz4", ["-q", "a.txt", "x.lz4"], "x.lz4", "lz4"),
            ("genisoimage", ["-quiet", "-J", "-o", "x.iso", "a.txt"], "x.iso", "iso"), ("jlha", ["-aq", "x.lzh", "a.txt"], "x.lzh", "lzh"), ("arj", ["a", "-y", "x.arj", "a.txt"], "x.arj", "arj"),
            ("tar", ["-cf", "x.tar", "a.txt"], "x.tar", "tar"), ("tar", ["--format=v7", "-cf", "x.tar", "a.txt"], "x.tar", "tar"),
        ]:  # fmt: skip
            if not shutil.which(program):
                corpus.lacks(program, "archives")
                continue
            run([program, *arguments], folder)
            with open(os.path.join(folder, made), "rb") as file:
                corpus.add(f"kinds/archive/{number}-{program}{len(arguments)}-{made}", program, file.read(), kind=kind, encryption="none")
            os.unlink(os.path.join(folder, made))
        jar = carriers.zipped([("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n\r\n"), ("a/B.class", b"\xca\xfe\xba\xbe\0\0\0\x34" + r.randbytes(200))])
        corpus.add(f"kinds/archive/{number}.jar", "Python", jar, kind="jar", encryption="none")


def _drawings(corpus, r, number):
    import ezdxf

    for version in ("R12", "R2000", "R2010", "R2018"):
        document = ezdxf.new(version)
        for _ in range(20):
            document.modelspace().add_line((r.random(), r.random()), (r.random() * 9, r.random() * 9))
        path = corpus.path(f"kinds/cad/{number}-{version}.dxf")
        document.saveas(path)
        corpus.add(f"kinds/cad/{number}-{version}.dxf", "ezdxf", kind="dxf", encryption="none")


def _by_hand(corpus, r, number):
    """Kinds that no free program writes: what their specifications say of the first bytes, and noise or nothing after it."""
    some = r.randbytes(3000)
    triangles = b"".join(struct.pack("<12fH", *(r.random() for _ in range(12)), 0) for _ in range(30))
    step = "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('a','2025-03-04',(''),(''),'','','');\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,0.,0.));\nENDSEC;\nEND-ISO-10303-21;\n"
    iges = "".join(f"{text:<72}{section}{place:>7}\n" for place, (text, section) in enumerate([("a part", "S"), ("1H,,1H;,4HPART,", "G"), ("     110       1", "D"), ("110,0.,0.,0.,1.,1.,1.;", "P")], 1))
    parts = {
        "dwg": ("dwg", b"AC10" + r.choice([b"18", b"24", b"27", b"32"]) + b"\0\0\0\0\0\0\x03" + some),
        "stl": ("stl", b"a part".ljust(80, b" ") + struct.pack("<I", 30) + triangles),
        "ascii.stl": ("stl", b"solid part\n  facet normal 0 0 1\n    outer loop\n      vertex 0 0 0\n      vertex 1 0 0\n      vertex 0 1 0\n    endloop\n  endfacet\nendsolid part\n"),
        "step": ("step", step.encode()),
        "igs": ("iges", iges.encode()),
        "3dm": ("3dm", b"3D Geometry File Format        5" + some),
        "mdb": ("mdb", b"\0\x01\0\0Standard Jet DB\0" + bytes(100) + some),
        "accdb": ("accdb", b"\0\x01\0\0Standard ACE DB\0" + bytes(100) + some),
        "pst": ("pst", b"!BDN" + bytes(4) + b"SM" + struct.pack("<HH", 23, 19) + bytes(500) + some),
        "one": ("one", bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(100) + some),
        "heic": ("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + some),
        "silk": ("silk", b"\x02#!SILK_V3" + some),
        "class": ("class", b"\xca\xfe\xba\xbe\0\0\0\x34\0\x0f" + some),
        "wasm": ("wasm", b"\0asm\x01\0\0\0" + some),
        "parquet": ("parquet", b"PAR1" + some + b"PAR1"),
        "pgdump": ("pgdump", b"PGDMP\x01\x0e\0\x04\x08\x01\x01\x01" + some),
        "lnk": ("lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60) + some),
        "torrent": ("torrent", b"d8:announce30:http://example.com:80/announce4:infod4:name1:aee"),
        "vcf": ("vcf", f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{words.name(r)}\r\nEND:VCARD\r\n".encode()),
        "ics": ("ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
        "epub": ("epub", _stored_first("application/epub+zip", [("META-INF/container.xml", "<container/>")])),
        "ofd": ("ofd", carriers.zipped([("OFD.xml", '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'), ("Doc_0/Document.xml", "<ofd:Document/>")])),
        "vsdx": ("vsdx", _opc("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml", "http://schemas.microsoft.com/visio/2010/relationships/document")),
        "xlsb": ("xlsb", _opc("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin", None)),
        "sketch": ("sketch", carriers.zipped([("document.json", '{"_class":"document"}'), ("meta.json", '{"app":"com.bohemiancoding.sketch3"}'), ("pages/1.json", "{}"), ("user.json", "{}")])),
        "xmind": ("xmind", carriers.zipped([("content.json", "[]"), ("metadata.json", "{}"), ("manifest.json", '{"file-entries":{}}')])),
        "apk": ("apk", carriers.zipped([("AndroidManifest.xml", b"\x03\0\x08\0" + some[:200]), ("classes.dex", b"dex\n035\0" + some), ("resources.arsc", some)])),
        "plist": ("xml", plistlib.dumps({"a": 1})),
        "xps": ("xps", carriers.zipped([("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="fdseq" ContentType="application/vnd.ms-package.xps-fixeddocumentsequence+xml"/></Types>'), ("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/FixedDocumentSequence.fdseq"/></Relationships>'), ("FixedDocumentSequence.fdseq", "<FixedDocumentSequence/>")])),
    }
    for name, (kind, content) in parts.items():
        corpus.add(f"kinds/head/{number}.{name}", "by hand", content, kind=kind, encryption="none")
    corpus.add(f"kinds/head/{number}.empty", "by hand", b"", kind="empty", encryption="none")


def _stored_first(media_type, files):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), media_type)
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def _opc(content_type, part, relation):
    relation = relation or "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return carriers.zipped([
        ("[Content_Types].xml", f'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/{part}" ContentType="{content_type}"/></Types>'),
        ("_rels/.rels", f'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{relation}" Target="{part}"/></Relationships>'),
        (part, b"<x/>"),
    ])  # fmt: skip


def _programs(corpus):
    """Programs and fonts that are on every PC of this kind."""
    for path, kind in [("/bin/ls", "elf"), ("/usr/bin/python3", "elf"), ("/bin/cat", "elf")]:
        if os.path.exists(path):
            with open(path, "rb") as file:
                corpus.add(f"kinds/program/{os.path.basename(path)}.bin", "Debian", file.read(2 << 20), kind=kind, encryption="none")
    for folder, _, names in os.walk("/usr/share/fonts"):
        for name in sorted(names)[:2]:
            if name.endswith((".ttf", ".otf")):
                with open(os.path.join(folder, name), "rb") as file:
                    corpus.add(f"kinds/program/{name}", "Debian", file.read(300 << 10), kind="font", encryption="none")
                return


def disguises(corpus):
    """The same files under another name, or under none: the kind stays what it is."""
    r = random.Random("disguises")
    known = [entry for entry in corpus.entries if entry["group"] == "kinds" and isinstance(entry.get("kind"), str) and entry["kind"] not in programs.TEXTUAL]
    wrong = ["txt", "dat", "tmp", "jpg", "bak", "pdf", "docx", "log"]
    for number, entry in enumerate(r.sample(known, min(len(known), 120))):
        with open(os.path.join(corpus.folder, entry["file"]), "rb") as file:
            content = file.read()
        extension = "" if number % 3 == 0 else f".{r.choice(wrong)}"
        corpus.add(f"kinds/disguised/{number}-{entry['kind']}{extension}", entry["maker"], content, kind=entry["kind"], encryption=entry.get("encryption"))
