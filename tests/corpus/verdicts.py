"""Group `verdict`: what companies and what private persons keep, in both languages; whether it is a work file is known."""

import carriers
import packages
import planted
import words
from words import COMPANY, COMPANY_EN

# Work documents. What makes them the company's is one of the signs below; a share carries none at all.
WORK = {
    "zh": ["合同", "报价单", "会议纪要", "设计方案", "周报", "采购申请", "测试报告", "投标文件", "产品需求", "验收报告"],
    "en": ["Contract", "Quotation", "Minutes", "Design proposal", "Weekly report", "Purchase request", "Test report", "Tender", "Requirements", "Acceptance report"],
}
SIGNS = ["name in the body", "name in the header", "company property", "label", "keyword", "customer list", "staff list", "mail domain", "nothing"]


def build(corpus, office, full):
    """The documents; LibreOffice writes some of them."""
    for number in range(90 if full else 9):
        r = corpus.random(f"verdict/work/{number}")
        language = "en" if number % 4 == 3 else "zh"
        sign = SIGNS[number % len(SIGNS)]
        _work(corpus, office, r, number, language, sign, full)
    for number in range(len(PRIVATE) * (8 if full else 1)):
        r = corpus.random(f"verdict/private/{number}")
        name, write = list(PRIVATE.items())[number % len(PRIVATE)]
        language = "en" if number // len(PRIVATE) % 3 == 2 else "zh"
        _save(corpus, office, r, f"verdict/private/{number}-{name.replace(' ', '-')}", write(r, language), full, work="private", reason=name)


def _work(corpus, office, r, number, language, sign, full):
    company = COMPANY if language == "zh" else COMPANY_EN
    lines = [r.choice(WORK[language])] + [words.paragraph(r, language, 5) for _ in range(8)]
    more = {}
    if sign == "name in the body":
        lines.insert(r.randint(1, 6), f"甲方：{company}" if language == "zh" else f"Between {company} and the supplier.")
    elif sign == "name in the header":
        more["header"] = f"{company} 内部资料" if language == "zh" else f"{company}"
    elif sign == "company property":
        more["properties"] = {"title": lines[0], "author": words.name(r, language), "Company": company}
    elif sign == "label":
        lines.insert(0, r.choice(["机密★3年", "内部", "机密", "核心商业秘密"]))
        more["header"] = lines[0]
    elif sign == "keyword":
        lines.insert(2, r.choice(["本技术方案未公开，不得外传。", "并购事项尚未公开。", "附客户名单。"]))
    elif sign == "customer list":
        lines += [f"{words.name(r)} 手机：{planted.mobile(r)} 邮箱：{planted.email(r)}" for _ in range(30)]
    elif sign == "staff list":
        lines += [f"{words.name(r)}，身份证号：{planted.resident_id(r)}，银行卡号：{planted.bank_card(r)}" for _ in range(20)]
    elif sign == "mail domain":
        lines += [f"联系人 {words.name(r)} 邮箱：{planted.email(r)}" for _ in range(25)]
    _save(corpus, office, r, f"verdict/work/{number}-{sign.replace(' ', '-')}", (lines, more), full, work="work", reason=sign)


def _save(corpus, office, r, file, document, full, **truth):
    lines, more = document
    needs_office = bool(more)
    formats = [("docx", "fodt"), ("pdf", "fodt"), ("odt", "fodt"), ("doc", "fodt"), ("docx", "fodt"), ("pdf", "fodt")]
    if needs_office or r.random() < 0.7 or not full:
        kind, source = r.choice(formats)
        if "Company" in more.get("properties", {}):
            # A PDF by LibreOffice does not keep properties of one's own.
            kind = "docx"
        office.add(carriers.source(source, lines, **more), source, f"{file}.{kind}", kind, kind=kind, encryption="none", **truth)
    elif r.random() < 0.5:
        corpus.add(f"{file}.docx", "python-docx", packages.docx(lines), kind="docx", encryption="none", **truth)
    else:
        corpus.add(f"{file}.pdf", "reportlab", packages.pdf(lines), kind="pdf", encryption="none", **truth)


def _payslip(r, language):
    company = r.choice([COMPANY, f"{words.name(r)}贸易有限公司"]) if language == "zh" else r.choice([COMPANY_EN, "Sample Trading"])
    pay = r.randint(5000, 30000)
    if language == "en":
        return [f"Payslip of {words.name(r, 'en')}", company, f"Month: 2025-0{r.randint(1, 9)}", f"Gross pay: {pay}.00", f"Income tax: {pay // 12}.00", f"Net pay: {pay - pay // 12}.00", "This slip is for you alone."] + [words.sentence(r, "en", True) for _ in range(6)], {}
    return [f"{company} 工资条", f"姓名：{words.name(r)}", f"月份：2025年{r.randint(1, 12)}月", f"应发工资：{pay}.00", f"个人所得税：{pay // 12}.00", f"实发工资：{pay - pay // 12}.00", "本工资条仅供本人查看。"] + [words.sentence(r, "zh", True) for _ in range(6)], {}


def _ticket(r, language):
    if language == "en":
        return ["Itinerary", f"Passenger: {words.name(r, 'en')}", f"Flight EX{planted.digits(r, 4)}, seat {r.randint(1, 40)}A", f"Ticket number 999-{planted.digits(r, 10)}", "Please be at the gate 40 minutes before departure."] + [words.sentence(r, "en", True) for _ in range(8)], {}
    return ["电子客票行程单", f"旅客：{words.name(r)}", f"身份证号：{planted.resident_id(r)[:6]}********{planted.digits(r, 4)}", f"航班 EX{planted.digits(r, 4)} 座位 {r.randint(1, 40)}A", f"客票号 999-{planted.digits(r, 10)}"] + [words.sentence(r, "zh", True) for _ in range(10)], {}


def _cv(r, language):
    if language == "en":
        return ["Curriculum vitae", words.name(r, "en"), f"E-mail: {planted.email(r)}", f"Mobile: {planted.mobile(r)}", "Education", "2014-2018 a university", "Experience"] + [words.sentence(r, "en") for _ in range(10)], {}
    return ["个人简历", f"姓名：{words.name(r)}", f"手机：{planted.mobile(r)}", f"邮箱：{planted.email(r)}", "教育经历：2014-2018 某大学", "工作经历："] + [words.sentence(r) for _ in range(12)] + ["自我评价：" + words.sentence(r, "zh", True)], {}


def _school(r, language):
    if language == "en":
        return ["Exercise sheet 4", "Name: ________"] + [f"{n}. {words.sentence(r, 'en', True)} ({r.randint(1, 9)} points)" for n in range(1, 20)], {}
    return ["五年级数学期末试卷", "姓名：________ 班级：________"] + [f"{n}. {words.sentence(r, 'zh', True)}（{r.randint(1, 9)}分）" for n in range(1, 20)], {}


def _manual(r, language):
    if language == "en":
        return ["User manual of a rice cooker", f"Model EX-{planted.digits(r, 4)}", "Safety"] + [f"{n}. {words.sentence(r, 'en', True)}" for n in range(1, 25)] + ["Service hotline 400-000-0000"], {}
    return ["电饭煲使用说明书", f"型号 EX-{planted.digits(r, 4)}", "安全须知"] + [f"{n}、{words.sentence(r, 'zh', True)}" for n in range(1, 25)] + ["服务热线 400-000-0000"], {}


def _invoice(r, language):
    seller = planted.uscc(r)
    if language == "en":
        return ["Invoice", f"No. {planted.digits(r, 8)}", f"Buyer: {words.name(r, 'en')}", "1 pair of shoes", f"Total {r.randint(50, 900)}.00"] + [words.sentence(r, "en", True) for _ in range(8)], {}
    return ["增值税电子普通发票", f"发票号码：{planted.digits(r, 8)}", f"购买方：{words.name(r)}（个人）", f"销售方：{words.name(r)}百货商店", f"统一社会信用代码：{seller}", f"价税合计：{r.randint(50, 900)}.00"] + [words.sentence(r, "zh", True) for _ in range(8)], {}


def _lease(r, language):
    if language == "en":
        return ["Tenancy agreement", f"Landlord: {words.name(r, 'en')}", f"Tenant: {words.name(r, 'en')}", f"Rent {r.randint(500, 3000)} a month"] + [words.sentence(r, "en", True) for _ in range(15)], {}
    return ["房屋租赁合同", f"出租人：{words.name(r)} 身份证号：{planted.resident_id(r)}", f"承租人：{words.name(r)} 身份证号：{planted.resident_id(r)}", f"月租金 {r.randint(1000, 9000)} 元"] + [words.sentence(r, "zh", True) for _ in range(15)], {}


def _letter(r, language):
    return [words.sentence(r, language, True) for _ in range(30)], {}


def _statement(r, language):
    lines = [f"2025-{r.randint(1, 12):02}-{r.randint(1, 28):02}  {r.choice(['超市', '餐饮', '交通', '转账']) if language == 'zh' else 'groceries'}  {r.random() * 900:.2f}" for _ in range(40)]
    if language == "en":
        return ["Account statement", f"Account holder: {words.name(r, 'en')}", f"Card ending in {planted.digits(r, 4)}", *lines], {}
    return ["个人账户交易明细", f"户名：{words.name(r)}", f"银行卡号：{planted.bank_card(r)}", *lines], {}


def _report(r, language):
    if language == "en":
        return ["Health check", f"Name: {words.name(r, 'en')}", f"Blood pressure {r.randint(100, 140)}/{r.randint(60, 90)}"] + [words.sentence(r, "en", True) for _ in range(20)], {}
    return ["健康体检报告", f"姓名：{words.name(r)} 体检号：{planted.digits(r, 10)}", f"血压 {r.randint(100, 140)}/{r.randint(60, 90)} mmHg"] + [words.sentence(r, "zh", True) for _ in range(20)], {}


PRIVATE = {
    "payslip": _payslip,
    "ticket": _ticket,
    "cv": _cv,
    "school paper": _school,
    "manual": _manual,
    "invoice": _invoice,
    "lease": _lease,
    "letter": _letter,
    "bank statement": _statement,
    "health check": _report,
}
