"""Private documents of the held-out set, and public ones that are nobody's work: what people receive and keep for themselves."""

import planted
import words
from words import COMPANY, COMPANY_EN


def _day(r):
    return f"2025-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


def _plain(r, language, count):
    return [words.sentence(r, language, True) for _ in range(count)]


def medical(r, language):
    if language == "en":
        return {"lines": ["Discharge summary", f"Patient: {words.name(r, 'en')}, born {_day(r)}", f"Hospital number {planted.digits(r, 8)}", "Diagnosis", *_plain(r, "en", 12)]}
    kind = r.choice(["门诊病历", "出院小结", "检验报告单", "磁共振检查报告"])
    return {"lines": ["某市第一人民医院", kind, f"姓名：{words.name(r)}  性别：女  年龄：{r.randint(20, 80)}岁", f"身份证号：{planted.resident_id(r)}", "诊断意见：", *_plain(r, "zh", 12)]}


def school_notice(r, language):
    if language == "en":
        return {"lines": ["Letter to all parents of year five", "Dear parents,", *_plain(r, "en", 12), f"Class teacher {words.name(r, 'en')}, {planted.mobile(r)}"]}
    return {"lines": ["致家长的一封信", "尊敬的家长：", *_plain(r, "zh", 12), *(f"{grade}班 班主任 {words.name(r)} 手机：{planted.mobile(r)}" for grade in "一二三四五六"), "某市实验小学"]}


def recipe(r, language):
    if language == "en":
        return {"lines": ["Apple crumble", "Serves four", "6 apples, 100 g butter, 150 g flour", *_plain(r, "en", 9), "Bake for 40 minutes at 180 degrees."]}
    return {"lines": ["红烧排骨的家常做法", "食材：排骨 500 克、冰糖 30 克", *[f"步骤{n}：{words.sentence(r, 'zh', True)}" for n in range(1, 9)]]}


def novel(r, language):
    if language == "en":
        return {"lines": ["Chapter one", *[words.paragraph(r, "en", 9, True) for _ in range(20)]]}
    return {"lines": ["第一章　雨夜", *[words.paragraph(r, "zh", 9, True) for _ in range(20)], "他在会议上说，这次并购的消息不能传出去。" if r.random() < 0.5 else "他望着窗外。"]}


def travel(r, language):
    if language == "en":
        return {"lines": ["Our week in the mountains", *[f"Day {n}: {words.sentence(r, 'en', True)}" for n in range(1, 8)], f"Hotel booking {planted.digits(r, 9)}"]}
    return {"lines": ["云南七日自由行攻略", *[f"第{n}天：{words.sentence(r, 'zh', True)}" for n in range(1, 8)], f"同行：{words.name(r)} {planted.mobile(r)}、{words.name(r)} {planted.mobile(r)}"]}


def tax(r, language):
    employer = COMPANY if r.random() < 0.5 else "某某实业有限公司"
    if language == "en":
        return {"lines": ["Certificate of individual income tax", f"Taxpayer: {words.name(r, 'en')}", f"Withholding agent: {COMPANY_EN if r.random() < 0.5 else 'Sample Industries Ltd'}", *[f"2025-{n:02}  {r.randint(100, 900)}.00" for n in range(1, 12)]]}
    return {"lines": ["中华人民共和国", "个人所得税纳税记录", f"纳税人姓名：{words.name(r)}", f"身份证号码：{planted.resident_id(r)}", f"扣缴义务人：{employer}", *[f"2025年{n}月  工资薪金所得  {r.randint(100, 900)}.00" for n in range(1, 12)]]}


def insurance(r, language):
    if language == "en":
        return {"lines": ["Travel insurance policy", f"Policyholder: {words.name(r, 'en')}", f"Policy number {planted.digits(r, 12)}", *_plain(r, "en", 14)]}
    return {"lines": ["某某人寿保险股份有限公司", "电子保险单", f"投保人：{words.name(r)}  证件号码：{planted.resident_id(r)}", f"被保险人：{words.name(r)}  身份证号：{planted.resident_id(r)}", f"受益人：{words.name(r)}  身份证号：{planted.resident_id(r)}", f"银行卡号：{planted.bank_card(r)}", *_plain(r, "zh", 14)]}


def property_paper(r, language):
    if language == "en":
        return {"lines": ["Extract from the land register", f"Owner: {words.name(r, 'en')}", *_plain(r, "en", 12)]}
    return {"lines": ["不动产权证书", f"权利人：{words.name(r)}、{words.name(r)}", f"身份证号：{planted.resident_id(r)}、身份证号：{planted.resident_id(r)}", f"坐落：{planted.address(r)}", "用途：住宅", *_plain(r, "zh", 9)]}


def rental(r, language):
    if language == "en":
        return {"lines": ["Residential lease", f"The landlord {words.name(r, 'en')} lets to the tenant {words.name(r, 'en')}", *_plain(r, "en", 16)]}
    return {"lines": ["住房租赁协议", f"甲方（房东）：{words.name(r)}，身份证号码 {planted.resident_id(r)}，手机：{planted.mobile(r)}", f"乙方（租客）：{words.name(r)}，身份证号码 {planted.resident_id(r)}，手机：{planted.mobile(r)}", f"房屋地址：{planted.address(r)}", f"收款账户：银行卡号 {planted.bank_card(r)}", *_plain(r, "zh", 16)]}


def captions(r, language):
    if language == "en":
        return {"lines": ["Grandma's eightieth birthday", *[f"IMG_{planted.digits(r, 4)}: {words.sentence(r, 'en', True)}" for _ in range(12)]], "shape": "slides"}
    return {"lines": ["全家福照片说明", *[f"IMG_{planted.digits(r, 4)} {words.sentence(r, 'zh', True)}" for _ in range(12)]], "shape": "slides"}


def club(r, language):
    count = r.randint(12, 40)
    if language == "en":
        return {"lines": ["Badminton club members"], "table": [["Name", "Mobile", "Level"]] + [[words.name(r, "en"), planted.mobile(r), r.choice("ABC")] for _ in range(count)], "shape": "sheet"}
    return {"lines": ["羽毛球俱乐部会员名单"], "table": [["姓名", "手机", "水平"]] + [[words.name(r), planted.mobile(r), r.choice("甲乙丙")] for _ in range(count)], "shape": "sheet"}


def wedding(r, language):
    count = r.randint(40, 160)
    if language == "en":
        return {"lines": ["Wedding guest list"], "table": [["Guest", "Phone", "Table"]] + [[words.name(r, "en"), planted.mobile(r), str(n % 12)] for n in range(count)], "shape": "sheet"}
    return {"lines": ["婚礼宾客名单"], "table": [["姓名", "电话", "桌号"]] + [[words.name(r), planted.mobile(r), str(n % 12)] for n in range(count)], "shape": "sheet"}


def class_list(r, language):
    count = r.randint(25, 50)
    if language == "en":
        return {"lines": ["Class 5b phone list"], "table": [["Child", "Parent", "Phone"]] + [[words.name(r, "en"), words.name(r, "en"), planted.mobile(r)] for _ in range(count)], "shape": "sheet"}
    return {"lines": ["五（2）班家长通讯录"], "table": [["学生姓名", "家长姓名", "手机号"]] + [[words.name(r), words.name(r), planted.mobile(r)] for _ in range(count)], "shape": "sheet"}


def software_manual(r, language):
    if language == "en":
        return {"lines": ["Getting started with the photo editor", "Installation", *_plain(r, "en", 20), "Support: help@example.org"]}
    return {"lines": ["某某修图软件使用手册", "第一章 安装", *_plain(r, "zh", 20), "客服邮箱：help@example.org"]}


def notice(r, language):
    if language == "en":
        return {"lines": ["Public notice", "On the closing of the river road", *_plain(r, "en", 12), "The city council"]}
    return {"lines": ["某市人民政府办公室文件", f"某政办发〔2025〕{r.randint(1, 99)}号", "关于做好冬季供暖工作的通知", *[words.paragraph(r, "zh", 4, True) for _ in range(10)], "（此件公开发布）"]}


def academic(r, language):
    if language == "en":
        return {"lines": ["On the growth of city trees", f"{words.name(r, 'en')}, {words.name(r, 'en')}", "Abstract", *[words.paragraph(r, "en", 5, True) for _ in range(15)], "References"]}
    return {"lines": ["城市行道树生长规律研究", f"{words.name(r)}，{words.name(r)}", "摘要：" + words.sentence(r, "zh", True), *[words.paragraph(r, "zh", 5, True) for _ in range(15)], "本文提出一种可行的技术方案。" if r.random() < 0.3 else "本文作了讨论。", "参考文献"]}


def own_cv(r, language):
    works = r.random() < 0.5
    if language == "en":
        return {"lines": [words.name(r, "en"), "Résumé", f"{planted.mobile(r)}, {planted.email(r)}", f"2019-2025 engineer at {COMPANY_EN if works else 'Sample Industries Ltd'}", *[words.sentence(r, "en") for _ in range(12)]]}
    more = "主导多个项目的技术方案设计" if r.random() < 0.5 else "负责多个项目的设计"
    return {"lines": [f"{words.name(r)}的简历", f"手机：{planted.mobile(r)}　邮箱：{planted.email(r)}", "工作经历", f"2019-2025 {COMPANY if works else '某某实业有限公司'} 工程师", more, *[words.sentence(r) for _ in range(12)]]}


def employment(r, language):
    """A person's own papers of work: they name the company, and belong to the person."""
    if language == "en":
        return {"lines": [r.choice(["Offer of employment", "Letter of resignation"]), f"Dear {words.name(r, 'en')},", f"{COMPANY_EN}", *[words.sentence(r, "en", True) for _ in range(12)]]}
    kind = r.choice(["劳动合同书", "离职证明", "收入证明"])
    return {"lines": [kind, f"单位：{COMPANY}", f"员工：{words.name(r)}  身份证号：{planted.resident_id(r)}", *_plain(r, "zh", 12)]}


def exam(r, language):
    if language == "en":
        return {"lines": ["Admission ticket for the driving theory test", f"Candidate: {words.name(r, 'en')}", f"Number {planted.digits(r, 10)}", *_plain(r, "en", 9)]}
    return {"lines": ["全国会计专业技术资格考试", "准 考 证", f"姓名：{words.name(r)}  证件号：{planted.resident_id(r)}", f"准考证号：{planted.digits(r, 12)}", *_plain(r, "zh", 9)]}


def private_mail(r, language):
    if language == "en":
        return {"lines": ["Sunday lunch", f"Hi {words.name(r, 'en')},", *_plain(r, "en", 12), "See you!"], "shape": "mail"}
    return {"lines": ["周末聚餐", "大家好：", *_plain(r, "zh", 12), "不见不散"], "shape": "mail"}


def renovation(r, language):
    """A firm's offer to a private person."""
    rows = [[str(n), words.sentence(r, language, True)[:20], str(r.randint(1, 90)), f"{r.randint(100, 9000)}.00"] for n in range(1, 12)]
    if language == "en":
        return {"lines": ["Estimate for the new kitchen", f"For {words.name(r, 'en')}"], "table": [["Pos", "Work", "Qty", "Price"], *rows]}
    return {"lines": ["家庭装修预算表", f"业主：{words.name(r)}  地址：{planted.address(r)}", f"联系电话：{planted.mobile(r)}"], "table": [["序号", "项目", "数量", "金额"], *rows]}


def bill(r, language):
    if language == "en":
        return {"lines": ["Electricity bill", f"Customer {words.name(r, 'en')}, account {planted.digits(r, 9)}", *_plain(r, "en", 8), f"Amount due {r.randint(20, 300)}.00"]}
    return {"lines": ["居民电费账单", f"户名：{words.name(r)}  户号：{planted.digits(r, 10)}", *_plain(r, "zh", 8), f"本期应缴 {r.randint(20, 300)}.00 元"]}


KINDS = {
    "medical report": medical,
    "school notice": school_notice,
    "recipe": recipe,
    "novel": novel,
    "travel plan": travel,
    "tax certificate": tax,
    "insurance policy": insurance,
    "property certificate": property_paper,
    "rental agreement": rental,
    "photo captions": captions,
    "club list": club,
    "wedding guests": wedding,
    "class list": class_list,
    "software manual": software_manual,
    "public notice": notice,
    "academic paper": academic,
    "own cv": own_cv,
    "own employment": employment,
    "exam ticket": exam,
    "private mail": private_mail,
    "renovation": renovation,
    "bill": bill,
}
