//! Writes business texts in which values are planted and decoys stand: numbers alone, nobody's.

use std::collections::{BTreeMap, BTreeSet};

/// A text, and how many different values of each detector were planted in it.
pub(super) struct Document {
    pub(super) text: String,
    pub(super) planted: BTreeMap<&'static str, u32>,
}

/// Writes documents; the same ones for the same seed.
pub(super) struct Writer {
    state: u64,
    used: BTreeSet<String>,
}

const WORDS: &[&str] = &[
    "合同",
    "报价",
    "项目",
    "方案",
    "客户",
    "会议",
    "纪要",
    "季度",
    "财务",
    "报表",
    "预算",
    "采购",
    "发货",
    "员工",
    "考勤",
    "设计",
    "图纸",
    "测试",
    "报告",
    "需求",
    "产品",
    "说明",
    "供应商",
    "物流",
    "清单",
    "审计",
    "整改",
    "计划",
    "总结",
    "培训",
    "资料",
    "投标",
    "技术",
    "协议",
];
const NETWORKS: &[&str] = &[
    "130", "138", "139", "147", "150", "158", "159", "166", "173", "177", "182", "186", "188", "191", "198", "199",
];
const AREAS: &[&str] = &["010", "021", "0571", "0755", "028", "0512", "0411", "029"];
const COUNTIES: &[&str] = &[
    "110101", "310115", "440305", "330106", "510107", "420111", "320582", "440811", "652301",
];
const SURNAMES: &[char] = &['王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周'];
const GIVEN: &[&str] = &[
    "伟", "芳", "秀英", "建国", "敏", "志强", "丽", "俊杰", "海燕", "涛", "晓明", "雨婷",
];

impl Writer {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: seed | 1,
            used: BTreeSet::new(),
        }
    }

    fn next(&mut self) -> u64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let x = self.state ^ self.state >> 29;
        x.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + (self.below(10)) as u8)).collect()
    }

    fn prose(&mut self) -> String {
        let mut prose = String::new();
        for _ in 0..3 + self.below(12) {
            prose += self.one(WORDS);
            if self.below(5) == 0 {
                prose += self.one(&["，", "的", "与", "、"]);
            }
        }
        prose
    }

    pub(super) fn document(&mut self) -> Document {
        let mut document = Document {
            text: format!("{}\n\n", self.prose()),
            planted: BTreeMap::new(),
        };
        for _ in 0..6 + self.below(14) {
            let line = match self.below(12) {
                0..6 => self.planted(&mut document),
                6..9 => self.decoy(),
                _ => self.prose(),
            };
            let (before, after) = (self.prose(), self.prose());
            document.text += &match self.below(3) {
                0 => format!("{line}\n"),
                1 => format!("{before}，{line}，{after}。\n"),
                _ => format!("{before}。{line}\n\n"),
            };
        }
        if self.below(3) == 0 {
            self.table(&mut document);
        }
        document
    }

    /// A value and how it is set, with its label or, where it needs none, perhaps without.
    fn planted(&mut self, document: &mut Document) -> String {
        let (detector, value, set, labels): (_, _, _, &[&str]) = match self.below(12) {
            0 => {
                let id = self.resident_id();
                let set = self
                    .one(&[format!("{} {} {}", &id[..6], &id[6..14], &id[14..]).as_str(), &id, &id])
                    .to_owned();
                ("cn_resident_id", id, set, &["身份证号：", "身份证", "ID card: ", ""])
            }
            1 | 2 => {
                let number = self.mobile();
                let (a, b, c) = (&number[..3], &number[3..7], &number[7..]);
                let forms = [
                    format!("{a} {b} {c}"),
                    format!("{a}-{b}-{c}"),
                    number.clone(),
                    format!("+86 {number}"),
                    format!("{a}{b}\u{200b}{c}"),
                ];
                let set = forms[self.below(5) as usize].clone();
                (
                    "cn_mobile",
                    number,
                    set,
                    &["手机：", "联系电话 ", "电话", "mobile: ", ""],
                )
            }
            3 => {
                let area = self.one(AREAS);
                let number = format!("{}{}", self.one(&[2, 6, 8]), self.digits(7));
                let forms = [
                    format!("{area}-{number}"),
                    format!("({area}){number}"),
                    format!("（{area}） {number}"),
                    format!("{area}-{} {}", &number[..4], &number[4..]),
                ];
                let set = forms[self.below(4) as usize].clone();
                (
                    "cn_landline",
                    format!("{area}{number}"),
                    set,
                    &["电话：", "传真:", "Tel: ", ""],
                )
            }
            4 => {
                let card = self.card();
                let set = if self.below(2) == 0 {
                    grouped(&card)
                } else {
                    card.clone()
                };
                ("bank_card", card, set, &["银行卡号：", "卡号 ", "账号：", ""])
            }
            5 => {
                let code = self.uscc();
                ("cn_uscc", code.clone(), code, &["统一社会信用代码：", "税号 ", ""])
            }
            6 => {
                let number = format!("E{}", self.digits(8));
                ("cn_passport", number.clone(), number, &["护照号：", "Passport No. "])
            }
            7 => {
                let number = format!("{}{}", self.one(&["C", "H", "M"]), self.digits(8));
                ("cn_permit", number.clone(), number, &["港澳通行证：", "回乡证号码 "])
            }
            8 => {
                let plate = format!("{}{}", self.one(&["京A", "沪B", "粤B", "浙A", "苏E"]), self.digits(5));
                let dotted = format!("{}·{}", &plate[..4], &plate[4..]);
                let set = if self.below(2) == 0 { dotted } else { plate.clone() };
                ("cn_plate", plate, set, &["车牌号：", "车辆 ", ""])
            }
            9 => {
                let address = format!(
                    "user{}@{}",
                    self.digits(5),
                    self.one(&["example.com", "mail.example.cn"])
                );
                ("email", address.clone(), address, &["邮箱：", "E-mail: ", ""])
            }
            10 => {
                let address = format!(
                    "{}示例{}路{}号{}室",
                    self.one(&["北京市海淀区", "浙江省杭州市西湖区", "广东省深圳市南山区"]),
                    self.one(&["东", "西", "大"]),
                    1 + self.below(998),
                    101 + self.below(800)
                );
                ("cn_address", address.clone(), address, &["地址：", "住址 ", ""])
            }
            _ => match self.below(2) {
                0 => {
                    let address = format!(
                        "{}.{}.{}",
                        self.one(&["192.168", "10.20", "172.16"]),
                        self.below(255),
                        1 + self.below(253)
                    );
                    ("ipv4", address.clone(), address, &["IP：", "服务器 ", ""])
                }
                _ => {
                    let key = format!("AKIA{}", self.code(16));
                    ("secret_key", key.clone(), key, &["key=", ""])
                }
            },
        };
        if self.used.insert(value.clone()) {
            *document.planted.entry(detector).or_default() += 1;
        } else {
            return String::new();
        }
        format!("{}{}", self.one(labels), self.widened(set))
    }

    /// Sometimes full-width, as an input method writes.
    fn widened(&mut self, set: String) -> String {
        if self.below(12) > 0 || set.contains('@') {
            return set;
        }
        set.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    char::from_u32(u32::from(c) + 0xfee0).unwrap()
                } else {
                    c
                }
            })
            .collect()
    }

    fn decoy(&mut self) -> String {
        let id = self.resident_id();
        let (mobile, card) = (self.mobile(), self.card());
        let wrong = |text: &str| {
            let (head, last) = text.split_at(text.len() - 1);
            format!("{head}{}", if last == "3" { "4" } else { "3" })
        };
        match self.below(18) {
            0 if wrong(&id) != id => wrong(&id),
            1 => format!("订单号：{mobile}"),
            2 => format!("运单号{mobile}"),
            3 => format!("流水号：{card}"),
            4 => format!("订单编号 {card}"),
            5 => format!("金额 {}.{} 元", self.digits(7), self.digits(2)),
            6 => format!("ISBN 978{}", self.digits(10)),
            7 => format!("版本 10.{}.{}.{}", self.below(20), self.below(20), self.below(20)),
            8 => format!("发票号码 {}", self.digits(8)),
            9 => format!(
                "时间 2026{:02}{:02}{}",
                1 + self.below(12),
                1 + self.below(28),
                self.digits(6)
            ),
            10 => format!("合同编号 HT-2026-{}", self.digits(11)),
            11 => format!("SF{}", self.digits(13)),
            12 => format!("型号 E{}", self.digits(8)),
            13 => format!("logo@{}x.png", 2 + self.below(2)),
            14 => format!("共 {} 件，{}%", self.digits(4), self.digits(2)),
            15 => format!("QQ：{}", self.digits(9)),
            16 => format!("根据第{}号文件", self.digits(2)),
            _ => format!("1{}", self.digits(11)),
        }
    }

    /// A table of people, with its head.
    fn table(&mut self, document: &mut Document) {
        document.text += "\n序号\t姓名\t手机\t订单号\n";
        let rows = 5 + self.below(30);
        for row in 0..rows {
            let (mobile, order) = (self.mobile(), self.mobile());
            let name = format!("{}{}", SURNAMES[(row % 10) as usize], GIVEN[(row % 12) as usize]);
            self.used.insert(mobile.clone());
            *document.planted.entry("cn_mobile").or_default() += 1;
            *document.planted.entry("cn_name_list").or_default() += 1;
            document.text += &format!("{row}\t{name}\t{mobile}\t{order}\n");
        }
        document.text += "\n\n\n以上。\n说明。\n如下。\n另。\n";
    }

    fn mobile(&mut self) -> String {
        format!("{}{}", self.one(NETWORKS), self.digits(8))
    }

    fn resident_id(&mut self) -> String {
        let head = format!(
            "{}{}{:02}{:02}{}",
            self.one(COUNTIES),
            1950 + self.below(60),
            1 + self.below(12),
            1 + self.below(28),
            self.digits(3)
        );
        let sum: u32 = head
            .bytes()
            .zip([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        format!("{head}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
    }

    fn card(&mut self) -> String {
        let head = match self.below(3) {
            0 => format!("622202{}", self.digits(12)),
            1 => format!("621700{}", self.digits(12)),
            _ => format!("622588{}", self.digits(9)),
        };
        let sum: u32 = head
            .bytes()
            .rev()
            .enumerate()
            .map(|(index, digit)| {
                let digit = u32::from(digit - b'0') * if index % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        format!("{head}{}", (10 - sum % 10) % 10)
    }

    fn code(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(self.one(b"ABCDEFGH234567"))).collect()
    }

    fn uscc(&mut self) -> String {
        let alphabet = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let head = format!("91{}MA{}", self.one(COUNTIES), self.digits(7));
        let mut weight = 1;
        let mut sum = 0;
        for c in head.bytes() {
            sum += alphabet.iter().position(|own| *own == c).unwrap() * weight;
            weight = weight * 3 % 31;
        }
        format!("{head}{}", char::from(alphabet[(31 - sum % 31) % 31]))
    }
}

fn grouped(digits: &str) -> String {
    let groups: Vec<_> = digits
        .as_bytes()
        .chunks(4)
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    groups.join(" ")
}
