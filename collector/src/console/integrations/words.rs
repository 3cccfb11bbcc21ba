//! The texts of the pages about integrations.

use fileward_policy::words::{Both, InWords, both};

use crate::deliver::manage::NotAdded;
use crate::store::targets::{About, Form, TargetKind};

pub(super) const NOTE: Both = both(
    "这里列出的系统会收到变化的内容。添加、暂停和移除都写入审计；员工在自己的电脑上每天看到发送到几个系统。",
    "These systems are told what changes. Adding, halting and removing them stands in the audit trail, and employees read on their \
     PC each day to how many systems their findings were sent.",
);
pub(super) const ADD: Both = both("添加对接", "Add an integration");
pub(super) const ADDRESS: Both = both("地址", "Address");
pub(super) const LAST_TAKEN: Both = both("最近送达", "Last taken");
pub(super) const TAKEN: Both = both("已送达", "Taken");
pub(super) const WAITING: Both = both("最多待发送", "Waiting at most");
pub(super) const REFUSED: Both = both("被拒收", "Refused");
pub(super) const TROUBLE: Both = both("最近的问题", "Last trouble");
pub(super) const TOLD: Both = both("发送内容", "What it is told");
pub(super) const ABOUT: Both = both("关于", "About");
pub(super) const REASON: Both = both("原因", "Why");
pub(super) const AGAIN: Both = both("等待重新发送", "is sent again");

pub(super) const IS_PAUSED: Both = both("已暂停", "halted");
pub(super) const IN_TROUBLE: Both = both("有问题", "in trouble");
pub(super) const WORKS: Both = both("正常", "works");
pub(super) const NOTHING_YET: Both = both("尚无送达", "nothing taken yet");

pub(super) const TEST: Both = both("发送测试消息", "Send a test message");
pub(super) const PAUSE: Both = both("暂停", "Halt");
pub(super) const RESUME: Both = both("继续", "Go on");
pub(super) const RETRY: Both = both("重新发送被拒收的内容", "Send again what was refused");
pub(super) const REMOVE: Both = both("移除", "Remove");
pub(super) const REMOVE_NOTE: Both = both(
    "移除后不再发送任何内容，未送达和被拒收的记录以及密钥一并删除，不可恢复。",
    "It is told nothing from then on. What waits for it, what it refused and its secrets are deleted for good.",
);
pub(super) const ARRIVED: Both = both("测试消息已送达。", "The test message was taken.");
pub(super) const NOT_ARRIVED: Both = both("测试消息没有送达：", "The test message was not taken:");
pub(super) const NO_ANSWER: Both = both("没有及时答复", "there was no answer in time");
pub(super) const REFUSED_LETTERS: Both = both("被拒收的内容", "What it refused");

pub(super) const HOST: Both = both("服务器（主机名或 主机名:端口）", "Server (HOST or HOST:PORT)");
pub(super) const SECRET_ADDRESS: Both = both(
    "完整地址（https://…，保存后不再显示）",
    "Whole address (https://…; not shown again once it is kept)",
);
pub(super) const KEY: Both = both(
    "签名密钥（保存后不再显示）",
    "Signing key (not shown again once it is kept)",
);
pub(super) const KEY_OR_MADE: Both = both(
    "签名密钥（留空则自动生成，只显示一次）",
    "Signing key (without one, one is made and shown once)",
);
pub(super) const AUTHORITIES: Both = both(
    "信任的 CA 证书（PEM；留空则用系统的）",
    "Certificates of the CAs to trust (PEM; without any, those of the system)",
);
pub(super) const SERVER_AUTHORITIES: Both = both("服务器的 CA 证书（PEM）", "Certificate of the server's CA (PEM)");
pub(super) const FORM: Both = both("格式", "Form");
pub(super) const FROM: Both = both("最低严重程度", "Findings of this severity and worse");
pub(super) const LANGUAGE: Both = both("消息语言", "Language of messages");
pub(super) const AS_TEXT: Both = both("发送纯文本而不是卡片", "Text instead of a card");
pub(super) const FILE_NAMES: Both = both("向群里所有人显示文件名", "Tell files' names to everybody in the group");
pub(super) const EVERYTHING: Both = both(
    "发送已保存的全部内容，而不只是今后的变化",
    "Tell everything that is kept, not only what changes from now on",
);
pub(super) const MADE_KEY: Both = both(
    "签名密钥。请交给接收方用于验证签名；此页不会再次显示它。",
    "The signing key. Whoever receives the messages checks signatures with it; it is not shown again.",
);
pub(super) const MADE_KEY_LABEL: Both = both("签名密钥", "Signing key");

impl InWords for TargetKind {
    fn both(self) -> Both {
        match self {
            Self::Syslog => both("Syslog（TLS）", "Syslog over TLS"),
            Self::Webhook => both("Webhook", "Webhook"),
            Self::Wecom => both("企业微信群机器人", "WeCom group robot"),
            Self::Dingtalk => both("钉钉群机器人", "DingTalk group robot"),
            Self::Feishu => both("飞书群机器人", "Feishu group robot"),
        }
    }
}

impl InWords for Form {
    fn both(self) -> Both {
        match self {
            Self::Ocsf => both("OCSF（JSON）", "OCSF (JSON)"),
            Self::Cef => both("CEF", "CEF"),
        }
    }
}

impl InWords for About {
    fn both(self) -> Both {
        match self {
            Self::Finding => both("发现", "a finding"),
            Self::Device => both("设备", "a device"),
            Self::Audit => both("审计记录", "a line of the audit trail"),
        }
    }
}

/// Why a target was not added; what is behind it is told in English.
pub(super) const fn not_added(why: &NotAdded) -> Both {
    match why {
        NotAdded::Name => both(
            "名称须为 1 至 64 个可见字符。",
            "A name has 1 to 64 visible characters.",
        ),
        NotAdded::Address => both(
            "地址须为一行，最多 4096 字节。",
            "The address must be one line of at most 4096 bytes.",
        ),
        NotAdded::Key => both(
            "密钥须为一行，最多 4096 字节。",
            "The key must be one line of at most 4096 bytes.",
        ),
        NotAdded::SignsNothing(_) => both("此类对接不使用密钥。", "It signs nothing: leave out the key."),
        NotAdded::Authorities(_) => both("CA 证书无法使用：", "The CA's certificates cannot be used:"),
        NotAdded::Unusable(_) => both("无法使用：", "It cannot be used:"),
        NotAdded::Folder(_) => both("密钥无法保存：", "Its secrets cannot be kept:"),
        NotAdded::Store(_) => both("无法添加：", "It cannot be added:"),
    }
}
