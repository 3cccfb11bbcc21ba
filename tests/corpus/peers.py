"""What other programs say of a corpus, as NDJSON: one line a file and peer; first a line for each peer with its version, or
with why it is left out.

    peers.py FOLDER

Each peer is given its due: whatever it says that is as good as the truth counts as the truth, and Presidio is handed the
text as it was written instead of the file."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from words import MARKS

# What `file` calls a media type, and which of our kinds that is.
_MEDIA = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx docm dotx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx xlsm xltx xlsb",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx pptm ppsx potx",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt", "application/vnd.ms-outlook": "msg",
    "application/encrypted": "ooxml-encrypted", "application/CDFV2": "ooxml-encrypted", "application/CDFV2-encrypted": "ooxml-encrypted docx xlsx pptx",
    "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.text-template": "ott", "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.spreadsheet-template": "ots", "application/vnd.oasis.opendocument.presentation": "odp", "application/vnd.oasis.opendocument.presentation-template": "otp",
    "application/vnd.oasis.opendocument.graphics": "odg", "application/epub+zip": "epub", "text/rtf": "rtf", "application/pdf": "pdf", "application/zip": "zip apk sketch xmind ofd xps vsdx",
    "application/java-archive": "jar", "application/x-7z-compressed": "7z", "application/x-rar": "rar", "application/vnd.rar": "rar", "application/x-tar": "tar", "application/gzip": "gz",
    "application/x-bzip2": "bz2", "application/x-xz": "xz", "application/zstd": "zst", "application/x-lz4": "lz4", "application/x-iso9660-image": "iso", "application/x-lzh-compressed": "lzh",
    "application/x-lha": "lzh", "application/x-arj": "arj", "application/x-sqlite3": "sqlite", "application/vnd.sqlite3": "sqlite", "application/x-dbf": "dbf", "application/x-msaccess": "mdb accdb",
    "application/vnd.ms-visio.drawing.main+xml": "vsdx", "message/rfc822": "eml", "application/mbox": "mbox", "text/html": "html", "text/xml": "xml svg", "application/json": "json ipynb",
    "application/csv": "csv", "text/csv": "csv", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/bmp": "bmp", "image/webp": "webp", "image/tiff": "tiff",
    "image/vnd.microsoft.icon": "ico", "image/x-icon": "ico", "image/svg+xml": "svg", "image/vnd.adobe.photoshop": "psd", "application/postscript": "ps ai", "image/x-eps": "ps", "image/emf": "emf",
    "image/wmf": "wmf", "image/heic": "heic", "image/avif": "avif", "image/vnd.dwg": "dwg", "image/vnd.dxf": "dxf", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg", "audio/x-wav": "wav",
    "audio/x-m4a": "m4a", "audio/mp4": "m4a", "audio/x-hx-aac-adts": "aac", "audio/AMR": "amr", "audio/midi": "mid", "video/mp4": "mp4", "video/quicktime": "mov", "video/x-matroska": "mkv", "video/webm": "webm",
    "video/x-msvideo": "avi", "video/x-flv": "flv", "video/x-ms-asf": "wmv", "video/mpeg": "mpg", "video/MP2T": "mpegts", "video/3gpp": "3gp", "video/ogg": "ogv", "application/pgp-encrypted": "openpgp",
    "application/pgp": "openpgp", "application/x-executable": "elf", "application/x-pie-executable": "elf", "application/x-sharedlib": "elf", "font/sfnt": "font", "application/vnd.ms-opentype": "font",
    "application/x-java-applet": "class", "application/wasm": "wasm", "application/x-ms-shortcut": "lnk", "application/x-bittorrent": "torrent", "text/calendar": "ics", "text/vcard": "vcf",
    "application/x-ms-pst": "pst", "application/vnd.ms-outlook-pst": "pst", "application/onenote": "one", "model/stl": "stl", "application/sla": "stl", "inode/x-empty": "empty", "text/x-c": "c", "text/x-c++": "cpp",
    "text/x-java": "java", "text/x-script.python": "py", "text/x-php": "php", "text/x-shellscript": "sh", "text/x-ruby": "rb", "text/x-lua": "lua", "text/x-msdos-batch": "bat", "application/javascript": "js",
    "application/x-subrip": "srt", "application/x-ndjson": "json", "text/x-asm": "asm",
}  # fmt: skip

# What magika calls some kinds, where it is not our word.
_LABELS = {
    "markdown": "md", "python": "py", "javascript": "js", "typescript": "ts", "rust": "rs", "ruby": "rb", "shell": "sh", "powershell": "ps1", "batch": "bat", "kotlin": "kt", "verilog": "v", "matlab": "m",
    "jpeg": "jpg", "email": "eml", "sevenzip": "7z", "gzip": "gz", "bzip": "bz2", "postscript": "ps", "javabytecode": "class", "pebin": "exe", "ttf": "font", "otf": "font", "midi": "mid", "asf": "wmv",
    "wma": "wmv", "ogg": "ogg ogv", "pgp": "openpgp", "txt": "txt", "access": "mdb accdb", "msaccess": "mdb accdb", "outlook": "msg pst", "onenote": "one", "xsd": "xml", "plist": "xml", "srt": "srt", "vcard": "vcf",
    "ics": "ics", "icalendar": "ics", "cs": "cs", "m4": "m", "mp2t": "mpegts", "lha": "lzh", "zst": "zst", "zstd": "zst", "aac": "aac", "iso": "iso", "jar": "jar", "apk": "apk", "h264": "mp4", "docx": "docx docm dotx",
    "xlsx": "xlsx xlsm xltx", "pptx": "pptx pptm ppsx potx", "odt": "odt ott", "ods": "ods ots", "odp": "odp otp", "zip": "zip sketch xmind ofd xps vsdx xlsb odg jar", "stlascii": "stl", "stlbinary": "stl", "stl": "stl",
    "sqlite": "sqlite", "lnk": "lnk", "mpegts": "mpegts", "3gp": "3gp", "qt": "mov", "mov": "mov", "torrent": "torrent", "empty": "empty", "asm": "asm", "ini": "ini", "gpg": "openpgp",
}  # fmt: skip


def say(**line):
    print(json.dumps(line, ensure_ascii=False))


def entries(folder):
    with open(os.path.join(folder, "manifest.ndjson"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def output(arguments, limit=120):
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout


def there(program, package):
    if shutil.which(program):
        return True
    say(peer=program, missing=f"not installed (Debian package {package})")
    return False


def by_file(folder, all_entries):
    """`file`: kinds by media type; encryption where its description has the word."""
    if not there("file", "file"):
        return
    say(peer="file", version=output(["file", "--version"]).decode().split("\n")[0])
    names = "\n".join(os.path.join(folder, entry["file"]) for entry in all_entries)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as listed:
        listed.write(names)
        listed.flush()
        kinds = output(["file", "--brief", "--mime-type", "--files-from", listed.name], 600).decode("utf-8", "replace").splitlines()
        descriptions = output(["file", "--brief", "--files-from", listed.name], 600).decode("utf-8", "replace").splitlines()
    for entry, kind, description in zip(all_entries, kinds, descriptions):
        said = _MEDIA.get(kind, kind)
        if kind == "text/plain":
            said = "txt"
        # What ends in doubt is told by nobody better: source code is text to `file`.
        locked = re.search(r"encrypted|password|LUKS|\bPGP\b.*(symmetric|session)", description, re.IGNORECASE)
        say(peer="file", file=entry["file"], kind=said.split(), encryption="encrypted" if locked else "none")


def by_magika(folder, all_entries):
    """magika: kinds by a model."""
    try:
        import magika
    except ImportError:
        say(peer="magika", missing="not installed (PyPI package magika)")
        return
    model = magika.Magika()
    say(peer="magika", version=magika.__version__)
    for entry in all_entries:
        with open(os.path.join(folder, entry["file"]), "rb") as file:
            label = str(model.identify_bytes(file.read()).output.label)
        say(peer="magika", file=entry["file"], kind=_LABELS.get(label, label).split())


def _recogniser():
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    blank = spacy.blank("en")
    # Its list of top-level domains comes with the package; it need not ask the network for a newer one.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())

    class Blank(NlpEngine):
        """No model of language: none can be had without a download from a model hub."""

        def load(self):
            pass

        def is_loaded(self):
            return True

        def process_text(self, text, language):
            document = blank.make_doc(text[:200_000])
            places, lemmas = [token.idx for token in document], [token.text for token in document]
            return NlpArtifacts(entities=[], tokens=document, tokens_indices=places, lemmas=lemmas, nlp_engine=self, language=language)

        def process_batch(self, texts, language, **_):
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word, language):
            return False

        def is_punct(self, word, language):
            return not word.isalnum()

        def get_supported_entities(self):
            return []

        def get_supported_languages(self):
            return ["en"]

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    # Presidio has none of its own for China; this is what its documentation shows how to add: a pattern.
    for entity, pattern in [("CN_ID", r"\b[1-9]\d{16}[\dXx]\b"), ("CN_MOBILE", r"\b1[3-9]\d{9}\b")]:
        engine.registry.add_recognizer(PatternRecognizer(supported_entity=entity, patterns=[Pattern(entity, pattern, 0.5)]))
    return engine


# Presidio's entities, by the detector they answer to.
_ENTITIES = {"CN_ID": "cn_resident_id", "CN_MOBILE": "cn_mobile", "CREDIT_CARD": "bank_card", "EMAIL_ADDRESS": "email", "IP_ADDRESS": "ipv4"}


def by_presidio(all_entries):
    """Presidio: personal data in the text as it was written."""
    try:
        engine = _recogniser()
    except ImportError as error:
        say(peer="presidio", missing=f"not installed (PyPI package presidio-analyzer): {error}")
        return
    import presidio_analyzer

    version = getattr(presidio_analyzer, "__version__", "2.2")
    say(peer="presidio", version=f"{version}, predefined recognisers and two patterns for Chinese numbers, without a language model")
    for entry in all_entries:
        if "detections" not in entry or "text" not in entry:
            continue
        found = engine.analyze(entry["text"], language="en", entities=list(_ENTITIES), score_threshold=0.4)
        counts = {}
        for result in found:
            name = _ENTITIES[result.entity_type]
            counts.setdefault(name, set()).add((result.start, result.end))
        say(peer="presidio", file=entry["file"], detections={name: len(places) for name, places in counts.items()}, knows=sorted(_ENTITIES.values()))


def _counted(text):
    text = re.sub(r"\s", "", text)
    return {part: text.count(word) for part, word in MARKS.items() if word in text}


def by_readers(folder, all_entries):
    """The format's own programs: pdftotext for PDF, catdoc and its like for the old formats, LibreOffice for all of its own."""
    wanted = [entry for entry in all_entries if "marks" in entry]
    path = lambda entry: os.path.join(folder, entry["file"])
    if there("pdftotext", "poppler-utils"):
        say(peer="pdftotext", version="poppler")
        for entry in wanted:
            if entry["kind"] == "pdf":
                say(peer="pdftotext", file=entry["file"], marks=_counted(output(["pdftotext", "-enc", "UTF-8", path(entry), "-"]).decode("utf-8", "replace")))
    if there("catdoc", "catdoc"):
        say(peer="catdoc", version="catdoc, xls2csv, catppt")
        for kind, arguments in {"doc": ["catdoc", "-w", "-dutf-8"], "xls": ["xls2csv", "-dutf-8"], "ppt": ["catppt", "-dutf-8"], "rtf": ["catdoc", "-w", "-dutf-8"]}.items():
            for entry in wanted:
                if entry["kind"] == kind:
                    say(peer="catdoc", file=entry["file"], marks=_counted(output([*arguments, path(entry)]).decode("utf-8", "replace")))
    if there("soffice", "libreoffice-writer, -calc, -impress"):
        say(peer="soffice", version="--convert-to txt, and csv for sheets")
        _by_soffice(wanted, path)


def _by_soffice(wanted, path):
    """One start for each target format; its text export has no presentations."""
    targets = {"txt:Text (encoded):UTF8": "docx doc odt rtf html".split(), "csv:Text - txt - csv (StarCalc):44,34,76": "xlsx xls ods".split()}
    for target, kinds in targets.items():
        some = [entry for entry in wanted if entry["kind"] in kinds]
        with tempfile.TemporaryDirectory() as scratch:
            for number, entry in enumerate(some):
                shutil.copy(path(entry), os.path.join(scratch, f"{number}.{entry['kind']}"))
            names = [os.path.join(scratch, f"{number}.{entry['kind']}") for number, entry in enumerate(some)]
            if names:
                output(["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless", "--convert-to", target, "--outdir", f"{scratch}/out", *names], 900)
            for number, entry in enumerate(some):
                made = os.path.join(scratch, "out", f"{number}.{target[:3]}")
                text = ""
                if os.path.exists(made):
                    with open(made, encoding="utf-8", errors="replace") as file:
                        text = file.read()
                say(peer="soffice", file=entry["file"], marks=_counted(text))


def main(folder):
    all_entries = entries(folder)
    by_file(folder, all_entries)
    by_magika(folder, all_entries)
    by_readers(folder, all_entries)
    by_presidio(all_entries)


if __name__ == "__main__":
    main(sys.argv[1])
