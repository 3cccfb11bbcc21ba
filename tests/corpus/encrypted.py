"""Group `encryption`: files that nobody reads without a secret, files that only look so, and files that do not."""

import os
import struct
import tempfile
import zlib

import carriers
import flat
import packages
import words
from corpus import run

SECRET = "secret"


def build(corpus, office, full):
    with tempfile.TemporaryDirectory() as folder:
        for number in range(6 if full else 1):
            r = corpus.random(f"encryption/{number}")
            _inputs(folder, r)
            archives(corpus, folder, number)
            pdf(corpus, folder, number, full)
            envelopes(corpus, folder, number)
            if full:
                zip_aes(corpus, folder, number)
                disks(corpus, folder, number)
    rar(corpus)
    noise(corpus, full)
    documents(corpus, office, full)
    if full:
        protected_packages(corpus)


def _inputs(folder, r):
    for name, content in {
        "a.txt": words.paragraph(r, sentences=60),
        "b.csv": "名称,数量\n" + "".join(f"{words.title(r)},{r.randint(1, 99)}\n" for _ in range(200)),
        "c.txt": words.paragraph(r, "en", 40),
    }.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)


def _made(corpus, folder, made, file, maker, **truth):
    with open(os.path.join(folder, made), "rb") as source:
        content = source.read()
    os.unlink(os.path.join(folder, made))
    corpus.add(file, maker, content, **truth)


# Options of 7-Zip, and what its archive then is.
_SEVEN_ZIP = [
    ("7z", [], "none", None), ("7z", ["-m0=lzma2", "-mhc=off"], "none", None), ("7z", ["-m0=ppmd"], "none", None), ("7z", ["-mx0"], "none", None),
    ("7z", [f"-p{SECRET}"], "encrypted", "7z-aes"), ("7z", [f"-p{SECRET}", "-mhe=on"], "encrypted", "7z-aes"), ("7z", [f"-p{SECRET}", "-mhc=off", "-ms=off"], "encrypted", "7z-aes"),
    ("zip", [], "none", None), ("zip", ["-mm=LZMA"], "none", None), ("zip", ["-mm=Deflate64"], "none", None), ("zip", ["-mm=BZip2"], "none", None),
    ("zip", [f"-p{SECRET}"], "encrypted", "zip-crypto"), ("zip", [f"-p{SECRET}", "-mem=AES256"], "encrypted", "zip-aes"), ("zip", [f"-p{SECRET}", "-mem=AES128"], "encrypted", "zip-aes"),
]  # fmt: skip


def archives(corpus, folder, number):
    if corpus.has("7z", "archives (p7zip-full)"):
        for place, (kind, options, state, method) in enumerate(_SEVEN_ZIP):
            run(["7z", "a", f"-t{kind}", *options, f"x.{kind}", "a.txt", "b.csv"], folder)
            _made(corpus, folder, f"x.{kind}", f"encryption/7z/{number}-{place}.{kind}", "7-Zip", kind=kind, encryption=state, method=method)
        for kind, method, options in [("zip", "zip-aes", ["-mem=AES256"]), ("7z", "7z-aes", []), ("zip", "zip-crypto", [])]:
            run(["7z", "a", f"-t{kind}", f"x.{kind}", "a.txt"], folder)
            run(["7z", "a", f"-t{kind}", f"-p{SECRET}", *options, f"x.{kind}", "b.csv"], folder)
            _made(corpus, folder, f"x.{kind}", f"encryption/7z/{number}-partly-{method}.{kind}", "7-Zip", kind=kind, encryption="partly", method=method)
    if corpus.has("zip", "archives (zip)"):
        for options, state, method in [(["-q"], "none", None), (["-q", "-P", SECRET], "encrypted", "zip-crypto"), (["-q", "-0", "-P", SECRET], "encrypted", "zip-crypto")]:
            run(["zip", *options, "x.zip", "a.txt", "b.csv"], folder)
            _made(corpus, folder, "x.zip", f"encryption/zip/{number}-{state}{len(options)}.zip", "Info-ZIP", kind="zip", encryption=state, method=method)
        run(["zip", "-q", "x.zip", "a.txt"], folder)
        run(["zip", "-q", "-P", SECRET, "x.zip", "c.txt"], folder)
        _made(corpus, folder, "x.zip", f"encryption/zip/{number}-partly.zip", "Info-ZIP", kind="zip", encryption="partly", method="zip-crypto")


def zip_aes(corpus, folder, number):
    import pyzipper

    for strength in (128, 192, 256):
        for hidden, state in [(("a.txt", "b.csv"), "encrypted"), (("a.txt",), "partly")]:
            with pyzipper.AESZipFile(os.path.join(folder, "x.zip"), "w", compression=pyzipper.ZIP_DEFLATED) as archive:
                for name in ("b.csv", "a.txt"):
                    archive.setpassword(SECRET.encode() if name in hidden else None)
                    archive.setencryption(pyzipper.WZ_AES if name in hidden else None, nbits=strength)
                    archive.write(os.path.join(folder, name), name)
            _made(corpus, folder, "x.zip", f"encryption/winzip/{number}-{strength}-{state}.zip", "pyzipper", kind="zip", encryption=state, method="zip-aes")


# Every revision of standard security that qpdf writes: bits and options.
_PDF = [("40", []), ("128", ["--use-aes=n"]), ("128", ["--use-aes=y"]), ("128", ["--use-aes=y", "--cleartext-metadata"]), ("256", ["--force-R5"]), ("256", [])]


def pdf(corpus, folder, number, full):
    if not corpus.has("qpdf", "PDF in every revision of encryption (qpdf)"):
        return
    plain = os.path.join(folder, "plain.pdf")
    with open(plain, "wb") as file:
        file.write(simple_pdf(f"number {number} of these"))
    layouts = ["--object-streams=disable", "--object-streams=generate", "--linearize"]
    for layout in layouts if full else layouts[1:2]:
        run(["qpdf", layout, plain, "x.pdf"], folder)
        _made(corpus, folder, "x.pdf", f"encryption/pdf/{number}-plain{layout}.pdf", "qpdf", kind="pdf", encryption="none")
        for bits, options in _PDF:
            for password, state in [(SECRET, "encrypted"), ("", "openable")]:
                run(["qpdf", "--allow-weak-crypto", layout, "--encrypt", password, "owner", bits, *options, "--", plain, "x.pdf"], folder)
                name = f"encryption/pdf/{number}-{bits}{''.join(options)}-{state}{layout}.pdf"
                _made(corpus, folder, "x.pdf", name, "qpdf", kind="pdf", encryption=state, method="pdf")


def simple_pdf(text):
    """A PDF of one line."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return pdf_of(objects)


def pdf_of(objects, version="1.4"):
    """A PDF with these objects, the first of which is its catalogue."""
    out, offsets = f"%PDF-{version}\n%\xe2\xe3\n".encode("latin-1"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))


def envelopes(corpus, folder, number):
    if corpus.has("gpg", "OpenPGP (gnupg)"):
        home = os.path.join(folder, "gnupg")
        os.makedirs(home, mode=0o700, exist_ok=True)
        base = ["gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--pinentry-mode", "loopback", "--passphrase", SECRET]
        symmetric = [*base, "--symmetric", "--s2k-count", "65536"]
        for place, (options, extension) in enumerate([([], "gpg"), (["--armor"], "asc"), (["--cipher-algo", "3DES", "--rfc2440"], "gpg"), (["--force-ocb"], "gpg"), (["--compress-algo", "none"], "pgp")]):
            try:
                run([*symmetric, *options, "-o", "x", "a.txt"], folder)
            except RuntimeError:
                # Older versions do not know every option.
                continue
            _made(corpus, folder, "x", f"encryption/openpgp/{number}-{place}.{extension}", "GnuPG", kind="openpgp", encryption="encrypted", method="openpgp")
        if number == 0:
            run([*base, "--passphrase", "", "--quick-generate-key", "test@example.com", "future-default", "default", "never"], folder)
        for place, (options, extension) in enumerate([([], "gpg"), (["--armor"], "asc"), (["--hidden-recipient", "test@example.com"], "gpg")]):
            recipient = [] if place == 2 else ["--recipient", "test@example.com"]
            run([*base, "--trust-model", "always", *recipient, *options, "--encrypt", "-o", "x", "a.txt"], folder)
            _made(corpus, folder, "x", f"encryption/openpgp/{number}-key-{place}.{extension}", "GnuPG", kind="openpgp", encryption="encrypted", method="openpgp")
        run([*base, "--clearsign", "-o", "x", "a.txt"], folder)
        _made(corpus, folder, "x", f"encryption/openpgp/{number}-signed.txt", "GnuPG", kind="txt", encryption="none")
    if corpus.has("age", "age envelopes (age)"):
        key = run(["age-keygen"], folder).decode()
        recipient = next(line.split(": ")[1] for line in key.splitlines() if "public key" in line)
        for options, extension in [([], "age"), (["--armor"], "txt")]:
            run(["age", "--encrypt", "--recipient", recipient, *options, "-o", "x", "a.txt"], folder)
            _made(corpus, folder, "x", f"encryption/age/{number}.{extension}", "age", kind="age", encryption="encrypted", method="age")


def disks(corpus, folder, number):
    """Disk images: LUKS by cryptsetup; VeraCrypt as its volumes look to whoever has no key, AES-XTS of zeros under a random one."""
    if number == 0 and corpus.has("cryptsetup", "LUKS images (cryptsetup-bin)"):
        for version, size in [("luks1", 3), ("luks2", 17)]:
            with open(os.path.join(folder, "x.img"), "wb") as image:
                image.truncate(size << 20)
            quick = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"]
            run(["cryptsetup", "luksFormat", "--type", version, "--batch-mode", *quick, "x.img", "-"], folder, given=SECRET.encode())
            _made(corpus, folder, "x.img", f"encryption/luks/{number}-{version}.img", "cryptsetup", encryption=["encrypted", "suspected"])
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    r = corpus.random(f"veracrypt/{number}")
    size = r.choice([300 << 10, 1 << 20, 3 << 20]) // 512 * 512
    encryptor = Cipher(algorithms.AES(r.randbytes(64)), modes.XTS(r.randbytes(16))).encryptor()
    body = encryptor.update(bytes(size - 64)) + encryptor.finalize()
    volume = r.randbytes(64) + body
    corpus.add(f"encryption/container/{number}.hc", "AES-XTS of zeros", volume, encryption="suspected", method="container")
    # Chat apps keep scrambled pictures under this name, so that such noise says nothing: either answer is right.
    corpus.add(f"encryption/container/{number}.dat", "AES-XTS of zeros", volume, encryption=["suspected", "none"])


def noise(corpus, full):
    """Uniform noise, which a container is, and what is nearly so and is none."""
    import lzma

    for number in range(8 if full else 2):
        r = corpus.random(f"noise/{number}")
        corpus.add(f"encryption/container/noise-{number}.hc", "random bytes", r.randbytes((600 << 10) // 512 * 512), encryption="suspected", method="container")
        text = words.paragraph(r, sentences=12000).encode()
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        corpus.add(f"encryption/not-container/deflate-{number}.dat", "zlib", packer.compress(text) + packer.flush(), encryption="none")
        lzma_raw = lzma.compress(text, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2}])
        corpus.add(f"encryption/not-container/lzma-{number}.bin", "liblzma", lzma_raw, encryption="none")
        picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + r.randbytes(400 << 10)
        key = r.randrange(1, 256)
        corpus.add(f"encryption/not-container/chat-{number}.dat", "by hand", bytes(byte ^ key for byte in picture), encryption="none")
        corpus.add(f"encryption/not-container/key-{number}.bin", "random bytes", r.randbytes(r.choice([16, 32, 256, 2048])), encryption="none")


def _crc_block(body):
    """A block of RAR5: checksum, size as a variable-length number, body."""
    size = _number(len(body))
    return struct.pack("<I", zlib.crc32(size + body)) + size + body


def _number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def rar5(r, encrypted=(), headers=False):
    """By RAR's own technical note: a main block, stored files, an end. A file is encrypted if its number is in `encrypted`."""
    out = b"Rar!\x1a\x07\x01\x00"
    if headers:
        crypt = _number(4) + _number(0) + _number(0) + _number(1) + bytes([15]) + r.randbytes(16) + r.randbytes(12)
        return out + _crc_block(crypt) + r.randbytes(800)
    out += _crc_block(_number(1) + _number(0) + _number(0))
    for number in range(2):
        content = words.paragraph(r, sentences=20).encode()
        name = f"文件{number}.txt".encode()
        extra = b""
        if number in encrypted:
            content = r.randbytes(len(content) // 16 * 16 + 16)
            record = _number(1) + _number(0) + _number(1) + bytes([15]) + r.randbytes(32) + r.randbytes(12)
            extra = _number(len(record)) + record
        head = _number(2) + _number(2 | bool(extra)) + (_number(len(extra)) if extra else b"") + _number(len(content))
        head += _number(4) + _number(len(content)) + _number(0o100644) + struct.pack("<I", zlib.crc32(content)) + _number(0) + _number(1) + _number(len(name)) + name
        out += _crc_block(head + extra) + content
    return out + _crc_block(_number(5) + _number(0) + _number(0))


def rar4(r, encrypted=(), headers=False):
    """The older format, of which unpackers' sources tell."""
    def block(kind, flags, body, data=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0x80 if headers else 0, b"\0" * 6)
    if headers:
        return out + r.randbytes(8) + r.randbytes(1024)
    for number in range(2):
        content = words.paragraph(r, "en", 20).encode()
        size, flags, salt = len(content), 0x8000, b""
        if number in encrypted:
            content, flags, salt = r.randbytes(size // 16 * 16 + 16), 0x8404, r.randbytes(8)
        name = f"file{number}.txt".encode()
        body = struct.pack("<IIBIIBBHI", len(content), size, 2, zlib.crc32(content), 0x5A6450A6, 29, 0x30, len(name), 0x20) + name + salt
        out += block(0x74, flags, body, content)
    return out + block(0x7B, 0x4000, b"")


def rar(corpus):
    for make, version in [(rar4, 4), (rar5, 5)]:
        for number in range(4):
            r = corpus.random(f"rar/{version}/{number}")
            for name, state, more in [("plain", "none", {}), ("locked", "encrypted", {"encrypted": (0, 1)}), ("partly", "partly", {"encrypted": (1,)}), ("hidden", "encrypted", {"headers": True})]:
                method = None if state == "none" else "rar"
                corpus.add(f"encryption/rar{version}/{number}-{name}.rar", "by hand", make(r, **more), kind="rar", encryption=state, method=method)


def _mark_ppt(path):
    """Marks a presentation as encrypted as MS-PPT 2.3.2 tells: by the token of its current user's record."""
    with open(path, "rb") as file:
        content = file.read()
    with open(path, "wb") as file:
        file.write(content.replace(b"\x5f\xc0\x91\xe3", b"\xdf\xc4\xd1\xf3", 1))


def documents(corpus, office, full):
    """LibreOffice's own encryption, and the same documents without."""
    for number in range(8 if full else 1):
        r = corpus.random(f"encrypted documents/{number}")
        text = [words.paragraph(r) for _ in range(4)]
        for source, kind, method in [("fodt", "odt", "odf"), ("fods", "ods", "odf"), ("fodp", "odp", "odf"), ("fodt", "doc", "cfb-rc4"), ("fods", "xls", "cfb-rc4"), ("fodt", "pdf", "pdf")]:
            base = {"kind": kind}
            office.add(carriers.source(source, text), source, f"encryption/office/{number}-locked.{kind}", kind, SECRET, encryption="encrypted", method=method, **base)
            office.add(carriers.source(source, text), source, f"encryption/office/{number}-plain.{kind}", kind, encryption="none", **base)
        # Excel opens a workbook with this password without asking.
        table = flat.calc([[["a", "b"], [1, 2]]])
        office.add(table, "fods", f"encryption/office/{number}-built-in.xls", "xls", "VelvetSweatshop", encryption="openable", method="cfb-rc4", kind="xls")
        office.add(carriers.source("fodp", text), "fodp", f"encryption/office/{number}-marked.ppt", "ppt", after=_mark_ppt, encryption="encrypted", method="cfb-rc4", kind="ppt")


def protected_packages(corpus):
    """Office Open XML locked by msoffcrypto-tool."""
    import io

    from msoffcrypto.format.ooxml import OOXMLFile

    for number in range(6):
        r = corpus.random(f"ooxml/{number}")
        text = [words.paragraph(r) for _ in range(3)]
        for kind, content in [("docx", packages.docx(text)), ("xlsx", packages.xlsx(packages.rows(text))), ("pptx", packages.pptx(text))]:
            for password, state in [(SECRET, "encrypted"), ("VelvetSweatshop", "openable")]:
                if state == "openable" and kind != "xlsx":
                    continue
                locked = io.BytesIO()
                OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
                expected = "xlsx" if state == "openable" else ["ooxml-encrypted", kind]
                corpus.add(f"encryption/ooxml/{number}-{state}.{kind}", "msoffcrypto-tool", locked.getvalue(), kind=expected, encryption=state, method="ooxml")
