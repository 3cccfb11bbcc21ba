"""LibreOffice, started once for all conversions. Run by the system's Python, which has its bindings (python3-uno):

    libreoffice.py JOBS     a JSON list of {"source", "target", "format", "password"?}; prints a line for each that failed
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

# What LibreOffice calls its export filters, by kind of source and by our name of the format.
FILTERS = {
    "fodt": {
        "docx": "MS Word 2007 XML",
        "dotx": "MS Word 2007 XML Template",
        "docm": "MS Word 2007 XML VBA",
        "doc": "MS Word 97",
        "odt": "writer8",
        "ott": "writer8_template",
        "rtf": "Rich Text Format",
        "pdf": "writer_pdf_Export",
        "html": "HTML (StarWriter)",
        "txt": "Text (encoded)",
        "epub": "EPUB",
        "fodt": "OpenDocument Text Flat XML",
    },
    "fods": {
        "xlsx": "Calc MS Excel 2007 XML",
        "xlsm": "Calc MS Excel 2007 VBA XML",
        "xltx": "Calc MS Excel 2007 XML Template",
        "xls": "MS Excel 97",
        "ods": "calc8",
        "ots": "calc8_template",
        "csv": "Text - txt - csv (StarCalc)",
        "html": "HTML (StarCalc)",
        "pdf": "calc_pdf_Export",
        "dbf": "dBase",
    },
    "fodp": {
        "pptx": "Impress MS PowerPoint 2007 XML",
        "ppsx": "Impress MS PowerPoint 2007 XML AutoPlay",
        "potx": "Impress MS PowerPoint 2007 XML Template",
        "pptm": "Impress MS PowerPoint 2007 XML VBA",
        "ppt": "MS PowerPoint 97",
        "odp": "impress8",
        "otp": "impress8_template",
        "pdf": "impress_pdf_Export",
    },
    "fodg": {"odg": "draw8", "pdf": "draw_pdf_Export", "svg": "draw_svg_Export", "png": "draw_png_Export", "emf": "draw_emf_Export", "wmf": "draw_wmf_Export", "eps": "draw_eps_Export"},
}
OPTIONS = {"txt": "UTF8", "csv": "44,34,76,1"}


def convert(corpus, jobs):
    """Runs the jobs; a list of (source, target, format[, password]) with paths. Gives those that failed."""
    if not jobs:
        return []
    words = [{"source": job[0], "target": job[1], "format": job[2], "password": job[3] if len(job) > 3 else None} for job in jobs]
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(words, file)
    try:
        done = subprocess.run(["/usr/bin/python3", __file__, file.name], stdout=subprocess.PIPE, check=True)
    finally:
        os.unlink(file.name)
    failed = [line for line in done.stdout.decode().splitlines() if line]
    for line in failed:
        print(f"LibreOffice: {line}", file=sys.stderr)
    return failed


def is_there(corpus):
    """Whether LibreOffice and its bindings are installed."""
    if not corpus.has("soffice", "documents in all formats of LibreOffice (libreoffice-writer, -calc, -impress)"):
        return False
    if subprocess.run(["/usr/bin/python3", "-c", "import uno"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return True
    corpus.lacks("python3-uno", "drives LibreOffice")
    return False


def main(jobs):
    import uno
    from com.sun.star.beans import NamedValue, PropertyValue
    from com.sun.star.connection import NoConnectException

    def properties(**values):
        return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())

    def standard97(password, salt):
        """The key of RC4 encryption, MS-OFFCRYPTO 2.3.6.2, as LibreOffice takes it from its password dialogue."""
        unique = hashlib.md5(salt.encode()).digest()
        start = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
        key = hashlib.md5((start + unique) * 16).digest()
        value = lambda name, data: NamedValue(name, uno.Any("[]byte", uno.ByteSequence(data)))
        return value("STD97EncryptionKey", key), value("STD97UniqueID", unique)

    def url(path):
        return uno.systemPathToFileUrl(os.path.abspath(path))

    with tempfile.TemporaryDirectory() as profile:
        pipe = f"fileward{os.getpid()}"
        office = subprocess.Popen(
            ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": profile}, start_new_session=True,
        )
        try:
            local = uno.getComponentContext()
            resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
            for attempt in range(240):
                try:
                    context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                    break
                except NoConnectException:
                    if attempt == 239 or office.poll() not in (None, 0, 81):
                        raise
                    time.sleep(0.5)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            source, document = None, None
            for job in jobs:
                if job["source"] != source:
                    if document is not None:
                        document.close(True)
                    source = job["source"]
                    document = desktop.loadComponentFromURL(url(source), "_blank", 0, properties(Hidden=True))
                if document is None:
                    print(f"cannot open {source}")
                    continue
                values = {"FilterName": FILTERS[source.rsplit(".", 1)[1]][job["format"]]}
                if job["format"] in OPTIONS:
                    values["FilterOptions"] = OPTIONS[job["format"]]
                if job["password"] is not None and job["format"] == "pdf":
                    data = properties(EncryptFile=True, DocumentOpenPassword=job["password"])
                    values["FilterData"] = uno.Any("[]com.sun.star.beans.PropertyValue", data)
                elif job["password"] is not None and job["format"] in ("doc", "xls"):
                    values["EncryptionData"] = uno.Any("[]com.sun.star.beans.NamedValue", standard97(job["password"], job["target"]))
                elif job["password"] is not None:
                    values["Password"] = job["password"]
                try:
                    document.storeToURL(url(job["target"]), properties(**values))
                except Exception as error:  # LibreOffice's own exceptions share no base
                    print(f"{job['target']}: {str(error)[:200]}")
            if document is not None:
                document.close(True)
            try:
                desktop.terminate()
            except Exception:  # the connection ends with the office
                pass
            office.wait(30)
        finally:
            if office.poll() is None:
                os.killpg(office.pid, 15)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file))
