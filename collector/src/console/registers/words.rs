//! The texts of the registers and of applications, Chinese and English side by side.

use fileward_policy::words::{Both, InWords, both};

use crate::filing::Field;
use crate::store::applications::{Decision, Obstacle, State};
use crate::store::filings::Kind;

pub(in crate::console) const REGISTERS: Both = both("备案", "Registers");
pub(in crate::console) const APPLICATIONS: Both = both("备案申请", "Applications");
pub(super) const APPLICATION: Both = both("申请", "Application");
pub(super) const FORMS: Both = both("员工申请表", "Forms for employees");
pub(super) const REMINDERS: Both = both(
    "30 天内到期，或外部群应清理",
    "Ends within 30 days, or a group to be cleaned",
);
pub(super) const TO_CLEAN: Both = both(
    "已到期：请清理群内的工作文件，然后结束此项",
    "over: have the group's work files cleaned, then end it here",
);
pub(super) const ENDS: Both = both("到期", "ends");
pub(super) const FILED: Both = both("备案时间", "Filed");
pub(super) const FILED_BY: Both = both("备案人", "Filed by");
pub(super) const DOWNLOAD: Both = both("下载 CSV", "Download as CSV");
pub(super) const UPLOAD: Both = both("从 CSV 导入", "Import from CSV");
pub(super) const FILE: Both = both("CSV 文件（UTF-8）", "CSV file (UTF-8)");
pub(super) const PREVIEW: Both = both("仅预览", "Only tell what would be done");
pub(super) const IMPORTED: Both = both("已导入", "Imported");
pub(super) const PREVIEWED: Both = both("预览：未做任何更改", "A preview: nothing was done");
pub(super) const ADDED: Both = both("新增", "added");
pub(super) const ALTERED: Both = both("更改", "changed");
pub(super) const SAME: Both = both("不变", "unchanged");
pub(super) const NOTE: Both = both(
    "备注（批准人、委员会记录）",
    "Note (who approved, the committee's record)",
);
pub(super) const SAVE_NOTE: Both = both("保存备注", "Save the note");
pub(super) const END: Both = both("提前结束", "End it now");
pub(super) const REASON: Both = both("理由", "Reason");
pub(super) const PERSON: Both = both("申请人", "Who asks");
pub(super) const ASKED: Both = both("申请时间", "Asked");
pub(super) const LIFE: Both = both("经过", "Its life");
pub(super) const FOR_COMMITTEE: Both = both("（仅委员会可见）", "(for the committee alone)");
pub(super) const FORMS_NOTE: Both = both(
    "为每个部门组生成一个链接，发给员工。打开链接无需登录；链接只显示一次，到期自动失效。",
    "Make a link for each group and send it to the employees. They need no log-in. It is shown once and ends by itself.",
);
pub(super) const FORM_MADE: Both = both("链接已生成，只显示这一次：", "The link, shown this once:");
pub(super) const MAKE_FORM: Both = both("生成链接", "Make a link");
pub(super) const CLOSE_FORM: Both = both("停用", "Close");
pub(super) const NO_GROUP: Both = both(
    "请填写组名（最多 100 字）。",
    "Name a group, in at most 100 characters.",
);
pub(super) const BAD_FORM_END: Both = both(
    "截止日期应在今天起一年之内。",
    "The last day must lie ahead, by a year at most.",
);
pub(super) const NO_FILE: Both = both("没有收到文件。", "There was no file.");

/// What a field is called in a register.
pub(in crate::console) const fn label(kind: Kind, field: Field) -> Both {
    match (kind, field) {
        (_, Field::App) => both("聊天软件", "Chat app"),
        (Kind::Account | Kind::Limit, Field::Name) => both("账号（软件中的 ID）", "Account (its id in the app)"),
        (Kind::Exemption, Field::Name) => both(
            "项目文件夹名称或路径，如 展会 或 展会/*.pdf",
            "A project's folder or a path, such as Fair or Fair/*.pdf",
        ),
        (Kind::Group, Field::Name) => both("群名称", "Name of the group"),
        (_, Field::Size) => both("文件大小上限，如 200MB", "Largest file, such as 200MB"),
        (Kind::Group, Field::Owner) => both("负责人", "Who answers for it"),
        (_, Field::Owner) => both("使用人", "Whose it is"),
        (_, Field::Note) => both("用途", "What for"),
        (Kind::Group, Field::Until) => both("群的结束日期", "Last day of the group"),
        (_, Field::Until) => both("有效期至", "Last day"),
    }
}

/// What the button of a decision says.
pub(super) const fn decision(decision: Decision) -> Both {
    match decision {
        Decision::Approve => both("部门负责人批准", "Approve as head of department"),
        Decision::File => both("备案", "File it"),
        Decision::Refuse => both("不批准", "Refuse"),
        Decision::Withdraw => both("撤回申请", "Withdraw"),
    }
}

impl InWords for Kind {
    fn both(self) -> Both {
        match self {
            Self::Account => both("个人聊天账号", "Personal chat accounts"),
            Self::Limit => both("文件大小上限", "Larger files"),
            Self::Exemption => both("路径或项目豁免", "Exemptions by path or project"),
            Self::Group => both("外部群", "Groups with outsiders"),
        }
    }
}

impl InWords for State {
    fn both(self) -> Both {
        match self {
            Self::Asked => both("待部门负责人批准", "waits for the head of department"),
            Self::Approved => both("待委员会备案", "waits for the committee"),
            Self::Filed => both("已备案", "filed"),
            Self::Refused => both("未批准", "refused"),
            Self::Withdrawn => both("已撤回", "withdrawn"),
            Self::Ended => both("已结束", "ended"),
        }
    }
}

impl InWords for Obstacle {
    fn both(self) -> Both {
        match self {
            Self::NotThere => both(
                "没有这项申请，或链接已失效。",
                "There is no such application, or the link is closed.",
            ),
            Self::NotSo => both(
                "申请的状态已变，无法这样处理。",
                "As it stands, this cannot be decided.",
            ),
            Self::SamePerson => both(
                "您已作为部门负责人批准，须由另一人备案。",
                "You approved it for the department; somebody else must file it.",
            ),
            Self::Over => both("申请的期限已过。", "The time that is asked for is over."),
            Self::NoReason => both("不批准须写明理由。", "A refusal needs a reason."),
            Self::TooMany => both(
                "近期申请太多，请稍后再试。",
                "There were too many just now; try again later.",
            ),
            Self::Full => both(
                "豁免已达上限，请先结束一些。",
                "There are too many exemptions; end some first.",
            ),
        }
    }
}
