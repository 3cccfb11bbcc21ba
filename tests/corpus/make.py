"""Makes a corpus.

    make.py quick FOLDER            about 300 files; needs Python, LibreOffice, 7z, zip and qpdf
    make.py full FOLDER             about 2,500 files; needs besides what requirements.txt names, gpg, age, cryptsetup, …
    make.py hostile FOLDER          files that want to exhaust whoever reads them
    make.py sweep FOLDER [FILES]    a full home: 100,000 files, 5.85 GB

Every file depends on the seed and its own name alone. What could not be made for want of a program stands in
missing.ndjson beside the manifest."""

import os
import sys

import carriers
import detectors
import encrypted
import held_out
import hostile
import kinds
import parts
import sweep
import verdicts
from corpus import Corpus


def documents(folder, full):
    corpus = Corpus(folder)
    office = carriers.Office(corpus)
    for module in (encrypted, parts, detectors, verdicts, held_out):
        module.build(corpus, office, full)
    kinds.build(corpus, office, full)
    office.close()
    if office.there:
        kinds.disguises(corpus)
    parts.check_presence(corpus)
    corpus.close()


def main(arguments):
    match arguments:
        case ["quick" | "full" as size, folder]:
            documents(folder, size == "full")
        case ["hostile", folder]:
            corpus = Corpus(folder)
            hostile.build(corpus)
            corpus.close()
        case ["sweep", folder]:
            sweep.build(folder, 100_000)
        case ["sweep", folder, files]:
            sweep.build(folder, int(files))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    # Written into the cache beside what they make, not into the clone.
    sys.dont_write_bytecode = True
    os.umask(0o022)
    main(sys.argv[1:])
