"""Work documents of the held-out set. Each gives its lines, a table, and where its company is named, as such papers do it."""

import planted
import words
from words import COMPANY, COMPANY_EN


def _own(r, language, share=1.0, other="某某实业有限公司", other_en="Sample Industries Ltd"):
    """The company's name in so many of the cases, somebody else's in the others."""
    own, others = (COMPANY, other) if language == "zh" else (COMPANY_EN, other_en)
    return own if r.random() < share else others


def _money(r):
    return f"{r.randint(1, 999)},{r.randint(100, 999)}.00"


def _day(r):
    return f"2025-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


def quotation(r, language):
    if language == "en":
        lines = [_own(r, language), "Quotation", f"No. QT-{planted.digits(r, 6)}, valid for 30 days", f"To: {words.name(r, 'en')}, Purchasing", "We are pleased to offer:"]
        table = [["Item", "Description", "Qty", "Unit price"]] + [[str(n), f"Bracket {planted.digits(r, 4)}", str(r.randint(1, 500)), _money(r)] for n in range(1, 9)]
        return {"lines": lines, "table": table, "end": ["Prices are net, ex works.", f"Contact: {planted.email(r)}"]}
    lines = [_own(r, language), "产品报价单", f"报价编号：BJ{planted.digits(r, 8)}", f"致：{words.name(r)}经理", f"联系电话：{planted.landline(r)}"]
    table = [["序号", "产品名称", "数量", "单价（元）"]] + [[str(n), f"支架{planted.digits(r, 3)}型", str(r.randint(1, 500)), _money(r)] for n in range(1, 9)]
    return {"lines": lines, "table": table, "end": ["以上报价含13%增值税，有效期30天。", "盖章："]}


def bid(r, language):
    if language == "en":
        return {"lines": ["Technical proposal", f"Invitation to tender no. {planted.digits(r, 7)}", f"Bidder: {_own(r, language)}", "1. Understanding of the requirements"] + [words.paragraph(r, "en", 5) for _ in range(12)] + ["Signature of the authorised representative:"]}
    return {"lines": ["投标函", f"致：某市公共资源交易中心", f"投标人：{_own(r, language)}（盖章）", f"统一社会信用代码：{planted.uscc(r)}", f"投标总价：人民币{_money(r)}元", f"法定代表人：{words.name(r)}  身份证号：{planted.resident_id(r)}"] + [words.paragraph(r, "zh", 5) for _ in range(12)]}


def parts_list(r, language):
    rows = [[f"{n}", f"M{planted.digits(r, 3)}-{planted.digits(r, 4)}", r.choice(["R0603", "C0805", "PCB", "M3x8"]), str(r.randint(1, 40)), r.choice(["A", "B", "C"])] for n in range(1, 60)]
    if language == "en":
        return {"lines": [f"BOM EX-{planted.digits(r, 4)} rev. {r.choice('ABCD')}"], "table": [["Pos", "Part number", "Package", "Qty", "Class"], *rows], "properties": _properties(r, language, 0.6), "shape": "sheet"}
    return {"lines": [f"EX-{planted.digits(r, 4)} 物料清单"], "table": [["序号", "物料编码", "规格", "用量", "等级"], *rows], "properties": _properties(r, language, 0.6), "shape": "sheet"}


def _properties(r, language, share):
    return {"Company": _own(r, language), "author": words.name(r, language)} if r.random() < share else {"author": words.name(r, language)}


def minutes(r, language):
    if language == "en":
        mark = ["Internal"] if r.random() < 0.3 else []
        return {"lines": mark + ["Minutes of the project steering meeting", f"Date: {_day(r)}", f"Present: {', '.join(words.name(r, 'en') for _ in range(5))}"] + [words.paragraph(r, "en", 4) for _ in range(8)] + ["Action items"], "header": _own(r, language) if r.random() < 0.5 else ""}
    mark = [r.choice(["内部★1年", "密级：内部", "机密★2年"])] if r.random() < 0.5 else []
    return {"lines": mark + [f"关于{words.title(r)}的专题会议纪要", f"时间：{_day(r)}  地点：三楼会议室", f"参会人员：{'、'.join(words.name(r) for _ in range(6))}", f"记录人：{words.name(r)}"] + [words.paragraph(r, "zh", 4) for _ in range(8)] + ["会议要求："]}


def roster(r, language):
    people = range(r.randint(12, 60))
    if language == "en":
        return {"lines": [], "table": [["No.", "Name", "Department", "E-mail", "Mobile"]] + [[str(n + 1), words.name(r, "en"), r.choice(["Sales", "R&D"]), planted.email(r), planted.mobile(r)] for n in people], "shape": "sheet"}
    return {"lines": [], "table": [["工号", "姓名", "部门", "身份证号", "手机号码", "入职日期"]] + [[f"E{n:04}", words.name(r), r.choice(["销售部", "研发部", "财务部"]), planted.resident_id(r), planted.mobile(r), _day(r)] for n in people], "shape": "sheet"}


def contract(r, language):
    if language == "en":
        return {"lines": ["Purchase and sale agreement", f"This agreement is made between {_own(r, language)} (the Buyer) and Sample Industries Ltd (the Seller)."] + [f"{n}. {words.paragraph(r, 'en', 4)}" for n in range(1, 14)] + ["IN WITNESS WHEREOF the parties have signed this agreement."]}
    return {"lines": ["采购合同", f"合同编号：HT-{planted.digits(r, 8)}", f"甲方（需方）：{_own(r, language)}", f"乙方（供方）：某某机电有限公司", f"签订地点：某市"] + [f"第{n}条 {words.paragraph(r, 'zh', 4)}" for n in range(1, 14)] + [f"甲方（盖章）：{COMPANY}合同专用章", f"开户行账号：{planted.digits(r, 15)}"]}


def order(r, language):
    rows = [[str(n), f"EX-{planted.digits(r, 5)}", str(r.randint(1, 900)), _money(r)] for n in range(1, 15)]
    if language == "en":
        return {"lines": ["PURCHASE ORDER", f"PO number 45{planted.digits(r, 8)}", f"Ship to: {_own(r, language)}, Building 4", f"Vendor no. {planted.digits(r, 6)}"], "table": [["Line", "Material", "Qty", "Amount"], *rows]}
    return {"lines": [f"采购订单", f"订单号：PO{planted.digits(r, 9)}", f"收货单位：{_own(r, language, 0.8)}", f"交货日期：{_day(r)}"], "table": [["行号", "物料", "数量", "金额"], *rows]}


def procedure(r, language):
    if language == "en":
        return {"lines": ["Standard operating procedure", f"SOP-{planted.digits(r, 3)}: Calibration of torque drivers", "1 Purpose"] + [words.paragraph(r, "en", 4) for _ in range(10)], "header": f"{COMPANY_EN}    SOP-{planted.digits(r, 3)}    Rev. 3" if r.random() < 0.8 else "SOP    Rev. 3"}
    return {"lines": ["作业指导书", f"文件编号：WI-{planted.digits(r, 4)}  版本：A/2", "1 目的", words.paragraph(r), "2 适用范围"] + [words.paragraph(r) for _ in range(10)], "header": f"{COMPANY}　质量管理体系文件" if r.random() < 0.8 else "受控文件"}


def test_report(r, language):
    rows = [[f"T{n:03}", r.choice(["5.02", "4.98", "5.11"]), r.choice(["PASS", "PASS", "FAIL"])] for n in range(1, 30)]
    if language == "en":
        return {"lines": ["Verification report of the power board", f"Sample EX-{planted.digits(r, 4)}, firmware 2.{r.randint(0, 9)}"], "table": [["Case", "Measured (V)", "Result"], *rows], "end": [f"Tested by {words.name(r, 'en')}"], "properties": _properties(r, language, 0.7)}
    return {"lines": ["电源板高低温试验报告", f"样品编号：EX-{planted.digits(r, 4)}", f"委托单位：{_own(r, language, 0.7, '硬件部')}"], "table": [["用例", "实测值（V）", "结论"], *rows], "end": [f"测试：{words.name(r)}  审核：{words.name(r)}"]}


def source_code(r, language):
    owner = f"Copyright (c) 2025 {COMPANY_EN}. All rights reserved." if r.random() < 0.6 else "Copyright (c) 2025 the authors."
    body = [f"int step_{planted.digits(r, 4)}(struct motor *m, int pulses) {{ return m->position += pulses * {r.randint(2, 9)}; }}" for _ in range(30)]
    return {"lines": [f"/* {owner}", f" * motor{r.randint(1, 9)}.c */", "#include <stdint.h>", "#include \"motor.h\"", *body], "shape": "c"}


def weekly(r, language):
    if language == "en":
        return {"lines": [f"Weekly status, week {r.randint(1, 52)}", f"From: {words.name(r, 'en')}", "Done"] + [f"- {words.sentence(r, 'en')}" for _ in range(8)] + ["Next week"] + [f"- {words.sentence(r, 'en')}" for _ in range(5)], "properties": _properties(r, language, 0.4)}
    return {"lines": [f"第{r.randint(1, 52)}周工作周报", f"部门：研发部  汇报人：{words.name(r)}", "一、本周完成"] + [f"{n}. {words.sentence(r)}" for n in range(1, 9)] + ["二、下周计划"] + [f"{n}. {words.sentence(r)}" for n in range(1, 6)], "properties": _properties(r, language, 0.4)}


def organisation(r, language):
    units = ["总经理", "研发中心", "制造中心", "营销中心", "人力资源部", "财务部"] if language == "zh" else ["CEO", "R&D", "Manufacturing", "Sales", "HR", "Finance"]
    title = f"{_own(r, language, 0.8, '公司', 'Company')}{'组织架构图' if language == 'zh' else ' organisation chart'}"
    return {"lines": [title] + [f"{unit}  {words.name(r, language)}" for unit in units] + [words.sentence(r, language) for _ in range(12)], "shape": "slides"}


def payment(r, language):
    if language == "en":
        return {"lines": ["Payment request", f"Payee: Sample Industries Ltd", f"IBAN-like account {planted.digits(r, 16)}", f"Amount: CNY {_money(r)}", f"Cost centre {planted.digits(r, 4)}", f"Requested by {words.name(r, 'en')}, {_own(r, language)}"] + [words.sentence(r, "en") for _ in range(6)]}
    return {"lines": ["付款申请单", f"付款单位：{_own(r, language)}", f"收款单位：某某机电有限公司  账号：{planted.digits(r, 15)}", f"付款金额：{_money(r)}元", f"经办人：{words.name(r)}  部门负责人：{words.name(r)}"] + [words.sentence(r) for _ in range(6)]}


def audit(r, language):
    if language == "en":
        return {"lines": ["Internal audit working paper", f"Index C-{planted.digits(r, 2)}, prepared by {words.name(r, 'en')}", f"Entity: {_own(r, language)}", "Procedure: trace a sample of vouchers"] + [words.paragraph(r, "en", 4) for _ in range(9)]}
    mark = ["秘密★1年"] if r.random() < 0.3 else []
    return {"lines": mark + ["审计工作底稿", f"索引号：C-{planted.digits(r, 2)}", f"被审计单位：{_own(r, language)}", f"编制人：{words.name(r)}  复核人：{words.name(r)}"] + [words.paragraph(r) for _ in range(9)]}


def mail(r, language):
    if language == "en":
        return {"lines": ["Change request for the gear box", "Dear all,"] + [words.paragraph(r, "en", 3) for _ in range(4)] + ["Best regards", words.name(r, "en"), _own(r, language, 0.8)], "shape": "mail"}
    return {"lines": ["关于齿轮箱变更的通知", "各位同事："] + [words.paragraph(r) for _ in range(4)] + [words.name(r), _own(r, language, 0.8)], "shape": "mail"}


def customers(r, language):
    count = r.randint(30, 300)
    if language == "en":
        return {"lines": ["Accounts of the eastern region"], "table": [["Account", "Contact", "Phone", "E-mail"]] + [[f"Account {planted.digits(r, 5)}", words.name(r, "en"), planted.mobile(r), planted.email(r)] for _ in range(count)], "shape": "sheet"}
    return {"lines": ["华东大区客户台账"], "table": [["客户", "联系人", "手机", "备注"]] + [[f"某某{words.name(r)}商贸", words.name(r), planted.mobile(r), words.sentence(r)] for _ in range(count)], "shape": "sheet"}


KINDS = {
    "quotation": quotation,
    "bid": bid,
    "parts list": parts_list,
    "minutes": minutes,
    "staff roster": roster,
    "contract": contract,
    "purchase order": order,
    "procedure": procedure,
    "test report": test_report,
    "source code": source_code,
    "weekly report": weekly,
    "organisation chart": organisation,
    "payment request": payment,
    "audit paper": audit,
    "mail": mail,
    "customer list": customers,
}
