//! What the words near a number say it is. A mere number is not a hit: its label decides, before it, above it, or at
//! the head of its column.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use wide::u8x16;

use super::normal::{FILE, LINE, PAGE};
use crate::bytes::is;

/// Bytes before a number in which its label stands. Less than is kept before a block.
pub(super) const REACH: usize = 160;
/// Characters between a label and what it labels; between one that speaks against a number and the number.
const LOOSE: usize = 30;
const TIGHT: usize = 12;
/// A line that is nothing but a label, in bytes.
const LABEL_LINE: usize = 60;
/// Digits that are a number of their own between a label and another number.
const NUMBER: usize = 5;

/// What a label says of the number it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    ResidentId,
    Mobile,
    Phone,
    Card,
    Account,
    Passport,
    /// To cross a border, or to enter a site.
    Permit,
    /// Of residents of Taiwan to the mainland, whose number has no letter.
    TaiwanPermit,
    /// Any document of identity.
    Document,
    Plate,
    Company,
    Network,
    Address,
    Name,
    /// A person with whom a telephone may stand.
    Contact,
    /// Somebody whose name is public: an author, a part in a play.
    Public,
    /// A number of another kind: of an order, a parcel, an invoice, a version.
    Other,
}

/// The labels of each topic, with a bar between them.
const LABELS: [(Topic, &str); 17] = [
    (
        Topic::ResidentId,
        "身份证|身份证号|身份证号码|身份证件号|公民身份号码|身份号码|id card|id no|id number|identity card|\
         citizen id|idcard|id_card|sfz|sfzh|resident id|身份證|身份證號|身份證號碼|公民身份號碼|\
         居住证|居住证号|居住证号码|永久居留身份证|idno|idnumber|identity no|identity number",
    ),
    (
        Topic::Mobile,
        "手机|手机号|手机号码|移动电话|mobile|mobile phone|cell|cellphone|cell phone|微信|微信号|phone number|\
         msisdn|shouji|联系方式|whatsapp|wechat|手機|手機號碼|行動電話",
    ),
    (
        Topic::Phone,
        "电话|联系电话|办公电话|电话号码|座机|固话|固定电话|传真|传真号|热线|致电|拨打|来电号码|来电显示|总机|tel|\
         telephone|phone|fax|contact|call|hotline|電話|聯繫電話|聯絡電話|傳真",
    ),
    (
        Topic::Card,
        "银行卡|银行卡号|卡号|借记卡|信用卡|储蓄卡|贷记卡|银行卡号码|card number|card no|credit card|\
         debit card|bank card|card|bankcard|工资卡|收款卡|一卡通|pan|銀行卡|銀行卡號|卡號",
    ),
    (
        Topic::Account,
        "账号|帐号|银行账号|银行帐号|收款账号|银行账户|账户|帐户|开户行|开户银行|account|account no|\
         account number|a/c|打款|汇款|转账",
    ),
    (
        Topic::Passport,
        "护照|护照号|护照号码|passport|passport no|passport number|護照|護照號|護照號碼",
    ),
    (
        Topic::Permit,
        "通行证|港澳通行证|往来港澳|往来台湾|台湾通行证|回乡证|来往内地|permit|港澳居民|通行证号|通行证号码|\
         通行證|港澳通行證|台灣通行證|臺灣通行證|回鄉證|通行證號碼",
    ),
    (
        Topic::TaiwanPermit,
        "台胞证|台胞证号|台胞证号码|来往大陆|来往大陆通行证|来往大陆通行证号|来往大陆通行证号码|台湾居民|台胞證|\
         台胞證號|台胞證號碼|來往大陸|來往大陸通行證|來往大陸通行證號|來往大陸通行證號碼|台灣居民|臺灣居民",
    ),
    (
        Topic::Document,
        "证件号|证件号码|证件编号|证件|有效证件|document no|document number|id document|证号",
    ),
    (
        Topic::Plate,
        "车牌|车牌号|车牌号码|牌照|号牌|车号|车辆|机动车|license plate|plate no|plate|vehicle|驾驶|货车|轿车|\
         停车",
    ),
    (
        Topic::Company,
        "统一社会信用代码|组织机构代码|机构代码|社会信用代码|信用代码|税号|纳税人识别号|纳税识别号|税务登记号|\
         营业执照|uscc|credit code|creditcode|tax id|taxid|tax no|taxpayer|执照号|注册号",
    ),
    (
        Topic::Network,
        "ip|ip地址|ipv4|主机|服务器|网关|子网|掩码|dns|内网|外网|公网|host|server|gateway|netmask|subnet|ssh|\
         ping|http://|https://|ftp://|address|addr|网段|host name|telnet|curl|rdp|ntp|snmp|redis|remote_addr|路由器|交换机|vpn|端口|节点|node|代理|proxy|登录地址",
    ),
    (
        Topic::Address,
        "地址|住址|住所|现住|家庭住址|通讯地址|通信地址|联系地址|收货地址|寄件地址|收件地址|户籍|居住地|\
         户口所在地|位于|坐落",
    ),
    (
        Topic::Name,
        "姓名|名字|员工姓名|车主|持卡人|家长|监护人|参保人|投保人|被保险人|联系人姓名|经办人|负责人|name|full name|employee name|staff name|contact name|first name|last name",
    ),
    (
        Topic::Contact,
        "联系人|收件人|收货人|寄件人|发件人|聯絡人|聯繫人|收件者|contact person",
    ),
    (
        Topic::Public,
        "演员|角色|饰演|饰演者|扮演者|主演|主角|配角|导演|编剧|歌手|演唱者|作词|作曲|作者|译者|著者|人物|嘉宾|\
         actor|actress|cast|director|author|singer|artist|character",
    ),
    (
        Topic::Other,
        "订单|订单号|订单编号|单号|运单|运单号|快递|快递单号|物流单号|物流|流水号|流水|交易号|交易单号|\
         交易流水号|序列号|序号|发票|发票号|发票号码|发票代码|票号|票据号|合同号|合同编号|编号|批号|批次|\
         批次号|型号|料号|货号|物料|物料编码|物料号|商品编码|商品编号|产品编号|条码|条形码|版本|版本号|文号|\
         案号|档案号|凭证号|凭证|参考号|工单|工单号|qq|qq号|qq群|群号|学号|工号|员工编号|会员号|设备号|\
         设备编号|资产编号|合同金额|金额|合计|总额|邮编|邮政编码|时间戳|验证码|取件码|保单号|保单|备案号|\
         许可证号|专利号|标准号|图号|isbn|issn|imei|imsi|iccid|mac|sku|spu|主键|upc|ean|barcode|serial|serial no|\
         serial number|order|order no|order number|order id|tracking|tracking no|tracking number|invoice|\
         invoice no|version|batch|lot no|part no|part number|p/n|s/n|sn|ref|ref no|ref. no|记录号|reference|timestamp|\
         transaction|transaction id|receipt|ticket|uid|uuid|钉钉号|房间号|桌号|期号|卷号|索书号|库存|数量|\
         资产号|报关单号|提单号|箱号|柜号|面单|面单号|支付宝交易号|商户订单号|商户号|门店编号|校验码|防伪码|\
         追溯码|固件|软件版本|id|会员卡号|会员卡|trade_no|orderid|orderno|\
         户号|表号|水表号|电表号|件号|零件号|备件号|编码|代码|证书编号|证书号|准考证号|考号|条码号|缴费号|登记号|\
         受理号|业务号|样品号|样本号|病历号|住院号|门诊号|就诊卡号|医保卡号|社保卡号|门禁卡号|油卡号|加油卡号|\
         购物卡号|充值卡号|电话卡号|物联网卡号|product name|item name|file name|company name|project name|\
         usd|rmb|cny|hkd|eur|成交量|成交额|市值|\
         oid|objectidentifier|对象标识符|wbs|wbs编码|章节号|条款号|amount|filesize|file size|timeout|\
         注册资本|营业收入|用电量|用量|brand name|part name|material name",
    ),
];

struct Labels {
    searcher: AhoCorasick,
    topics: Vec<Topic>,
}

static WORDS: LazyLock<Option<Labels>> = LazyLock::new(|| {
    let words = || {
        LABELS
            .iter()
            .flat_map(|(topic, words)| words.split('|').map(move |word| (*topic, word)))
    };
    let searcher = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words().map(|(_, word)| word))
        .ok()?;
    Some(Labels {
        searcher,
        topics: words().map(|(topic, _)| topic).collect(),
    })
});

/// A label and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) topic: Topic,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The labels in a text, in their order. One of Latin letters is a word of its own.
pub(super) fn labels(text: &str) -> impl Iterator<Item = Label> {
    let bytes = text.as_bytes();
    let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
    let found = WORDS.iter().flat_map(move |words| {
        let found = words.searcher.find_iter(text);
        found.map(move |hit| (words.topics.get(hit.pattern().as_usize()).copied(), hit))
    });
    found.filter_map(move |(topic, hit)| {
        let before = hit.start().checked_sub(1).and_then(|at| bytes.get(at));
        let (first, last, after) = (
            bytes.get(hit.start()),
            bytes.get(hit.end().wrapping_sub(1)),
            bytes.get(hit.end()),
        );
        let glued = before.is_some_and(u8::is_ascii_alphanumeric) && !is_hump(before, first);
        let cut = letter(first) && glued || letter(last) && letter(after) && !is_hump(last, after);
        topic.filter(|_| !cut).map(|topic| Label {
            topic,
            start: hit.start(),
            end: hit.end(),
        })
    })
}

/// Whether a word of a programmer's name ends between two letters: `cardNo`, `clientIp`.
fn is_hump(before: Option<&u8>, after: Option<&u8>) -> bool {
    before.is_some_and(u8::is_ascii_lowercase) && after.is_some_and(u8::is_ascii_uppercase)
}

/// What is said of what begins at `start`: by its own line, or by a line above that is nothing but a label.
/// `column` is what the head of its column says.
pub(super) fn topic(text: &str, start: usize, column: Option<Topic>) -> Option<Topic> {
    let line = line_start(text, start);
    let head = &text[line..start];
    let own = labels(head)
        .last()
        .and_then(|label| applies(label.topic, &head[label.end..]).map(|topic| specific(topic, &head[..label.start])));
    own.or(column).or_else(|| above(text, line, start))
}

/// The kind of document that stands before its number's label: `证件类型：护照 证件号码：…`.
fn specific(topic: Topic, before: &str) -> Topic {
    if topic != Topic::Document {
        return topic;
    }
    labels(before)
        .filter(|label| label.topic != Topic::Document)
        .last()
        .filter(|label| matches!(label.topic, Topic::Passport | Topic::Permit | Topic::TaiwanPermit))
        .and_then(|label| applies(label.topic, &before[label.end..]))
        .unwrap_or(topic)
}

/// Whether a label's topic reaches over what stands between it and a number.
fn applies(topic: Topic, between: &str) -> Option<Topic> {
    let stops = |c: char| matches!(c, '。' | '；' | ';' | '!' | '！' | '?' | '？');
    if between.contains(stops) {
        return None;
    }
    let chars = between.chars().count();
    if has_number(between) {
        let list = |c: char| c.is_ascii_digit() || " \t-()+.,/、和或及X:：=#\"'".contains(c);
        return (between.chars().all(list)).then_some(topic);
    }
    let clause = between.contains([',', '，']);
    let reach = match topic {
        // It stands for the first number after it, and right before it.
        Topic::Other if between.contains(|c: char| c.is_alphanumeric() && !"号码编为是单".contains(c)) => {
            return None;
        }
        Topic::Other | Topic::Name | Topic::Public if clause => 0,
        Topic::Other => TIGHT,
        _ => LOOSE,
    };
    (chars <= reach).then_some(topic)
}

fn has_number(text: &str) -> bool {
    let digits = |run: &[u8]| run.iter().all(u8::is_ascii_digit);
    text.as_bytes().windows(NUMBER).any(digits)
}

/// The label that is the whole line above or ends it, where nothing stands before `start` on its own.
fn above(text: &str, line: usize, start: usize) -> Option<Topic> {
    if text[line..start].contains(char::is_alphanumeric) {
        return None;
    }
    let before = text[..line].trim_end_matches([char::from(LINE)]);
    if before.len() + 2 < line || before.len() == line {
        return None;
    }
    let upper = &before[line_start(before, before.len())..];
    let label = labels(upper).last()?;
    let after = || upper[label.end..].chars().filter(|c| c.is_alphanumeric());
    // A long line that ends with its label was wrapped there.
    let ends = after().all(|c| "号码编號碼編".contains(c));
    let alone = after().count() <= 2 && (ends || upper.len() <= LABEL_LINE);
    alone.then_some(label.topic)
}

/// Where the line of `at` begins, or how far back is looked for it.
fn line_start(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(REACH));
    text.as_bytes()[from..at]
        .iter()
        .rposition(|byte| ends_line(*byte))
        .map_or(from, |last| from + last + 1)
}

/// Which of these a line ends with.
#[inline]
pub(super) fn end_lines(bytes: u8x16) -> u8x16 {
    is(bytes, LINE) | is(bytes, PAGE) | is(bytes, FILE)
}

/// Whether a line ends with this byte.
pub(super) const fn ends_line(byte: u8) -> bool {
    matches!(byte, LINE | PAGE | FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Topic> {
        topic(text, text.find('#').unwrap(), None)
    }

    #[test]
    fn the_nearest_label_decides() {
        for (text, topic) in [
            ("手机：#", Some(Topic::Mobile)),
            ("订单号 2024，手机：#", Some(Topic::Mobile)),
            ("手机：13800138000 订单号：#", Some(Topic::Other)),
            ("快递单号\t#", Some(Topic::Other)),
            ("电话: 13800138000、#", Some(Topic::Phone)),
            ("电话: 13800138000 转告 #", None),
            ("您的订单已生成，请记下#", None),
            ("身份证号码\n#", Some(Topic::ResidentId)),
            (
                "财务并预算由通知盘点与审计请审计需整改需纪要供应商对。港澳通行证号码：\n#",
                Some(Topic::Permit),
            ),
            ("身份证号码请填写在下面的空格里不要涂改\n甲 #", None),
            ("手机。#", None),
            ("Passport No.: #", Some(Topic::Passport)),
            ("border #", None),
            ("91510107MAAN78G6QQ #", None),
            ("cardNo: #", Some(Topic::Card)),
            ("证件类型：护照 证件号码：#", Some(Topic::Passport)),
            ("护照。证件号码：#", Some(Topic::Document)),
            ("", None),
        ] {
            let text = if text.is_empty() { "#" } else { text };
            assert_eq!(said(text), topic, "{text}");
        }
    }

    #[test]
    fn the_head_of_the_column_speaks_where_the_line_does_not() {
        assert_eq!(topic("#", 0, Some(Topic::Card)), Some(Topic::Card));
        assert_eq!(topic("单号：#", "单号：".len(), Some(Topic::Card)), Some(Topic::Other));
    }
}
