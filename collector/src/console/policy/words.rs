//! The texts of the policy desk, Chinese and English side by side.

use fileward_policy::words::{Both, both};

use crate::simulate::Change;

pub(super) const EDIT: Both = both("编辑策略", "Edit");
pub(super) const FORM: Both = both("常用设置", "Common settings");
pub(super) const SIMULATE: Both = both("试算", "Simulate");
pub(super) const COMPARE: Both = both("对比", "Compare");
pub(super) const CHECK: Both = both("检查并保存草稿", "Check and keep the draft");
pub(super) const DISCARD: Both = both("放弃草稿", "Discard the draft");
pub(super) const PUBLISH: Both = both("发布", "Publish");
pub(super) const DOCUMENT: Both = both("策略文本", "Document");
pub(super) const DRAFT: Both = both("我的草稿", "my draft");
pub(super) const VERSION: Both = both("版本", "Version");
pub(super) const FROM: Both = both("从", "From");
pub(super) const TO: Both = both("到", "To");
pub(super) const IN_FORCE: Both = both("生效中", "In force");
pub(super) const TRIALS: Both = both("试行中", "On trial");
pub(super) const VERSIONS: Both = both("全部版本", "All versions");
pub(super) const FOR: Both = both("适用于", "For");
pub(super) const WHY: Both = both("原因", "Why");
pub(super) const WHY_ASKED: Both = both("原因（一句话，必填，会保留）", "Why (a sentence; required and kept)");
pub(super) const WHY_MISSING: Both = both("请用一句话说明原因。", "Say in a sentence why.");
pub(super) const EVERYBODY: Both = both("所有人", "everybody");
pub(super) const ON_TRIAL: Both = both("试行中", "on trial");
pub(super) const TRIAL_ENDED: Both = both("试行结束于", "trial ended");
pub(super) const TO_EVERYBODY: Both = both("对所有人发布（结束所有试行）", "To everybody; this ends every trial");
pub(super) const TO_GROUPS: Both = both(
    "先在这些组试行（其他人保持原策略）：",
    "On trial to these groups; the others keep what they have:",
);
pub(super) const NO_GROUP_CHOSEN: Both = both("请至少选择一个试行的组。", "Choose at least one group for the trial.");
pub(super) const WITHIN_A_MINUTE: Both = both(
    "在线的客户端会在一分钟内收到。",
    "Agents that are online have it within a minute.",
);
pub(super) const ROLL_BACK: Both = both(
    "回退到此版本（作为新版本发布）",
    "Roll back: publish this document again",
);
pub(super) const TRIAL_TO_EVERYBODY: Both = both("对所有人发布", "Publish to everybody");
pub(super) const WITHDRAW: Both = both("撤回试行", "Withdraw the trial");
pub(super) const NOT_VALID_ANY_MORE: Both = both(
    "当前版本的服务器无法接受这份旧策略；请复制到编辑器中修改。",
    "This collector does not accept that document; copy it into the editor and mend it.",
);
pub(super) const NO_SUCH_ACT: Both = both("没有这个操作。", "There is no such thing to do.");
pub(super) const TOO_LONG: Both = both(
    "策略文本过长（上限 256 KB）。",
    "The document is too long; at most 256 KB.",
);
pub(super) const DRAFT_OF: Both = both("您的草稿，保存于", "Your draft, kept since");
pub(super) const FROM_IN_FORCE: Both = both("以生效中的版本为起点：", "Starting from the version in force:");
pub(super) const OVERTAKEN: Both = both(
    "草稿保存之后已有新版本发布，请先对比：版本",
    "Another version was published after this draft was kept; compare before you publish. Version",
);
pub(super) const FINE: Both = both("没有错误，可以发布：", "Nothing is wrong; it can be published:");
pub(super) const FAULTS: Both = both(
    "处错误，修正后才能发布。",
    "faults; it can be published once they are mended.",
);
pub(super) const LINE: Both = both("行", "Line");
pub(super) const HIDDEN: Both = both(
    "文本中有看不见的字符（可能改变显示顺序），请检查第几行：",
    "Something that is not seen stands in the text and can change how it looks; see line",
);
pub(super) const NO_DIFFERENCE: Both = both("两者相同。", "They are the same.");

pub(super) const FORM_NOTE: Both = both(
    "只改动您修改的值，文本中的注释、顺序和其他设置保持不变。各组的例外请在文本中编辑。",
    "Only what you change is changed; comments, order and everything else stay. Groups' exceptions are edited in the text.",
);
pub(super) const INTO_DOCUMENT: Both = both("写入草稿", "Write into the draft");
pub(super) const MEND_FIRST: Both = both(
    "请先在文本中修正错误，再使用此表单：",
    "Mend the document's faults in the text first:",
);
pub(super) const PLACES_AND_GRACE: Both = both("位置与宽限期", "Places and grace");
pub(super) const GRACE_NOTE: Both = both(
    "例如 30m、24h、7d；留空表示不监看该位置。",
    "Such as 30m, 24h, 7d; empty: the place is not watched.",
);
pub(super) const DESKTOP: Both = both("桌面", "Desktop");
pub(super) const DOWNLOADS: Both = both("下载", "Downloads");
pub(super) const CHAT_CACHE: Both = both("聊天缓存", "Chat caches");
pub(super) const PERSONAL_CLOUD: Both = both("个人网盘", "Personal clouds");
pub(super) const COMPANY_APPS: Both = both("企业聊天应用", "Company chat apps");
pub(super) const PERSONAL_APPS: Both = both("个人聊天应用", "Personal chat apps");
pub(super) const WHEN_UNSURE: Both = both("没有依据时", "Without evidence");
pub(super) const COUNT: Both = both("视为工作文件", "count as a work file");
pub(super) const ASK: Both = both("询问员工", "ask the employee");
pub(super) const IGNORE: Both = both("忽略", "leave alone");
pub(super) const WHAT_COUNTS: Both = both("认定与密级", "What counts, and how it is graded");
pub(super) const LINES_NOTE: Both = both("每行一个。", "One a line.");
pub(super) const COMPANY_NAMES: Both = both("公司名称", "Company names");
pub(super) const CORE_SECRET_KEYWORDS: Both = both("核心商业秘密关键词", "Keywords: core secret");
pub(super) const INTERNAL_KEYWORDS: Both = both("内部资料关键词", "Keywords: internal");
pub(super) const RULES_AND_REPORTS: Both = both("规则与上报", "Rules and reports");
pub(super) const SIZE_LIMIT: Both = both("聊天文件大小上限（留空不限制）", "Size limit in chat (empty: none)");
pub(super) const STALE_AFTER: Both = both("缓存滞留期限（留空不检查）", "Stale in chat after (empty: never)");
pub(super) const SEND_NAMES: Both = both("文件名", "File names");
pub(super) const NAMES: Both = both("上报名称", "are sent");
pub(super) const HASHES: Both = both("只上报加密摘要", "only as keyed hashes");

pub(super) const SIMULATE_NOTE: Both = both(
    "用草稿（没有草稿时用生效中的策略）重新判断服务器保存的最近 30 天的发现。不发布任何内容。",
    "Judges the findings that the collector holds of the last 30 days by your draft, or by what is in force while you have none. Nothing is published.",
);
pub(super) const SIMULATE_DRAFT: Both = both("试算草稿", "Simulate the draft");
pub(super) const SIMULATION_BUSY: Both = both(
    "已有试算在运行，请稍后再试。",
    "A simulation is running already. Try again in a moment.",
);
pub(super) const SIMULATION_FAILED: Both = both("试算未能完成，请重试。", "The simulation failed. Try again.");
pub(super) const RUNNING: Both = both("正在试算，已判断：", "It runs. Findings judged so far:");
pub(super) const RENEWS_ITSELF: Both = both("此页会自动刷新。", "This page renews itself.");
pub(super) const RENEW: Both = both("立即刷新", "Renew it");
pub(super) const SIMULATED_AT: Both = both("试算时间", "Simulated");
pub(super) const BY: Both = both("按", "By ");
pub(super) const NOT_KNOWN: Both = both("试算不能说明的", "What this cannot say");
pub(super) const NO_INVENTORY: Both = both(
    "服务器没有文件清单，只有各电脑上报的发现和监看位置的数目。原策略下不是发现的文件留在员工电脑上，草稿会新增多少发现无从得知；请先在一个组试行。",
    "The collector has no inventory of files: only findings, and how many places are watched. Files that were no finding stay on the PCs, so nobody can say here what the draft would find besides. Publish it to one group first.",
);
pub(super) const WHY_NOT_TOLD: Both = both(
    "“无法判断”：发现只带有依据的种类和数目，不带命中的内容、路径、账号和时间；当草稿查找的内容与原策略不同时，结果可能是其一也可能是其二。",
    "\"Cannot be told\": a finding carries kinds of evidence and counts, never the words, the path, the account or the age. Where the draft looks for something else than the former policy did, either can be true.",
);
pub(super) const PLACES: Both = both("监看位置的变化", "Places watched otherwise");
pub(super) const PLACES_LEFT: Both = both("不再监看的位置", "places no longer watched:");
pub(super) const PLACES_BEGUN: Both = both("开始查找的电脑", "looked for on more devices:");
pub(super) const EXAMPLES: Both = both("示例", "Examples");
pub(super) const WHAT_CHANGES: Both = both("变化", "Change");
pub(super) const BEFORE: Both = both("原来", "Before");
pub(super) const AFTER: Both = both("之后", "After");

/// What becomes of findings.
pub(super) const fn change(change: Change) -> Both {
    match change {
        Change::Stays => both("不变", "stay"),
        Change::Severity => both("严重程度改变", "other severity"),
        Change::Rule => both("规则改变", "other rule"),
        Change::Asked => both("改为询问员工", "asked first"),
        Change::Vanishes => both("消失", "vanish"),
        Change::CannotBeTold => both("无法判断", "cannot be told"),
    }
}
