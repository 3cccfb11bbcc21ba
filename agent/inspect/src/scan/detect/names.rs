//! Lists of names: columns in which names of people stand under one another, row after row. A name has no check, so that one
//! alone is never a hit; in a list, a surname first and usual characters of given names after it tell it from other short words.

use super::super::context::Topic;
use super::super::lines::{COLUMNS, cells};
use crate::ideographs::Ideographs;

/// Rows that make a list; below a head that says so.
const ROWS: u32 = 10;
const ROWS_UNDER_HEAD: u32 = 5;
/// Different names that make a list.
const DIFFERENT: usize = 5;
/// Names in several columns that make one list.
const SIDE_BY_SIDE: u32 = 20;
/// Different surnames in it: a page of a dictionary has one.
const SURNAMES_OF_LIST: usize = 3;

static SURNAMES: Ideographs = Ideographs::of(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文葛章樊兰殷施洪安颜倪牛温芦季俞鲁庄柳岳翟尚詹欧申聂毕焦左柴辛蒲齐凌甘项祝舒包梅卜路阮窦柯纪单裴霍卫成苗谷盛曲冉翁蓝管骆瞿童阎傅解娄宗鲍屈涂符匡饶晏游耿苟华关房褚费车牟桂裘宁支仲岑艾滕佟米隋丛简古景闵连邢巩祁萧伍庞靳蒙喻尤阳时穆农司卓吉缪麦戚党宫冷席柏全应臧邬边卞姬师和仇栾商刁沙荣巫寇桑郎甄虞敖明佘池查麻苑迟邝官封谈鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母亓修邰赫杭况那宿鲜印逯隆茹诸战慕危玉银亢嵇公哈湛宾戎勾茅利呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由郗張劉陳楊黃趙吳孫馬鄭羅謝許鄧馮蕭葉蔣餘呂盧鍾譚陸範韋賈鄒龍賀顧龔萬錢嚴湯喬賴莊蘇閻蘭溫蘆聶齊龐歐畢魯駱婁竇塗饒遊簡紀單連鄔陽衛關華賓",
);
const COMPOUND: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "南宫", "端木",
    "轩辕", "长孙",
];
static GIVEN: Ideographs = Ideographs::of(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红秀文辉梅鹏飞宇浩鑫斌波燕玲建国林云龙凤海婷雪慧莹颖琳倩佳欣怡梦瑶璐思雨晨曦子轩涵诗琪雅洁晓东阳博瑞毅俊峰凯旭宏志新民庆春生荣亮成松柏永康健安宁乐天宝贵福祥和顺德义仁礼智信忠良善美珍珠翠莲菊香蓉芬芝花丹青彤紫嘉琦睿哲翔泽航昊然奕奇锋钊锦铭鸣一凡楠桐梓洲源江河湖泉清澜澄淑贞惠媛婉婕妍妮娅娥嫣嫦娇姗姝蕾薇薏莉莎菲萌蓓萱岚岩岳峻嵘山川石坤坚城培增均墨世业乃之书予亚亦京仪会伯伦传佑佩依侠保俪儒元光克全兵其兴冬冠凌利力劲勤化千升卓南卫厚双友叶可启君吉向含周咏品响喆园圣坦尧太夏大奎奥如妙孝孟学定宜宣家容宽宾寒寿少尔尚展岗巍巧帅希帆常广庭延开弘彦彩彬彪影律心必忆怀恒恩悦情惟想意愉愿慈懿战才承振捷揚敬斯方施旋旗日旺昌易昕星映昭晋景晴晶暖曼朋望朝本杏权杨果枫柔柯栋树根格桃桥梁棋森楚榕樱歌正武殿毓水沁沐沛泓洛津洪浪润淇淳添渊渝溪滢漪潇炎炜炫炳烁焕煜照熙爱爽牧特献王玄玮玥环现玫玺珂珊珏珩理琛琨琰琴瑄瑜瑾璇璟瓔甜男画畅白百皓盈盛真眉知社祖祝禄禹秋科程穆空立竹竣笑笛筠策简米粟素纯纲纳练经维绮绣继绪缘罡群羽翎翰翼耀联聪育胜能臣自舒艺节芊芮苏苗若茂茜茵荷菡葵蒙蓝蔚虎虹蝶行裕西言许诚语谊谦贝贤赫越跃路转辰达迅迎运进远连逸道遥邦郁郎醒里重金钢钧铁银锐长闻阔隆隽雁雄雯雷霖霜露靖韬韵音颂颜风馨骁高鲜鸿鹤麒麟黎黛齐龄偉麗強軍靜艷豔傑濤蘭鳳華紅輝飛龍雲慶榮貴順義禮賢寶蓮瓊韻興業達遠運進連鋒銘鈞鐵銀長闊雋齡驍鴻鶴學寬廣開彥啟國聖堅夢婭寧師帥幫懷應戰曉東樂樹橋歡漢潔澤潤濱瀅瀾燁燦爾瑋瑩環瑤畫禎穎維綱緒緣繼續聰聲聯莊萬葉蘇衛觀詩詠語誠誼諾謙譽豐貝軒輪遙選釗鈴銓鋼錦鎮鏡陽際雙靈頌願顏風駿騰鳴麥黃齊娥儀君蕙筱妤姿佑佩伶俐凱",
);

/// What may follow a name.
const TITLES: [&str; 5] = ["先生", "女士", "小姐", "老师", "同学"];
/// What may stand before one in each line.
const LABELS: [&str; 2] = ["姓名:", "联系人:"];
/// Between the parts of the names of other peoples of China: 阿依古丽·买买提.
const DOTS: [char; 4] = ['·', '•', '‧', '・'];
/// The longest of those, and the longest cell with a name in it, in bytes.
const DOTTED: usize = 60;
const CELL: usize = 80;

/// One column of everything that is in rows.
#[derive(Clone, Debug, Default)]
struct Column {
    headed: bool,
    /// Cells of two to four characters and nothing else.
    short: u32,
    surnames: u32,
    names: u32,
    different: Vec<u64>,
    first: Vec<char>,
}

/// Counts names by column.
#[derive(Debug)]
pub(in super::super) struct Names {
    columns: Vec<Column>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            columns: vec![Column::default(); COLUMNS],
        }
    }
}

impl Names {
    /// Looks at one line. `head` tells what the head of a column says of what stands in it.
    pub(in super::super) fn line(&mut self, line: &str, head: impl Fn(usize) -> Option<Topic>) {
        for (index, cell) in cells(line) {
            let Some(column) = self.columns.get_mut(index) else {
                break;
            };
            let Some(own) = bare(cell) else { continue };
            let name = short(own);
            if name.is_none() && !is_dotted(own) {
                continue;
            }
            let labelled = LABELS
                .iter()
                .any(|label| own.len() < cell.len() && cell.starts_with(label));
            let cell_start = cell.as_ptr() as usize - line.as_ptr() as usize;
            match head(cell_start).or(labelled.then_some(Topic::Name)) {
                Some(Topic::Public) => continue,
                said => column.headed |= matches!(said, Some(Topic::Name | Topic::Contact)),
            }
            match name {
                Some((chars, count)) => column.short(&chars[..count]),
                None => column.name(own.chars(), true),
            }
        }
    }

    /// The rows of every column that is a list; or all names, where they stand side by side.
    pub(in super::super) fn rows(&self) -> u32 {
        let rows = self.columns.iter().map(Column::rows).fold(0, u32::saturating_add);
        if rows > 0 {
            return rows;
        }
        let all = self.columns.iter().fold(Column::default(), Column::with);
        if all.names >= SIDE_BY_SIDE { all.rows() } else { 0 }
    }
}

impl Column {
    /// Both as one.
    fn with(mut self, other: &Self) -> Self {
        self.short = self.short.saturating_add(other.short);
        self.surnames = self.surnames.saturating_add(other.surnames);
        self.names = self.names.saturating_add(other.names);
        self.different.extend(&other.different);
        self.first.extend(&other.first);
        self.first.sort_unstable();
        self.first.dedup();
        self
    }

    /// Counts a cell of a few characters.
    fn short(&mut self, chars: &[char]) {
        match given(chars) {
            Some(given) => self.name(chars.iter().copied(), given.iter().any(|c| GIVEN.has(*c))),
            None => self.short = self.short.saturating_add(1),
        }
    }

    /// Counts what begins with a surname, and whether a given name follows.
    fn name(&mut self, chars: impl Iterator<Item = char> + Clone, is_name: bool) {
        self.short = self.short.saturating_add(1);
        self.surnames = self.surnames.saturating_add(1);
        self.names = self.names.saturating_add(u32::from(is_name));
        if let Some(first) = chars.clone().next()
            && self.first.len() < SURNAMES_OF_LIST
            && !self.first.contains(&first)
        {
            self.first.push(first);
        }
        let key = chars.fold(0, |key: u64, c| key.rotate_left(16) ^ u64::from(u32::from(c)));
        if self.different.len() < DIFFERENT && !self.different.contains(&key) {
            self.different.push(key);
        }
    }

    fn rows(&self) -> u32 {
        let part = |part: u32, of_hundred: u64| u64::from(part) * 100 >= u64::from(self.short) * of_hundred;
        let listed = self.names >= ROWS
            && self.first.len() >= SURNAMES_OF_LIST
            && part(self.surnames, 85)
            && part(self.names, 60);
        let headed = self.headed && self.surnames >= ROWS_UNDER_HEAD && part(self.surnames, 60);
        match self.different.len() >= DIFFERENT {
            // Names of other peoples have no surname.
            true if headed => self.short,
            true if listed => self.surnames,
            _ => 0,
        }
    }
}

/// A cell without its label, its number in a list, what stands in brackets after it, and a title: `3、王伟(财务部)`. `None` for most
/// of those that have no name.
fn bare(cell: &str) -> Option<&str> {
    let bytes = cell.as_bytes();
    let mut own = match bytes.first()? {
        b'0'..=b'9' => {
            let digits = bytes.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            cell[digits..].strip_prefix(['、', '.', ')'])?
        }
        b'"' | b'\'' | 0xE4..=0xE9 => cell,
        _ => return None,
    };
    if matches!(bytes.first(), Some(b'"' | b'\'')) {
        own = own.trim_matches(['"', '\'']);
    }
    // Most names are nothing but themselves.
    if (6..=12).contains(&own.len()) && !own.bytes().any(|byte| byte.is_ascii()) {
        return Some(without_title(own));
    }
    // Sentences are longer, or begin otherwise.
    let first = own.chars().next()?;
    // The most frequent of the dots begins with a byte that hardly another character has.
    let has_dot = || memchr::memchr(0xC2, own.as_bytes()).is_some();
    if own.len() > CELL || !(SURNAMES.has(first) || LABELS.iter().any(|label| own.starts_with(label)) || has_dot()) {
        return None;
    }
    own = LABELS.iter().find_map(|label| own.strip_prefix(label)).unwrap_or(own);
    // A telephone may follow, too.
    if let Some((name, rest)) = own.split_once(['(', ':', '，'])
        && (own.as_bytes().get(name.len()) == Some(&b'(') || rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        own = name;
    }
    Some(without_title(own))
}

fn without_title(name: &str) -> &str {
    if name.len() < 12 {
        return name;
    }
    let titled = TITLES.iter().find_map(|title| name.strip_suffix(title));
    titled.filter(|name| name.len() >= 6).unwrap_or(name)
}

/// Whether it is a name of some parts, all of them Chinese.
fn is_dotted(cell: &str) -> bool {
    let wide = matches!(cell.as_bytes().first(), Some(0xE4..=0xE9));
    wide && (9..=DOTTED).contains(&cell.len())
        && cell.contains(DOTS)
        && cell
            .split(DOTS)
            .all(|part| part.chars().count() >= 2 && part.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
}

/// The characters of a cell that has two to four of them, all of them Chinese, maybe quoted; a blank may set two apart.
fn short(cell: &str) -> Option<([char; 4], usize)> {
    if !matches!(cell.as_bytes().first(), Some(b'"' | b'\'' | 0xE4..=0xE9)) {
        return None;
    }
    let cell = cell.trim_matches(['"', '\'']);
    if !(6..=12).contains(&cell.len()) {
        return None;
    }
    let mut name = (['\0'; 4], 0);
    for c in cell.chars().filter(|c| *c != ' ') {
        if !('\u{4e00}'..='\u{9fff}').contains(&c) {
            return None;
        }
        *name.0.get_mut(name.1)? = c;
        name.1 += 1;
    }
    (name.1 >= 2).then_some(name)
}

/// The given name after a surname.
fn given(chars: &[char]) -> Option<&[char]> {
    let compound = || {
        let (first, second) = (chars.first()?, chars.get(1)?);
        COMPOUND
            .iter()
            .any(|own| own.chars().eq([*first, *second]))
            .then(|| &chars[2..])
    };
    let (first, rest) = chars.split_first()?;
    compound()
        .filter(|given| !given.is_empty())
        .or_else(|| (chars.len() <= 3 && SURNAMES.has(*first)).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[String], headed: bool) -> u32 {
        let mut names = Names::default();
        for line in lines {
            names.line(line, |_| headed.then_some(Topic::Name));
        }
        names.rows()
    }

    fn people(count: usize) -> Vec<String> {
        let surnames: Vec<char> = "王李张刘陈杨赵黄".chars().collect();
        let given = ["伟", "芳", "秀英", "建国", "敏", "志强", "丽", "俊杰", "海燕", "涛"];
        (0..count)
            .map(|n| format!("{}{}", surnames[n % 8], given[n * 3 % 10]))
            .collect()
    }

    #[test]
    fn a_list_is_many_rows_in_one_column() {
        let list: Vec<_> = people(20)
            .iter()
            .enumerate()
            .map(|(n, name)| format!("{n}\t{name}\t技术部"))
            .collect();
        assert_eq!(rows(&list, false), 20);
        assert_eq!(rows(&people(9), false), 0);
        assert_eq!(rows(&people(6), true), 6);
        assert_eq!(rows(&vec!["王伟".to_owned(); 40], false), 0);
        let page: Vec<_> = people(20).iter().map(|name| format!("高{}", &name[3..])).collect();
        assert_eq!(rows(&page, false), 0);
    }

    #[test]
    fn a_name_may_have_a_number_before_it_and_more_after_it() {
        for (before, after) in [
            ("1、", ""),
            ("1.", ""),
            ("", "(财务部)"),
            ("", "先生"),
            ("12)", "女士"),
            ("\"", "\""),
        ] {
            let list: Vec<_> = people(20).iter().map(|name| [before, name, after].concat()).collect();
            assert_eq!(rows(&list, false), 20, "{before}{after}");
        }
    }

    #[test]
    fn names_of_other_peoples_and_in_traditional_characters_are_known() {
        let list: Vec<_> = ["依木·示例", "古丽·示例提", "巴特·示例", "玛依·示例", "热依·示例"]
            .map(str::to_owned)
            .into();
        assert_eq!(rows(&list, true), 5);
        let list: Vec<_> = [
            "張偉", "劉麗", "陳傑", "楊靜", "趙強", "吳鳳", "鄭龍", "謝慶", "許榮", "葉貴",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(rows(&list, false), 10);
    }

    #[test]
    fn names_may_stand_side_by_side_or_each_with_its_label() {
        let people = people(40);
        let lines: Vec<_> = people.chunks(8).map(|line| line.join(" ")).collect();
        assert_eq!(rows(&lines, false), 40);
        assert_eq!(rows(&lines[..2], false), 0);
        let lines: Vec<_> = people[..8]
            .iter()
            .map(|name| format!("姓名:{name} 部门:财务部"))
            .collect();
        assert_eq!(rows(&lines, false), 8);
        let lines: Vec<_> = people[..20].iter().map(|name| format!("{name}:13800138000")).collect();
        assert_eq!(rows(&lines, false), 20);
        let lines: Vec<_> = people[..20].iter().map(|name| format!("{name}:请问，")).collect();
        assert_eq!(rows(&lines, false), 0);
    }

    #[test]
    fn those_whom_everybody_knows_are_no_list() {
        let mut names = Names::default();
        for name in people(20) {
            names.line(&name, |_| Some(Topic::Public));
        }
        assert_eq!(names.rows(), 0);
    }

    #[test]
    fn short_words_in_a_column_are_no_names() {
        let words = [
            "合同",
            "报价单",
            "项目",
            "方案",
            "客户",
            "名单",
            "会议",
            "纪要",
            "金额",
            "高级",
            "周报",
            "管理",
            "安全",
            "成本",
            "余额",
            "应收",
            "采购",
            "订单",
            "发票",
            "员工",
            "考勤",
            "工资",
            "设计",
            "图纸",
            "测试",
        ];
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(rows(&words, false), 0);
        assert_eq!(rows(&words, true), 0);
    }
}
