"""Group `detectors`: planted numbers, and their likenesses, in every format and encoding."""

import carriers
import packages
import planted
import words


def _paragraphs(r, detector, count, carrier=""):
    """Running text with `count` planted values; gives paragraphs, where their runs may be cut, and what was planted."""
    make, labels, _ = planted.DETECTORS[detector]
    paragraphs, splits, values = [], [], []
    for _ in range(count):
        value = make(r)
        form, written = planted.written(r, detector, value)
        if carrier == "json" and form == "line break":
            # JSON escapes the ends of lines, and nobody wraps a number there.
            written = value
        label = r.choice(labels)
        if carrier == "big5":
            label = carriers.traditional(label)
        start = words.sentence(r) + label
        paragraphs.append(f"{start}{written}，{words.sentence(r)}")
        splits.append((len(start) + len(written) // 3, len(start) + 2 * len(written) // 3))
        values.append(value)
    return paragraphs, splits, values


def _decoys(r, detector):
    return [f"{words.sentence(r)}{text}。{words.sentence(r)}" for text in planted.decoys(r, detector)]


def _nothing():
    return {name: 0 for name in [*planted.DETECTORS, "cn_name_list"]}


def build(corpus, office, full):
    """Every detector in every carrier, planted and as likenesses."""
    for detector in planted.DETECTORS:
        for place, (name, kind, extension, write) in enumerate(carriers.OWN):
            if not full and place % 3 != sorted(planted.DETECTORS).index(detector) % 3:
                continue
            if name == "big5" and detector in ("cn_plate", "cn_address"):
                # Written with characters that Big5 does not have.
                continue
            slug = name.replace(" ", "-")
            r = corpus.random(f"detectors/{detector}/{name}")
            paragraphs, _, values = _paragraphs(r, detector, r.randint(3, 9), name)
            truth = {**_nothing(), detector: len(values)}
            text = "\n".join(paragraphs)
            if kind in ("eml", "mbox"):
                # Those of its sender and receiver.
                truth["email"] += 2
                text = f"From: sender@example.com\nTo: receiver@example.com\n{text}"
            corpus.add(f"detectors/{detector}/{slug}.{extension}", "Python", write(paragraphs), kind=kind, encryption="none", detections=truth, text=text)
            if full or place % 6 == 0:
                likenesses = _decoys(r, detector)
                truth = {**_nothing(), "email": 2 if kind in ("eml", "mbox") else 0}
                corpus.add(f"detectors/{detector}/{slug}-decoys.{extension}", "Python", write(likenesses), kind=kind, encryption="none", detections=truth, text="\n".join(likenesses))
        _in_office(corpus, office, detector, full)
        if full:
            _in_packages(corpus, detector)
    _tables(corpus, full)
    _mixed(corpus, full)
    _forms(corpus)


def _in_office(corpus, office, detector, full):
    for place, (kind, source) in enumerate(carriers.OFFICE):
        if not full and place % 4 != sorted(planted.DETECTORS).index(detector) % 4:
            continue
        r = corpus.random(f"detectors/{detector}/{source}-{kind}")
        paragraphs, splits, values = _paragraphs(r, detector, r.randint(3, 9))
        truth = {**_nothing(), detector: len(values)}
        file = f"detectors/{detector}/{source}-{kind}"
        office.add(carriers.source(source, paragraphs, splits), source, f"{file}.{kind}", kind, kind=kind, encryption="none", detections=truth, text="\n".join(paragraphs))
        if full:
            likenesses = _decoys(r, detector)
            office.add(carriers.source(source, likenesses), source, f"{file}-decoys.{kind}", kind, kind=kind, encryption="none", detections=_nothing(), text="\n".join(likenesses))


def _in_packages(corpus, detector):
    for name, kind, maker, write in packages.ALL:
        r = corpus.random(f"detectors/{detector}/{maker}/{name}")
        paragraphs, _, values = _paragraphs(r, detector, r.randint(3, 9))
        slug = f"detectors/{detector}/{maker}-{name.replace(' ', '-')}"
        truth = {**_nothing(), detector: len(values)}
        # A message by this package names its receiver alone.
        truth["email"] += kind == "msg"
        corpus.add(f"{slug}.{kind}", maker, write(paragraphs), kind=kind, encryption="none", detections=truth, text="\n".join(paragraphs))
        likenesses = _decoys(r, detector)
        truth = {**_nothing(), "email": int(kind == "msg")}
        corpus.add(f"{slug}-decoys.{kind}", maker, write(likenesses), kind=kind, encryption="none", detections=truth, text="\n".join(likenesses))


def _tables(corpus, full):
    """Columns of numbers whose meaning stands only at their head, and columns of likenesses."""
    heads = {"cn_resident_id": "身份证号", "cn_mobile": "手机号码", "bank_card": "银行卡号", "cn_uscc": "统一社会信用代码", "email": "邮箱", "cn_plate": "车牌号"}
    for number in range(24 if full else 4):
        r = corpus.random(f"detectors/table/{number}")
        chosen = r.sample(sorted(heads), 3)
        count = r.randint(4, 40)
        rows = [["序号", *(heads[name] for name in chosen)]] + [[str(line + 1), *(planted.DETECTORS[name][0](r) for name in chosen)] for line in range(count)]
        truth = {**_nothing(), **{name: count for name in chosen}}
        text = "\n".join("\t".join(row) for row in rows)
        encoding = r.choice(["utf-8", "gb18030"])
        content = "\r\n".join(",".join(row) for row in rows).encode(encoding)
        corpus.add(f"detectors/table/{number}.csv", "Python", content, kind="csv", encryption="none", detections=truth, text=text)
        if full:
            # Mobile numbers as numbers, which a spreadsheet keeps without their look.
            typed = [[int(cell) if cell.isdigit() and len(cell) < 15 else cell for cell in row] for row in rows]
            for maker, write, kind in [("openpyxl", packages.xlsx, "xlsx"), ("XlsxWriter", packages.xlsx_inline, "xlsx"), ("xlwt", packages.xls, "xls")]:
                corpus.add(f"detectors/table/{number}-{maker}.{kind}", maker, write(typed), kind=kind, encryption="none", detections=truth, text=text)
    for number in range(12 if full else 2):
        r = corpus.random(f"detectors/names/{number}")
        count = r.randint(12, 60)
        rows = [["序号", "姓名", "部门"]] + [[str(line + 1), words.name(r), r.choice(["销售部", "研发部", "财务部"])] for line in range(count)]
        text = "\n".join("\t".join(row) for row in rows)
        truth = {**_nothing(), "cn_name_list": count}
        corpus.add(f"detectors/names/{number}.csv", "Python", "\n".join(",".join(row) for row in rows).encode(), kind="csv", encryption="none", detections=truth, text=text)
        if full:
            corpus.add(f"detectors/names/{number}.xlsx", "openpyxl", packages.xlsx(rows), kind="xlsx", encryption="none", detections=truth, text=text)
            corpus.add(f"detectors/names/{number}.docx", "python-docx", packages.docx_table(rows), kind="docx", encryption="none", detections=truth, text=text)
    for number in range(8 if full else 2):
        r = corpus.random(f"detectors/numbers/{number}")
        rows = [["行", "数量", "单价", "金额", "批次"]] + [[str(line), str(r.randint(1, 10**6)), f"{r.random() * 1e4:.2f}", f"{r.random() * 1e9:.2f}", planted.digits(r, r.randint(6, 22))] for line in range(400)]
        rows = [row for row in rows if not _looks_like_any(row)]
        corpus.add(f"detectors/numbers/{number}.csv", "Python", "\n".join(",".join(row) for row in rows).encode(), kind="csv", encryption="none", detections=_nothing(), text="\n".join("\t".join(row) for row in rows))


def _looks_like_any(row):
    """Whether a random batch number happens to be valid; such a row would be no likeness."""
    batch = row[-1]
    if len(batch) == 18 and batch.isdigit() and planted.id_check(batch[:17]) == batch[17]:
        return True
    if len(batch) == 11 and batch.startswith("1") and batch.isdigit():
        return True
    return 16 <= len(batch) <= 19 and batch.isdigit() and planted.luhn(batch[:-1]) == batch[-1]


def _mixed(corpus, full):
    """Several kinds of numbers and likenesses in one text, as real documents have them."""
    for number in range(60 if full else 8):
        r = corpus.random(f"detectors/mixed/{number}")
        truth, paragraphs = _nothing(), []
        for detector in r.sample(sorted(planted.DETECTORS), r.randint(2, 5)):
            count = r.randint(1, 6)
            truth[detector] = count
            paragraphs += _paragraphs(r, detector, count)[0]
        for detector in r.sample(sorted(planted.DETECTORS), 3):
            paragraphs += _decoys(r, detector)[:2]
        paragraphs += [words.paragraph(r) for _ in range(r.randint(2, 10))]
        r.shuffle(paragraphs)
        encoding = r.choice(["utf-8", "gb18030", "utf-16"])
        corpus.add(f"detectors/mixed/{number}.txt", "Python", "\n".join(paragraphs).encode(encoding), kind="txt", encryption="none", detections=truth, text="\n".join(paragraphs))


def _forms(corpus):
    """Forms with a box for each digit, and innocent long documents."""
    for number in range(6):
        r = corpus.random(f"detectors/form/{number}")
        value = planted.resident_id(r)
        rows = [["姓名", words.name(r)], ["身份证号", *value], ["手机", *planted.mobile(r)]]
        content = "\n".join("\t".join(row) for row in rows).encode()
        corpus.add(f"detectors/form/{number}.tsv", "Python", content, kind="tsv", encryption="none", detections={**_nothing(), "cn_resident_id": 1, "cn_mobile": 1}, text="\n".join("\t".join(row) for row in rows))
    for number in range(6):
        r = corpus.random(f"detectors/innocent/{number}")
        language = r.choice(["zh", "en"])
        text = "\n".join(words.paragraph(r, language, 8, private=number % 2 == 0) for _ in range(120))
        corpus.add(f"detectors/innocent/{number}.txt", "Python", text.encode(), kind="txt", encryption="none", detections=_nothing(), text=text)
