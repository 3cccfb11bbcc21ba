//! Postal addresses of China: divisions from the large to the small, a road or village, a number (GB/T 23705 names the parts). One
//! address is one hit, however many numbers it has.

use super::super::context::Topic;
use super::super::normal::LINE;
use super::super::number::Spot;
use super::{Hit, romanised};

/// Bytes of an address before its first number.
const HEAD: usize = 150;
/// Characters of it after that.
const TAIL: usize = 40;
/// What a number of an address counts.
const COUNTED: &str = "\
    号 室 栋 幢 座 弄 单元 组 巷 #楼 楼 层 甲号 附 號 樓 棟 層 單元";
const ROADS: &str = "\
    路 街 大道 道 巷 胡同 弄 村 里 园 区 苑 镇 乡 屯 庄 段 东 南 西 北 中 院 线 小区 花园 新村 社区 公馆 大厦 组 队 湾 \
    寨 坪 園 區 鎮 鄉 莊 東 線 社區 大廈";
/// What may stand between a road and a number.
const WITH: [char; 5] = ['甲', '乙', '丙', '丁', '附'];
const NAMES: &str = "\
    北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 \
    贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 深圳 广州 杭州 南京 苏州 成都 武汉 西安 \
    青岛 宁波 厦门 长沙 郑州 大连 济南 合肥 福州 沈阳 哈尔滨 长春 昆明 无锡 东莞 佛山 台北 臺北 新北 台中 臺中 台南 \
    臺南 高雄 桃園 基隆 新竹 嘉義 臺灣 澳門";
const BUILDINGS: [char; 4] = ['座', '栋', '幢', '楼'];
/// What numbers its rooms and papers, not houses.
const COURTS: &str = "\
    法院 检察院";
/// Hong Kong, Macao and their parts, which no suffix marks as divisions.
const HARBOURS: &str = "\
    香港 九龙 九龍 新界 港岛 港島 澳门 澳門 氹仔 路环 路環";
/// What ways end with.
const WAYS: &str = "\
    路 街 道 巷 胡同 弄 村 园 苑 小区 镇 社区 園 鎮 社區";

pub(in super::super) fn find(spot: &Spot<'_>) -> Option<Hit> {
    let rest = spot.after(spot.end).trim_start_matches([' ', char::from(LINE)]);
    let counted = spot.run().len() <= 5 && may_count(rest) && words(COUNTED).any(|unit| rest.starts_with(unit));
    let counted = counted && !rest.starts_with("号线");
    let postcode = spot.run().len() == 6 && spot.run().bytes().all(|byte| byte.is_ascii_digit());
    if !(counted || postcode) {
        return romanised::find(spot);
    }
    let before = if counted { ROADS } else { COUNTED };
    let head = [head(spot, 0), head(spot, 1)]
        .into_iter()
        .find(|head| is_address(spot, head, before))?;
    let end = spot.end + tail(spot.after(spot.end));
    // A postcode does not make it another one.
    let own = if postcode { "" } else { &spot.text[spot.start..end] };
    let value = head.bytes().chain(own.bytes()).filter(|byte| *byte > b' ');
    Some(Hit {
        end,
        value: value.collect(),
    })
}

/// Whether what follows a number may count something: most numbers are told by one byte.
fn may_count(rest: &str) -> bool {
    rest.as_bytes()
        .first()
        .is_some_and(|first| !first.is_ascii() || *first == b'#')
}

/// Whether what stands before a number leads to it as an address does.
fn is_address(spot: &Spot<'_>, head: &str, before: &str) -> bool {
    let whole = head;
    let head = without_first_number(head);
    let numbered = head.len() < whole.len();
    if head
        .bytes()
        .next_back()
        .is_none_or(|last| last.is_ascii_punctuation() || last.is_ascii_digit())
    {
        return false;
    }
    let own = without_building(head.strip_suffix(WITH).unwrap_or(head));
    let court = words(COURTS).any(|court| own.ends_with(court));
    if court || !words(before).any(|last| own.ends_with(last)) || head.chars().count() < 3 {
        return false;
    }
    let divisions = divisions(head);
    let labelled = spot.topic() == Some(Topic::Address);
    let has_way = words(WAYS).any(|way| head.contains(way));
    // Divisions alone lead to the number of a house, not to some of its buildings.
    let house = || numbered || spot.after(spot.end).trim_start().starts_with(['号', '號']);
    has_way && (divisions >= 2 || labelled)
        || numbered && labelled && divisions >= 1
        || divisions >= 3 && (before == COUNTED || house())
}

/// What stands before the first of two numbers that a hyphen joins: 示例开发区104-10A幢.
fn without_first_number(head: &str) -> &str {
    let Some(first) = head.strip_suffix('-') else {
        return head;
    };
    let road = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = first.len() - road.len();
    if (1..=4).contains(&digits) {
        road.trim_end()
    } else {
        head
    }
}

/// What stands before a building that has a letter: 示例大厦B栋.
fn without_building(head: &str) -> &str {
    let own = head.strip_suffix(BUILDINGS).unwrap_or(head);
    let named = own.len() < head.len() && own.ends_with(|c: char| c.is_ascii_uppercase());
    if named {
        own.trim_end_matches(|c: char| c.is_ascii_alphanumeric())
    } else {
        head
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ')
}

/// What stands before the number, as far back as an address goes: to a punctuation, a cell, a label's colon, the end of a line
/// after as many as are `wrapped`.
fn head<'a>(spot: &Spot<'a>, wrapped: usize) -> &'a str {
    let from = spot.text.floor_char_boundary(spot.start.saturating_sub(HEAD));
    let before = &spot.text[from..spot.start];
    let mut lines = 0;
    let start = before.char_indices().rev().find(|(_, c)| {
        lines += usize::from(*c == char::from(LINE));
        let is_own = c.is_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')' | '·') || *c == char::from(LINE);
        !is_own || lines > wrapped
    });
    let own = start.map_or(before, |(at, border)| &before[at + border.len_utf8()..]);
    own.trim()
}

/// The letters in `range` that name a building, `a座`, by their offsets; an address may have no digit at all.
pub(in super::super) fn buildings(text: &str, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(&bytes[range.clone()], "座")
        .filter_map(move |at| (range.start + at).checked_sub(1))
        .filter(|before| bytes[*before].is_ascii_alphabetic())
}

/// How many levels of divisions are named: a province or large city, a city, a district or county, a town.
fn divisions(head: &str) -> usize {
    let named = |suffixes: &[&str]| {
        suffixes
            .iter()
            .any(|suffix| head.match_indices(suffix).any(|(at, _)| at > 0))
    };
    let harbour = words(HARBOURS).any(|name| head.contains(name));
    [
        harbour || words(NAMES).any(|name| head.contains(name)) || named(&["省", "自治区"]),
        harbour || named(&["市", "州", "盟"]),
        named(&["县", "旗", "縣"]),
        named(&["区", "區"]),
        named(&["镇", "乡", "街道", "鎮", "鄉"]),
    ]
    .into_iter()
    .filter(|level| *level)
    .count()
}

/// How many bytes of an address follow its first number: to the last that counts something, before a punctuation.
fn tail(rest: &str) -> usize {
    let mut last = '0';
    let is_next = |from: usize| words(NAMES).any(|name| rest[from..].starts_with(name));
    let part = |&(at, c): &(usize, char)| {
        // A line may end between a number and what it counts, or before the next number.
        let joint = c == char::from(LINE) && (last.is_ascii_digit() || "号栋幢座弄楼元层號棟樓層".contains(last));
        let wraps = joint && !is_next(at + 1);
        last = c;
        wraps || c.is_alphanumeric() || matches!(c, ' ' | '-' | '#' | '(' | ')')
    };
    let length = rest
        .char_indices()
        .take(TAIL)
        .take_while(part)
        .map(|(_, c)| c.len_utf8())
        .sum();
    let own = &rest[..length];
    let ends = words(COUNTED).flat_map(|unit| own.match_indices(unit));
    ends.filter(|(at, _)| {
        own[..*at].trim_end().ends_with(|c: char| c.is_ascii_alphanumeric()) || own[..*at].trim_end().is_empty()
    })
    .map(|(at, unit)| at + unit.len())
    .max()
    .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::found_by;

    #[test]
    fn an_address_is_one_however_many_numbers_it_has() {
        for text in [
            "北京市海淀区示例大街27号",
            "住 浙江省杭州市西湖区示例路88号3幢2单元501室，",
            "地址：示例路100号",
            "广东省深圳市南山区示例街道示例社区12栋301",
            "贵州省示例县示例大街z座 889736",
            "江苏省示例县示例镇示例村5组12号",
            "收货地址\t上海市浦东新区示例路 1000 弄 5 号",
            "通讯地址 浙江省杭州市西湖区示例路 498\n号 23 幢 5 单元 1201 室，供应商",
            "再需求。地址：浙江省杭州市西\n湖区示例西路 889 号",
            "上海市浦东新区示例路 889 号\n24 栋 1 单元 108 室，",
            "湖北省武汉市江汉区示例路甲95号",
            "深圳市宝安区示例街道示例大道示例大厦B栋115楼",
            "河南省示例市示例县示例镇示例村示例组35号",
            "香港九龙尖沙咀示例道30号示例中心1座1201室",
            "香港中環示例大道中99號",
            "地址：九龍旺角示例道470號4樓",
            "台北市信義區示例路五段7號89樓",
            "新北市板橋區示例路一段100號5樓",
            "澳門示例大馬路599號",
            "浙江省示例市示例开发区104-10A幢",
            "地址：示例市示例开发区104-10A幢",
            "苏州市示例园区示例街187-3号",
        ] {
            assert_eq!(found_by(|spot, _| super::find(spot), text).len(), 1, "{text}");
        }
        let list = "浙江省杭州市西湖区示例路12号3栋\n江苏省苏州市吴中区示例路58号A座16层\n北京市朝阳区示例路9号";
        assert_eq!(found_by(|spot, _| super::find(spot), list).len(), 3);
        for text in [
            "示例路88号",
            "根据市政府3号文件",
            "地铁10号线",
            "5号楼",
            "北京市2024号文",
            "城市道路建设第3号公告",
            "杭州市西湖区人民法院民事判决第3号",
            "杭州市西湖区人民法院3号法庭",
            "杭州市西湖区65栋违建拆除",
            "香港天文台3号风球",
            "香港道指数3号",
            "杭州市政府2024-65号文",
        ] {
            assert!(found_by(|spot, _| super::find(spot), text).is_empty(), "{text}");
        }
    }
}
