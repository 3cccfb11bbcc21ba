"""Numbers that a detector must find, and their likenesses that it must not. The check digits are computed here,
independently of the agent's own code."""

import base64
import json

AREAS = ["110101", "310115", "440305", "330106", "510107", "420111", "320582", "610113", "370202", "500103", "650102", "810000"]
MOBILES = ["130", "133", "138", "139", "145", "147", "150", "155", "158", "166", "171", "173", "177", "180", "186", "188", "191", "195", "198", "199"]
CITIES = ["010", "021", "0755", "020", "028", "0571", "0512", "027", "029", "0532"]
# Issuers' prefixes and the length of their numbers.
ISSUERS = [("622202", 19), ("621700", 19), ("622848", 19), ("621661", 19), ("622588", 16), ("625965", 16), ("622609", 16), ("436742", 19), ("621226", 19)]
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def digits(r, count):
    return "".join(r.choice("0123456789") for _ in range(count))


def id_check(body):
    """GB 11643, ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body)) % 11]


def luhn(body):
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def uscc_check(body):
    """GB 32100, MOD 31."""
    total = sum(USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return USCC[-total % 31]


def resident_id(r):
    body = f"{r.choice(AREAS)}{r.randint(1956, 2006)}{r.randint(1, 12):02}{r.randint(1, 28):02}{digits(r, 3)}"
    return body + id_check(body)


def mobile(r):
    return r.choice(MOBILES) + digits(r, 8)


def landline(r):
    city = r.choice(CITIES)
    return f"{city}-{r.choice('23568')}{digits(r, 7 if len(city) == 3 or city in ('0755', '0571', '0512', '0532') else 6)}"


def bank_card(r):
    prefix, length = r.choice(ISSUERS)
    body = prefix + digits(r, length - 1 - len(prefix))
    return body + luhn(body)


def uscc(r):
    body = r.choice(["91", "92", "12", "52"]) + r.choice(AREAS[:-1]) + "MA" + "".join(r.choice(USCC) for _ in range(7))
    return body + uscc_check(body)


def passport(r):
    return r.choice(["E", "G"]) + digits(r, 8) if r.random() < 0.5 else "E" + r.choice("ABCDEFGH") + digits(r, 7)


def permit(r):
    return r.choice("CH") + digits(r, 8)


def plate(r):
    if r.random() < 0.3:
        return r.choice(PROVINCES) + r.choice("ABCDE") + r.choice("DF") + digits(r, 5)
    return r.choice(PROVINCES) + r.choice("ABCDEFGH") + r.choice("ABCDEFGHJK") + digits(r, 4)


def email(r):
    word = "".join(r.choice("abcdefghijklmnoprstuvwy") for _ in range(r.randint(4, 9)))
    return f"{word}{r.choice(['', '.', '_'])}{r.randint(1, 999)}@{r.choice(['example.com', 'example.org', 'mail.example.cn', 'example.com.cn'])}"


def ipv4(r):
    return f"{r.choice([10, 10, 172, 192, 100, 47, 121])}.{r.randint(16, 31)}.{r.randint(0, 254)}.{r.randint(1, 254)}"


def secret(r):
    """Keys and tokens of several makers; none opens anything."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    mixed = letters + letters.lower() + "0123456789"
    pick = lambda alphabet, count: "".join(r.choice(alphabet) for _ in range(count))
    form = r.randrange(4)
    if form == 0:
        lines = base64.b64encode(r.randbytes(600)).decode()
        lines = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
        return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"
    if form == 1:
        return "AKIA" + pick(letters + "234567", 16)
    if form == 2:
        return "LTAI5t" + pick(mixed, 18)
    part = lambda value: base64.urlsafe_b64encode(value).decode().rstrip("=")
    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = part(json.dumps({"sub": digits(r, 10), "iat": 1700000000 + r.randrange(10**7)}).encode())
    return f"{head}.{body}.{part(r.randbytes(32))}"


PLACES = ["浙江省杭州市西湖区", "北京市海淀区", "上海市浦东新区", "广东省深圳市南山区", "江苏省苏州市工业园区", "四川省成都市武侯区", "湖北省武汉市洪山区", "山东省青岛市市南区"]
ROADS = ["文三路", "中山北路", "科技大道", "人民路", "解放街", "学院路", "滨河西路", "建设东路"]


def address(r):
    return f"{r.choice(PLACES)}{r.choice(ROADS)}{r.randint(1, 999)}号{r.randint(1, 30)}{r.choice(['栋', '幢', '号楼'])}{r.randint(1, 9)}单元{r.randint(1, 32)}{r.randint(1, 8):02}室"


# By the detector's name in a policy: what makes one, how a label before it reads in Chinese and in English.
DETECTORS = {
    "cn_resident_id": (resident_id, ["身份证号：", "身份证号码:", "公民身份号码 "], ["ID card no.: "]),
    "cn_mobile": (mobile, ["手机：", "手机号码:", "联系电话 ", "电话："], ["Mobile: ", "Phone: "]),
    "cn_landline": (landline, ["电话：", "座机:", "联系电话 ", "传真："], ["Tel: ", "Fax: "]),
    "bank_card": (bank_card, ["银行卡号：", "卡号:", "银行账号 "], ["Card number: "]),
    "cn_uscc": (uscc, ["统一社会信用代码：", "信用代码:"], ["Unified social credit code: "]),
    "cn_passport": (passport, ["护照号码：", "护照号:"], ["Passport No.: "]),
    "cn_permit": (permit, ["港澳通行证号码：", "往来港澳通行证:"], ["Exit-entry permit no.: "]),
    "cn_plate": (plate, ["车牌号：", "车牌:"], ["Plate: "]),
    "email": (email, ["邮箱：", "电子邮件:", "E-mail "], ["E-mail: "]),
    "ipv4": (ipv4, ["IP 地址：", "服务器地址:"], ["IP address: "]),
    "cn_address": (address, ["地址：", "住址:", "通讯地址 "], ["Address: "]),
    "secret_key": (secret, ["密钥：", "访问令牌:"], ["Token: "]),
}


def decoys(r, detector):
    """Texts that look like what the detector looks for, and are not."""
    wrong = lambda value, right: r.choice([sign for sign in value if sign != right])
    if detector == "cn_resident_id":
        body = resident_id(r)[:-1]
        no_month = body[:10] + "13" + body[12:]
        return [
            f"流水号：{body}{wrong('0123456789', id_check(body))}",
            f"订单编号 {no_month}{id_check(no_month)}",
            f"追踪号 77{body}{id_check(body)}31",
            f"合同编号：{r.randint(2020, 2026)}{digits(r, 13)}0",
        ]
    if detector == "cn_mobile":
        return [
            f"订单号：{mobile(r)}{digits(r, 6)}",
            f"快递单号 12{digits(r, 9)}",
            f"合计金额：{mobile(r)}.50 元",
            f"物料编码：A{mobile(r)}B",
            f"批号 {digits(r, 3)}{mobile(r)}",
        ]
    if detector == "cn_landline":
        return [f"日期：2025-{r.randint(1, 12):02}-{r.randint(1, 28):02}", f"型号 {r.randint(1, 9)}{digits(r, 2)}-{digits(r, 4)}", f"图号：0{digits(r, 2)}-{digits(r, 3)}-{digits(r, 2)}"]
    if detector == "bank_card":
        body = bank_card(r)[:-1]
        return [
            f"银行流水 {body}{wrong('0123456789', luhn(body))}",
            f"序列号：99{digits(r, 17)}",
            f"设备号 IMEI：{(imei := '86' + digits(r, 12))}{luhn(imei)}",
            f"凭证号：{digits(r, 5)}{body}{luhn(body)}{digits(r, 4)}",
        ]
    if detector == "cn_uscc":
        body = uscc(r)[:-1]
        return [f"登记编号：{body}{wrong(USCC, uscc_check(body))}", f"型号 {body[:10]}", f"校验串 {body}{uscc_check(body)}{r.choice(USCC)}7"]
    if detector == "cn_passport":
        return [f"零件号：E{digits(r, 8)}-2", f"型号 EA{digits(r, 7)}X", f"房间 G{digits(r, 3)}"]
    if detector == "cn_permit":
        return [f"零件号：C{digits(r, 8)}", f"物料 H{digits(r, 8)}"]
    if detector == "cn_plate":
        return [f"京东A{digits(r, 5)}号订单", f"沪A座{digits(r, 4)}室", f"粤B{digits(r, 3)}"]
    if detector == "email":
        return ["图标 icon@2x.png", "联系 @全体成员", "单价 5@10", "foo@bar", f"{digits(r, 3)}@ 待定"]
    if detector == "ipv4":
        return [f"见 {r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)} 节", f"编号 {r.randint(256, 999)}.{digits(r, 2)}.1.1", "目录 1.2.3.4.5", f"版本 {r.randint(1, 9)}.0.{r.randint(1, 9)}"]
    if detector == "cn_address":
        return [f"全省各市道路工程 {r.randint(1, 99)} 项", f"见附件 {r.randint(1, 20)} 号楼图纸", "上海市场路演安排", f"杭州分公司 {r.randint(1, 9)} 号会议室"]
    if detector == "secret_key":
        return ["-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(r.randbytes(48)).decode() + "\n-----END PUBLIC KEY-----", f"AKIA{digits(r, 4)}", f"校验值 {r.randbytes(16).hex()}"]
    return []


def written(r, detector, value):
    """The same number as people, forms and scanners write it; what was done to it."""
    forms = ["as it is"]
    if detector in ("cn_resident_id", "cn_mobile", "bank_card", "cn_uscc"):
        forms += ["full width", "line break", "scanned"]
    if detector in ("cn_mobile", "bank_card", "cn_resident_id"):
        forms += ["separated"]
    form = r.choice(forms)
    if form == "full width":
        return form, value.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    if form == "line break":
        at = r.randint(4, len(value) - 4)
        return form, value[:at] + "\n" + value[at:]
    if form == "scanned":
        return form, " ".join(value)
    if form == "separated":
        sign = r.choice([" ", "-"])
        if detector == "cn_mobile":
            return form, r.choice(["", "+86 ", "+86-"]) + sign.join([value[:3], value[3:7], value[7:]])
        if detector == "bank_card":
            return form, sign.join(value[at : at + 4] for at in range(0, len(value), 4))
        return form, " ".join([value[:6], value[6:14], value[14:]])
    return form, value
