//! The words users read for everything that has a fixed word: Chinese and English side by side, in one place.

use std::time::Duration;

use fileward_protocol::fingerprint::{SecureBoot, SystemDrive, Tpm};
use fileward_protocol::health::{Degraded, PlaceState, Unavailable};
use fileward_protocol::vocabulary::{
    App, Binding, EncryptionState, Evidence, Family, FindingState, Language, Offer, PlaceKind, Resolution, Rule,
    Sensitivity, Severity,
};

use crate::facts::TextState;
use crate::verdict::State;

/// One text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both {
    /// Chinese.
    pub zh_cn: &'static str,
    /// English.
    pub en: &'static str,
}

/// Puts both languages of a text side by side.
pub const fn both(zh_cn: &'static str, en: &'static str) -> Both {
    Both { zh_cn, en }
}

impl Both {
    /// The text in one language.
    pub const fn to(self, language: Language) -> &'static str {
        match language {
            Language::ZhCn => self.zh_cn,
            Language::En => self.en,
        }
    }
}

/// Something that has words for users.
pub trait InWords: Copy {
    /// Its words in both languages.
    fn both(self) -> Both;

    /// Its words in one language.
    fn in_words(self, language: Language) -> &'static str {
        self.both().to(language)
    }
}

impl InWords for PlaceKind {
    fn both(self) -> Both {
        match self {
            Self::Desktop => both("桌面", "desktop"),
            Self::Downloads => both("下载文件夹", "downloads folder"),
            Self::ChatCache => both("聊天软件的缓存文件夹", "chat app's folder"),
            Self::PersonalCloud => both("个人云盘", "personal cloud drive"),
            Self::Store => both("工作文件存放处", "work file store"),
        }
    }
}

impl InWords for App {
    fn both(self) -> Both {
        match self {
            Self::Wechat => both("微信", "WeChat"),
            Self::Wecom => both("企业微信", "WeCom"),
            Self::Dingtalk => both("钉钉", "DingTalk"),
            Self::Feishu => both("飞书", "Feishu"),
            Self::Qq => both("QQ", "QQ"),
            Self::BaiduNetdisk => both("百度网盘", "Baidu Netdisk"),
            Self::Nutstore => both("坚果云", "Nutstore"),
            Self::WpsCloud => both("WPS云盘", "WPS Cloud"),
            Self::Onedrive => both("OneDrive（个人）", "OneDrive (personal)"),
            Self::OnedriveBusiness => both("OneDrive（公司）", "OneDrive (company)"),
            Self::Icloud => both("iCloud 云盘", "iCloud Drive"),
            Self::Dropbox => both("Dropbox（个人）", "Dropbox (personal)"),
            Self::DropboxBusiness => both("Dropbox（公司）", "Dropbox (company)"),
            Self::GoogleDrive => both("Google 云端硬盘", "Google Drive"),
            Self::Weiyun => both("腾讯微云", "Tencent Weiyun"),
            Self::AliyunDrive => both("阿里云盘", "Aliyun Drive"),
            Self::Quark => both("夸克网盘", "Quark Drive"),
            Self::Wedrive => both("微盘", "WeDrive"),
        }
    }
}

impl InWords for Rule {
    fn both(self) -> Both {
        match self {
            Self::PersonalCloud => both("工作文件在个人云盘里", "work file in a personal cloud drive"),
            Self::UnencryptedInChat => both(
                "敏感文件经聊天软件传送未加密",
                "sensitive file in chat without encryption",
            ),
            Self::OutsideStore => both("工作文件不在规定的存放处", "work file outside the store"),
            Self::UnfiledAccount => both("聊天账号未备案", "chat account not filed with the company"),
            Self::OversizeInChat => both("聊天文件超过大小限制", "file in chat above the size limit"),
            Self::StaleChatCache => both("聊天缓存久未清理", "file left in the chat cache too long"),
            Self::StoreUnprotected => both("存放处没有加密", "store without encryption"),
        }
    }
}

impl InWords for Severity {
    fn both(self) -> Both {
        match self {
            Self::Low => both("低", "low"),
            Self::Medium => both("中", "medium"),
            Self::High => both("高", "high"),
            Self::Critical => both("严重", "critical"),
        }
    }
}

impl InWords for Sensitivity {
    fn both(self) -> Both {
        match self {
            Self::General => both("一般", "general"),
            Self::Internal => both("内部", "internal"),
            Self::CoreSecret => both("核心商业秘密", "core business secret"),
        }
    }
}

impl InWords for Family {
    fn both(self) -> Both {
        match self {
            Self::Document => both("文档", "documents"),
            Self::Spreadsheet => both("表格", "spreadsheets"),
            Self::Presentation => both("演示文稿", "presentations"),
            Self::Pdf => both("PDF", "PDF files"),
            Self::Cad => both("图纸和模型", "drawings and models"),
            Self::Archive => both("压缩包", "archives"),
            Self::Database => both("数据库", "databases"),
            Self::Source => both("源代码", "source code"),
            Self::Email => both("邮件", "mail"),
            Self::Project => both("工程项目文件", "project files"),
            Self::Image => both("图片", "images"),
            Self::Audio => both("音频", "audio"),
            Self::Video => both("视频", "video"),
            Self::Text => both("纯文本", "plain text"),
            Self::Other => both("其他文件", "other files"),
        }
    }
}

impl InWords for EncryptionState {
    fn both(self) -> Both {
        match self {
            Self::None => both("未加密", "not encrypted"),
            Self::Encrypted => both("已加密", "encrypted"),
            Self::Openable => both(
                "形式上加密，但不需要密码就能打开",
                "encrypted in form only: it opens without a password",
            ),
            Self::Partly => both("部分加密", "partly encrypted"),
            Self::Suspected => both("可能是加密容器", "perhaps an encrypted container"),
        }
    }
}

impl InWords for Evidence {
    fn both(self) -> Both {
        match self {
            Self::StoreCopy => both("内容与存放处的文件相同", "the same content lies, or lay, in the store"),
            Self::Registered => both("已登记的文件", "a registered document"),
            Self::NearCopy => both("与已登记的文件几乎相同", "nearly the same as a registered document"),
            Self::Label => both("带有密级标签", "it carries a label"),
            Self::CompanyName => both("含有公司名称", "it contains the company's name"),
            Self::Property => both("文件属性属于公司", "its properties are the company's"),
            Self::Keyword => both("含有关键词", "it contains keywords"),
            Self::Detector => both("含有需要保护的数据", "it contains data that needs protection"),
            Self::CompanyApp => both("来自公司的聊天软件", "it came by a company app"),
            Self::Employee => both("员工确认是工作文件", "the employee said it is a work file"),
        }
    }
}

impl InWords for State {
    fn both(self) -> Both {
        match self {
            Self::Compliant => both("符合规定", "in order"),
            Self::Violation => both("不符合规定", "against the rules"),
            Self::Ignored => both("不作处理", "left alone"),
        }
    }
}

impl InWords for TextState {
    fn both(self) -> Both {
        match self {
            Self::Read => both("文字已读完", "its text was read to its end"),
            Self::None => both("没有可读的文字", "it has no text that can be read"),
            Self::Encrypted => both("已加密，读不到文字", "its text cannot be read because it is encrypted"),
            Self::TooLarge => both(
                "文字没有读完：内容太多",
                "its text could not be read to its end because there is too much of it",
            ),
            Self::Malformed => both(
                "文字没有读完：文件有损坏",
                "its text could not be read to its end because the file is damaged",
            ),
            Self::Timeout => both(
                "文字没有读完：用时太长",
                "its text could not be read to its end because that took too long",
            ),
        }
    }
}

impl InWords for FindingState {
    fn both(self) -> Both {
        match self {
            Self::Noticed => both("已提醒（仅本人可见）", "noticed (only the employee knows)"),
            Self::Open => both("待处理（已上报）", "open (reported)"),
            Self::Resolved => both("已解决", "resolved"),
            Self::Justified => both("已说明原因", "justified"),
            Self::Exempted => both("已豁免", "exempted"),
            Self::Dismissed => both("已排除", "dismissed"),
        }
    }
}

impl InWords for Resolution {
    fn both(self) -> Both {
        match self {
            Self::MovedToStore => both("已移到存放处", "moved to the store"),
            Self::Deleted => both("已删除或移走", "deleted or moved away"),
            Self::Encrypted => both("已加密", "encrypted"),
            Self::StoreProtected => both("存放处已加密", "the store is encrypted"),
            Self::NoLongerApplies => both("不再违反规定", "nothing is wrong any more"),
            Self::LedgerRebuilt => both("本机记录已重建", "this PC's records were rebuilt"),
            Self::PrivateFile => both("员工说明：私人文件", "the employee: a private file"),
            Self::FalseAlarm => both("员工说明：误报", "the employee: a false alarm"),
            Self::Justification => both("员工说明了原因", "the employee gave a reason"),
            Self::Exemption => both("公司批准例外", "the company made an exception"),
        }
    }
}

impl InWords for Offer {
    fn both(self) -> Both {
        match self {
            Self::MoveToStore => both("移到存放处", "Move to the store"),
            Self::PrivateFile => both("这是私人文件", "It is a private file"),
            Self::FalseAlarm => both("这是误报", "It is a false alarm"),
            Self::Justify => both("说明原因", "Give a reason"),
        }
    }
}

impl InWords for Binding {
    fn both(self) -> Both {
        match self {
            Self::Pending => both("等待批准", "waiting for approval"),
            Self::Bound => both("已绑定", "bound"),
            Self::Suspended => both("已暂停", "suspended"),
            Self::Retired => both("已停用", "retired"),
        }
    }
}

impl InWords for Tpm {
    fn both(self) -> Both {
        match self {
            Self::Absent => both("没有或已关闭", "none, or switched off"),
            Self::Present => both("有，版本未知", "there, version unknown"),
            Self::V1 => both("有，版本 1.2", "version 1.2"),
            Self::V2 => both("有，版本 2.0", "version 2.0"),
            Self::Unknown => UNKNOWN,
        }
    }
}

impl InWords for SecureBoot {
    fn both(self) -> Both {
        match self {
            Self::Off => both("关闭", "off"),
            Self::On => both("开启", "on"),
            Self::Unsupported => both("不支持", "not supported"),
            Self::Unknown => UNKNOWN,
        }
    }
}

/// How the drive that the system starts from is encrypted.
pub fn system_drive(drive: &SystemDrive, language: Language) -> String {
    match (drive, language) {
        (SystemDrive::Encrypted { by }, Language::ZhCn) => format!("已加密（{by}）"),
        (SystemDrive::Encrypted { by }, Language::En) => format!("encrypted ({by})"),
        (SystemDrive::Plain, _) => both("未加密", "not encrypted").to(language).to_owned(),
        (SystemDrive::Unknown, _) => UNKNOWN.to(language).to_owned(),
    }
}

const UNKNOWN: Both = both("未知", "unknown");

impl InWords for PlaceState {
    fn both(self) -> Both {
        match self {
            Self::Ok => both("正常", "watched"),
            Self::Degraded(why) => why.both(),
            Self::Unavailable(why) => why.both(),
        }
    }
}

impl InWords for Degraded {
    fn both(self) -> Both {
        match self {
            Self::WatchLimit => both(
                "系统监视数量已满，改为定时检查",
                "the system gave no more watches: checked at intervals",
            ),
            Self::NoEvents => both(
                "磁盘不通知变化，改为定时检查",
                "the disk tells no changes: checked at intervals",
            ),
            Self::PartlyUnreadable => both("有一部分无法读取", "parts of it cannot be read"),
            Self::WatcherFailed => both(
                "监视出错，暂时定时检查",
                "watching failed: checked at intervals for now",
            ),
        }
    }
}

impl InWords for Unavailable {
    fn both(self) -> Both {
        match self {
            Self::Missing => both("文件夹不存在", "the folder is not there"),
            Self::PermissionDenied => both("没有读取权限", "it may not be read"),
            Self::NotMounted => both("所在磁盘或共享没有响应", "its disk or share does not answer"),
            Self::OutsideUser => both("指向不属于该用户的位置", "it leads out of what its user owns"),
        }
    }
}

/// What a detector finds; `None` for one that has no words.
pub fn detector(name: &str) -> Option<Both> {
    Some(match name {
        "cn_resident_id" => both("居民身份证号", "Chinese resident ID numbers"),
        "cn_mobile" => both("手机号码", "Chinese mobile numbers"),
        "cn_landline" => both("固定电话号码", "Chinese landline numbers"),
        "bank_card" => both("银行卡号", "bank card numbers"),
        "cn_uscc" => both("统一社会信用代码", "Chinese company codes (USCC)"),
        "cn_passport" => both("护照号码", "passport numbers"),
        "cn_permit" => both("港澳台通行证号码", "exit-entry permit numbers"),
        "cn_plate" => both("车牌号", "Chinese licence plates"),
        "email" => both("电子邮箱地址", "e-mail addresses"),
        "cn_address" => both("住址或通讯地址", "Chinese postal addresses"),
        "cn_name_list" => both("名单中的姓名", "names in lists of people"),
        "ipv4" => both("IP 地址", "IP addresses"),
        "secret_key" => both("密钥或访问令牌", "secret keys and access tokens"),
        _ => return None,
    })
}

/// A document property's name; `None` for one that has no words.
pub fn property(name: &str) -> Option<Both> {
    Some(match name {
        "company" => both("公司", "company"),
        "template" => both("模板", "template"),
        "manager" => both("经理", "manager"),
        "author" => both("作者", "author"),
        "title" => both("标题", "title"),
        _ => return None,
    })
}

/// A duration in its largest unit without remainder, such as "30 minutes".
pub fn duration(duration: Duration, language: Language) -> String {
    const UNITS: [(u64, Both); 5] = [
        (365 * 86_400, both("年", "year")),
        (86_400, both("天", "day")),
        (3_600, both("小时", "hour")),
        (60, both("分钟", "minute")),
        (1, both("秒", "second")),
    ];
    let seconds = duration.as_secs();
    let unit = UNITS
        .iter()
        .find(|(worth, _)| seconds >= *worth && seconds.is_multiple_of(*worth));
    let (worth, unit) = unit.unwrap_or(&UNITS[4]);
    let (count, unit) = (seconds / worth, unit.to(language));
    let plural = if language == Language::En && count != 1 {
        "s"
    } else {
        ""
    };
    format!("{count} {unit}{plural}")
}

/// A size with at most one decimal, such as "50 MB"; 1 KB is 1024 bytes.
pub fn size(bytes: u64) -> String {
    let (worth, unit) = match bytes {
        0..1024 => return format!("{bytes} B"),
        1024..1_048_576 => (1 << 10, "KB"),
        1_048_576..1_073_741_824 => (1 << 20, "MB"),
        _ => (1_u64 << 30, "GB"),
    };
    let (whole, tenths) = (bytes / worth, bytes % worth * 10 / worth);
    if tenths == 0 {
        format!("{whole} {unit}")
    } else {
        format!("{whole}.{tenths} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all<T: InWords>(variants: &[T]) {
        for language in Language::ALL {
            let words: BTreeSet<_> = variants.iter().map(|variant| variant.in_words(*language)).collect();
            assert_eq!(words.len(), variants.len(), "two variants share their words");
            assert!(words.iter().all(|text| !text.trim().is_empty()));
        }
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(variants.iter().all(|variant| !chinese(variant.both().en)));
    }

    #[test]
    fn every_word_has_its_own_text_in_both_languages() {
        all(PlaceKind::ALL);
        all(App::ALL);
        all(Rule::ALL);
        all(Severity::ALL);
        all(Sensitivity::ALL);
        all(Family::ALL);
        all(EncryptionState::ALL);
        all(Evidence::ALL);
        all(&[State::Compliant, State::Violation, State::Ignored]);
        all(&[
            TextState::Read,
            TextState::None,
            TextState::Encrypted,
            TextState::TooLarge,
            TextState::Malformed,
            TextState::Timeout,
        ]);
        all(FindingState::ALL);
        all(Resolution::ALL);
        all(Offer::ALL);
        all(Binding::ALL);
        all(Degraded::ALL);
        all(Unavailable::ALL);
        all(Tpm::ALL);
        all(SecureBoot::ALL);
    }

    #[test]
    fn durations_and_sizes_read_as_they_were_written() {
        let say = |seconds, language| duration(Duration::from_secs(seconds), language);
        assert_eq!(say(1800, Language::En), "30 minutes");
        assert_eq!(say(3600, Language::En), "1 hour");
        assert_eq!(say(5400, Language::ZhCn), "90 分钟");
        assert_eq!(say(3 * 365 * 86_400, Language::ZhCn), "3 年");
        assert_eq!(say(0, Language::En), "0 seconds");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(50 << 20), "50 MB");
        assert_eq!(size((50 << 20) + (300 << 10)), "50.2 MB");
        assert_eq!(size(u64::MAX), "17179869183.9 GB");
    }

    #[test]
    fn every_detector_and_property_a_policy_can_name_has_words() {
        assert!(crate::facts::DETECTORS.iter().all(|name| detector(name).is_some()));
        assert!(crate::facts::PROPERTIES.iter().all(|name| property(name).is_some()));
    }
}
