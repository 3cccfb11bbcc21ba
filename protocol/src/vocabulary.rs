//! The fixed words that policy, ledger, reports and console share.

/// A word that is not in the list it was looked up in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word \"{word}\"; known are {}", known.join(", "))]
pub struct UnknownWord {
    /// What was given, cut to 64 characters.
    pub word: String,
    /// What would have been right.
    pub known: &'static [&'static str],
}

words! {
    /// Why a folder is watched.
    pub enum PlaceKind {
        /// A user's desktop.
        Desktop = "desktop",
        /// A user's downloads folder.
        Downloads = "downloads",
        /// Where a chat app puts received files.
        ChatCache = "chat_cache",
        /// A folder synced to a personal cloud.
        PersonalCloud = "personal_cloud",
        /// An approved store.
        Store = "store",
    }
}

words! {
    /// The chat app or cloud a place belongs to.
    pub enum App {
        /// WeChat, 微信.
        Wechat = "wechat",
        /// WeCom, 企业微信.
        Wecom = "wecom",
        /// DingTalk, 钉钉.
        Dingtalk = "dingtalk",
        /// Feishu or Lark, 飞书.
        Feishu = "feishu",
        /// QQ and TIM.
        Qq = "qq",
        /// Baidu Netdisk, 百度网盘.
        BaiduNetdisk = "baidu_netdisk",
        /// Nutstore, 坚果云.
        Nutstore = "nutstore",
        /// WPS cloud, WPS云盘.
        WpsCloud = "wps_cloud",
        /// OneDrive for persons.
        Onedrive = "onedrive",
        /// OneDrive of a company.
        OnedriveBusiness = "onedrive-business",
        /// iCloud Drive.
        Icloud = "icloud",
        /// Dropbox, personal.
        Dropbox = "dropbox",
        /// Dropbox of a company.
        DropboxBusiness = "dropbox-business",
        /// Google Drive.
        GoogleDrive = "google_drive",
        /// Weiyun, 腾讯微云.
        Weiyun = "weiyun",
        /// Aliyun Drive, 阿里云盘.
        AliyunDrive = "aliyun_drive",
        /// Quark, 夸克网盘.
        Quark = "quark",
        /// `WeDrive`, 微盘: the company drive of WeCom.
        Wedrive = "wedrive",
    }
}

impl App {
    /// The chat apps.
    pub const CHAT: &'static [Self] = &[Self::Wechat, Self::Wecom, Self::Dingtalk, Self::Feishu, Self::Qq];

    /// Whether this is a chat app.
    pub fn is_chat(self) -> bool {
        Self::CHAT.contains(&self)
    }

    /// Whether this is a chat app that a company runs for its own accounts.
    pub const fn is_company_chat(self) -> bool {
        matches!(self, Self::Wecom | Self::Dingtalk | Self::Feishu)
    }

    /// Whether this is a chat app of private persons, whose accounts must be filed before work use.
    pub const fn is_personal_chat(self) -> bool {
        matches!(self, Self::Wechat | Self::Qq)
    }

    /// Whether this is a cloud drive that a company runs, and so may be a store.
    pub const fn is_company_cloud(self) -> bool {
        matches!(self, Self::Wedrive | Self::OnedriveBusiness | Self::DropboxBusiness)
    }
}

words! {
    /// The rules of a policy, in the order in which one is chosen to name a finding when severities are equal.
    pub enum Rule {
        /// A work file in a personal cloud.
        PersonalCloud = "personal_cloud",
        /// A sensitive file in a chat cache without encryption.
        UnencryptedInChat = "unencrypted_in_chat",
        /// A work file that lies outside every store.
        OutsideStore = "outside_store",
        /// A work file received by a personal account that was not filed.
        UnfiledAccount = "unfiled_account",
        /// A file in a chat cache above the size limit.
        OversizeInChat = "oversize_in_chat",
        /// A work file left in a chat cache too long.
        StaleChatCache = "stale_chat_cache",
        /// A store that is not encrypted as the policy demands.
        StoreUnprotected = "store_unprotected",
    }
}

words! {
    /// How bad a finding is, mildest first.
    pub enum Severity {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
        /// Critical.
        Critical = "critical",
    }
}

words! {
    /// How a document is graded, least sensitive first.
    pub enum Sensitivity {
        /// General: a work file without a mark.
        General = "general",
        /// Internal.
        Internal = "internal",
        /// Core business secret.
        CoreSecret = "core_secret",
    }
}

words! {
    /// Families of file kinds, as a policy names them.
    pub enum Family {
        /// Text documents.
        Document = "document",
        /// Spreadsheets, CSV among them.
        Spreadsheet = "spreadsheet",
        /// Presentations.
        Presentation = "presentation",
        /// PDF and XPS.
        Pdf = "pdf",
        /// Drawings and models.
        Cad = "cad",
        /// Archives.
        Archive = "archive",
        /// Databases.
        Database = "database",
        /// Source code.
        Source = "source",
        /// Mail.
        Email = "email",
        /// Project files of planning and design programs.
        Project = "project",
        /// Images.
        Image = "image",
        /// Audio.
        Audio = "audio",
        /// Video.
        Video = "video",
        /// Plain text.
        Text = "text",
        /// Everything else.
        Other = "other",
    }
}

words! {
    /// Whether somebody without a secret can read the content.
    pub enum EncryptionState {
        /// Not encrypted.
        None = "none",
        /// Nobody reads the content without a secret.
        Encrypted = "encrypted",
        /// Encrypted in form only: it opens without asking. Counts as not protected.
        Openable = "openable",
        /// Some entries of an archive are encrypted. Counts as not protected.
        Partly = "partly",
        /// Nothing but uniform noise, such as a VeraCrypt container.
        Suspected = "suspected",
    }
}

words! {
    /// How a file is encrypted.
    pub enum EncryptionMethod {
        /// WinZip AES.
        ZipAes = "zip-aes",
        /// The old zip cipher.
        ZipCrypto = "zip-crypto",
        /// 7z AES-256.
        SevenZipAes = "7z-aes",
        /// RAR4 or RAR5.
        Rar = "rar",
        /// ECMA-376 encryption of Office documents.
        Ooxml = "ooxml",
        /// RC4 or `CryptoAPI` in a legacy Office document.
        CfbRc4 = "cfb-rc4",
        /// XOR obfuscation in a legacy Office document.
        CfbXor = "cfb-xor",
        /// `OpenDocument`.
        Odf = "odf",
        /// PDF standard security.
        Pdf = "pdf",
        /// OpenPGP.
        OpenPgp = "openpgp",
        /// age.
        Age = "age",
        /// A container that looks like noise.
        Container = "container",
    }
}

words! {
    /// Why a file counts as a work file.
    pub enum Evidence {
        /// Its content lies, or lay, in a store.
        StoreCopy = "store_copy",
        /// A registered document.
        Registered = "registered",
        /// A near copy of a registered document.
        NearCopy = "near_copy",
        /// A label.
        Label = "label",
        /// The company's name.
        CompanyName = "company_name",
        /// A property or template.
        Property = "property",
        /// A keyword.
        Keyword = "keyword",
        /// A detector.
        Detector = "detector",
        /// It came by a company app.
        CompanyApp = "company_app",
        /// The employee said so.
        Employee = "employee",
    }
}

words! {
    /// Where a finding is in its life.
    pub enum FindingState {
        /// Grace is running; only the employee knows.
        Noticed = "noticed",
        /// Reported.
        Open = "open",
        /// The file is where it belongs, encrypted or gone.
        Resolved = "resolved",
        /// The employee gave a reason.
        Justified = "justified",
        /// The company made an exception.
        Exempted = "exempted",
        /// The employee said it is a private file or a false alarm.
        Dismissed = "dismissed",
    }
}

impl FindingState {
    /// Whether the finding still asks somebody to act.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Noticed | Self::Open)
    }
}

words! {
    /// How a finding ended.
    pub enum Resolution {
        /// The file, or its content, was moved to a store.
        MovedToStore = "moved_to_store",
        /// The file was deleted, or moved out of every watched place.
        Deleted = "deleted",
        /// The file was encrypted where it lies.
        Encrypted = "encrypted",
        /// The store has the encryption it must have.
        StoreProtected = "store_protected",
        /// The content, the policy or a register changed so that nothing is wrong any more.
        NoLongerApplies = "no_longer_applies",
        /// The agent's ledger was lost; what is still wrong is found again under the same id.
        LedgerRebuilt = "ledger_rebuilt",
        /// The employee: a private file.
        PrivateFile = "private_file",
        /// The employee: a false alarm.
        FalseAlarm = "false_alarm",
        /// The employee gave a reason.
        Justification = "justification",
        /// The company made an exception.
        Exemption = "exemption",
    }
}

words! {
    /// A device's standing with the company.
    pub enum Binding {
        /// Enrolled, waiting for approval: it sends its fingerprint only.
        Pending = "pending",
        /// Approved.
        Bound = "bound",
        /// Halted by the company: it keeps its queue.
        Suspended = "suspended",
        /// Ended: its certificate is not accepted any more.
        Retired = "retired",
    }
}

words! {
    /// What a notice offers the employee.
    pub enum Offer {
        /// Move the file to the store.
        MoveToStore = "move_to_store",
        /// It is a private file.
        PrivateFile = "private_file",
        /// It is a false alarm.
        FalseAlarm = "false_alarm",
        /// Give a reason.
        Justify = "justify",
    }
}

words! {
    /// A language users are spoken to in.
    pub enum Language {
        /// Chinese as written in the mainland, 简体中文.
        ZhCn = "zh-CN",
        /// English.
        En = "en",
    }
}

impl Language {
    /// The language for a locale such as `zh_CN.UTF-8` or `en-US`: Chinese for any Chinese locale, else English.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") {
            Self::ZhCn
        } else {
            Self::En
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_in_text_and_in_json() {
        for app in App::ALL {
            assert_eq!(app.as_str().parse::<App>().unwrap(), *app);
            assert_eq!(serde_json::to_value(app).unwrap(), app.as_str());
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "wechta".parse::<App>().unwrap_err();
        assert!(error.to_string().contains("wechat"));
    }

    #[test]
    fn a_locale_gives_a_language() {
        for chinese in ["zh_CN.UTF-8", "zh-Hans-CN", "zh", "ZH_TW"] {
            assert_eq!(Language::of_locale(chinese), Language::ZhCn);
        }
        for other in ["en_US.UTF-8", "C", "", "de", "zha"] {
            assert_eq!(Language::of_locale(other), Language::En);
        }
    }
}
