//! The console's own texts, Chinese and English side by side.

use fileward_policy::words::{Both, both};

pub(super) const PAGES: Both = both("页面", "Pages");
pub(super) const DOWNLOAD: Both = both("下载为表格（CSV）", "Download as a table (CSV)");
pub(super) const PARTS: Both = both("翻页", "Parts of the list");
pub(super) const TO_CONTENT: Both = both("跳到正文", "Skip to the content");
pub(super) const OVERVIEW: Both = both("总览", "Overview");
pub(super) const DEVICES: Both = both("设备", "Devices");
pub(super) const FINDINGS: Both = both("发现", "Findings");
pub(super) const PLACES: Both = both("监看位置", "Coverage");
pub(super) const POLICY: Both = both("策略", "Policy");
pub(super) const PEOPLE: Both = both("人员", "People");
pub(super) const TRAIL: Both = both("审计", "Audit trail");
pub(super) const LOG_IN: Both = both("登录", "Log in");
pub(super) const LOG_OUT: Both = both("退出", "Log out");
pub(super) const NAME: Both = both("用户名", "Name");
pub(super) const PASSWORD: Both = both("密码", "Password");
pub(super) const NEW_PASSWORD: Both = both("新密码（至少 12 个字符）", "New password (at least 12 characters)");
pub(super) const REPEAT_PASSWORD: Both = both("再次输入", "Once more");
pub(super) const SET_PASSWORD: Both = both("设置密码", "Set the password");
pub(super) const WELCOME: Both = both(
    "请为您的账户设置密码。此链接只能使用一次。",
    "Set a password for your account. This link works once.",
);
pub(super) const LINK_USED: Both = both(
    "此链接已失效或已被使用。请管理员运行 fileward-collector user link 用户名 重新生成。",
    "This link has been used or is too old. Ask an administrator for a new one: fileward-collector user link NAME.",
);
pub(super) const PASSWORDS_DIFFER: Both = both("两次输入不一致。", "The two passwords differ.");
pub(super) const WRONG: Both = both(
    "用户名或密码不正确，或账户暂时锁定。",
    "The name or the password is wrong, or the account is locked for a while.",
);
pub(super) const PASSWORD_SET: Both = both("密码已设置，请登录。", "The password is set. Log in.");

pub(super) const WAITING: Both = both("等待批准的设备", "devices wait for approval");
pub(super) const OPEN_FINDINGS: Both = both("未处理的发现", "open findings");
pub(super) const BOUND_DEVICES: Both = both("已绑定的设备", "bound devices");
pub(super) const FAULTY_PLACES: Both = both("监看受限的位置", "places watched less well");
pub(super) const PUT_RIGHT: Both = both("已解决", "resolved");
pub(super) const NOTHING: Both = both("没有符合条件的记录。", "Nothing matches.");

pub(super) const DEVICE: Both = both("设备", "Device");
pub(super) const MODEL: Both = both("型号", "Model");
pub(super) const SYSTEM: Both = both("操作系统", "System");
pub(super) const USERS: Both = both("登录用户", "Users");
pub(super) const BINDING: Both = both("绑定", "Binding");
pub(super) const GROUP: Both = both("组", "Group");
pub(super) const LAST_SEEN: Both = both("最近联系", "Last contact");
pub(super) const ENROLLED: Both = both("注册时间", "Enrolled");
pub(super) const VERSION: Both = both("客户端版本", "Agent");
pub(super) const POLICY_VERSION: Both = both("策略版本", "Policy version");
pub(super) const OPEN: Both = both("未处理", "Open");
pub(super) const APPROVE: Both = both("批准", "Approve");
pub(super) const SUSPEND: Both = both("暂停", "Suspend");
pub(super) const RETIRE: Both = both("停用", "Retire");
pub(super) const RETIRE_NOTE: Both = both(
    "停用后证书立即失效，不可恢复。",
    "Its certificate stops working at once, for good.",
);
pub(super) const ERASE: Both = both("彻底删除", "Delete for good");
pub(super) const ERASE_REASON: Both = both(
    "理由（永久写入审计，请勿写人名）",
    "Reason (it stays in the audit trail for ever: name nobody)",
);
pub(super) const ERASE_DEVICE_NOTE: Both = both(
    "删除这台设备及其全部发现、上报原文、登记历史和告知记录，不可恢复；审计记录保留。",
    "Deletes the device with all its findings, reports, history and disclosures. It cannot be undone; the audit trail stays.",
);
pub(super) const ERASE_USER_NOTE: Both = both(
    "删除账户；其经手记录中的姓名改为编号，审计记录保留姓名。不可恢复。",
    "Deletes the user. A number takes the place of the name in what they worked on; the audit trail keeps the name. It cannot be undone.",
);
pub(super) const OTHER_REPORTS: Both = both("其他报告", "Other reports");
pub(super) const COUNT_PUT_RIGHT: Both = both(
    "宽限期内已了结（整改，或说明为私人文件、误报）",
    "ended in time: put right, private or a false alarm",
);
pub(super) const COUNT_GIVEN_UP: Both = both("因队列已满而放弃的记录", "given up because the queue was full");
pub(super) const LEDGER_REBUILT: Both = both("本机台账已重建", "the device's ledger was rebuilt");
pub(super) const UNTIL: Both = both("至", "until");
pub(super) const HISTORY: Both = both("变更历史", "History");
pub(super) const FIRST_FINGERPRINT: Both = both("首次登记", "First registered");
pub(super) const ADAPTERS: Both = both("网卡", "Adapters");
pub(super) const BUILT_IN: Both = both("内置", "built in");
pub(super) const ADDED: Both = both("外接", "added");
pub(super) const USB: Both = both("USB", "USB");
pub(super) const VIRTUAL: Both = both("虚拟", "virtual");
pub(super) const TPM: Both = both("可信平台模块（TPM）", "TPM");
pub(super) const SECURE_BOOT: Both = both("安全启动", "Secure Boot");
pub(super) const SYSTEM_DRIVE: Both = both("系统盘", "System drive");
pub(super) const CLONE: Both = both(
    "疑似两台设备共用同一身份。请在其中一台上重新注册。",
    "Two devices seem to share this identity. Enrol one of them again.",
);
pub(super) const SERIAL: Both = both("序列号（加密摘要）", "Serial number (keyed hash)");
pub(super) const SYSTEM_UUID: Both = both("主板 UUID（加密摘要）", "System UUID (keyed hash)");
pub(super) const QUEUE: Both = both("待发送", "Waiting to be sent");
pub(super) const UNKNOWN_DETECTORS: Both = both(
    "客户端不认识、因此不查找的数据（请升级客户端）",
    "Data its agent does not know and does not look for (update the agent)",
);
pub(super) const CLOCK: Both = both("时钟偏差", "Clock offset");

pub(super) const FILE: Both = both("文件", "File");
pub(super) const RULE: Both = both("规则", "Rule");
pub(super) const SEVERITY: Both = both("严重程度", "Severity");
pub(super) const SENSITIVITY: Both = both("密级", "Sensitivity");
pub(super) const STATE: Both = both("状态", "State");
pub(super) const PLACE: Both = both("位置", "Place");
pub(super) const APP: Both = both("应用", "App");
pub(super) const KIND: Both = both("类型", "Kind");
pub(super) const SIZE: Both = both("大小", "Size");
pub(super) const ENCRYPTION: Both = both("加密", "Encryption");
pub(super) const EVIDENCE: Both = both("认定依据", "Evidence");
pub(super) const NO_EVIDENCE: Both = both(
    "无；按策略，该位置的文件一律视为工作文件",
    "none; the policy counts every file in this place",
);
pub(super) const DETECTIONS: Both = both("内容命中", "Detections");
pub(super) const FIRST_SEEN: Both = both("首次发现", "First seen");
pub(super) const DUE: Both = both("宽限截止", "Grace ended");
pub(super) const CHANGED: Both = both("最近变化", "Last change");
pub(super) const RESOLUTION: Both = both("处理结果", "Resolution");
pub(super) const ALSO: Both = both("同时违反", "Also breaks");
pub(super) const JUSTIFICATION: Both = both("员工说明", "The employee's reason");
pub(super) const EXEMPT: Both = both("豁免", "Exempt");
pub(super) const REOPEN: Both = both("重新打开", "Reopen");
pub(super) const REASON: Both = both(
    "理由（员工在自己的电脑上会看到）",
    "Reason (the employee reads it on their PC)",
);
pub(super) const LOOK_RECORDED: Both = both(
    "查看记录已写入审计。",
    "That you looked is recorded in the audit trail.",
);
pub(super) const NAME_HASHED: Both = both("（按策略不上报文件名）", "(names are not sent under this policy)");
pub(super) const STORE_ITSELF: Both = both("（存放处本身）", "(the store itself)");

pub(super) const SEARCH: Both = both("查找", "Search");
pub(super) const FILTER: Both = both("筛选", "Filter");
pub(super) const ANY: Both = both("全部", "any");
pub(super) const SINCE: Both = both("自", "Since");
pub(super) const COUNT: Both = both("数量", "Count");
pub(super) const NEXT: Both = both("下一页", "Next");
pub(super) const PREVIOUS: Both = both("上一页", "Previous");
pub(super) const PUBLISHED: Both = both("发布", "Published");
pub(super) const BY: Both = both("发布者", "By");
pub(super) const WHO: Both = both("谁", "Who");
pub(super) const WHEN: Both = both("时间", "When");
pub(super) const WHAT: Both = both("事项", "What");
pub(super) const ON: Both = both("对象", "On");
pub(super) const DETAIL: Both = both("说明", "Detail");
pub(super) const OF: Both = both("，共 ", " of ");

pub(super) const CAME: Both = both("新增", "new");
pub(super) const WENT: Both = both("了结", "ended");
pub(super) const NUMBERS: Both = both("查看数字", "Show the numbers");
pub(super) const PERIOD: Both = both("时段", "Period");
pub(super) const DAYS_30: Both = both("近 30 天", "30 days");
pub(super) const DAYS_90: Both = both("近 90 天", "90 days");
pub(super) const YEAR: Both = both("近一年（按周）", "A year, by week");
pub(super) const OTHERS: Both = both("其他", "others");
pub(super) const NO_APP: Both = both("不属于任何应用", "no app");
pub(super) const NO_GROUP: Both = both("未分组", "no group");
pub(super) const OPEN_BY_APP: Both = both("未处理的发现：按应用", "Open, by app");
pub(super) const OPEN_BY_GROUP: Both = both("未处理的发现：按组", "Open, by group");
pub(super) const OPEN_BY_SENSITIVITY: Both = both("未处理的发现：按密级", "Open, by sensitivity");
pub(super) const DEVICES_BY_BINDING: Both = both("设备：按绑定状态", "Devices, by binding");
pub(super) const TIME_TO_RESOLVE: Both = both("解决用时", "Time to resolve");
pub(super) const RESOLVED_WITHIN: [Both; 6] = [
    both("1 小时内", "within an hour"),
    both("8 小时内", "within 8 hours"),
    both("1 天内", "within a day"),
    both("3 天内", "within 3 days"),
    both("7 天内", "within a week"),
    both("更久", "longer"),
];
/// With the colour's class.
pub(super) const SEEN_WITHIN: [(Both, &str); 5] = [
    (both("1 小时内", "within an hour"), "good"),
    (both("1 天内", "within a day"), "good"),
    (both("7 天内", "within a week"), "poor"),
    (both("30 天内", "within 30 days"), "off"),
    (both("更久", "longer ago"), "off"),
];
pub(super) const WATCHED: Both = both("正常", "watched");
pub(super) const DEGRADED: Both = both("受限", "watched less well");
pub(super) const UNAVAILABLE: Both = both("不可用", "not to be had");
