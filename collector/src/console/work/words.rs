//! The texts of work on findings, Chinese and English side by side.

use fileward_policy::words::{Both, InWords, both};
use fileward_protocol::vocabulary::Language;

use crate::store::ladder::{BadLadder, StepName};
use crate::store::work::{Hindrance, Judged, Worked};

pub(super) const ACKNOWLEDGE: Both = both("受理", "Acknowledge");
pub(super) const COMMENT: Both = both("备注", "Comment");
pub(super) const ASSIGN: Both = both("指派", "Assign");
pub(super) const NOBODY: Both = both("（无人）", "(nobody)");
pub(super) const ESCALATE: Both = both("升级处理", "Escalate");
pub(super) const ACCEPT: Both = both("认可", "Accept");
pub(super) const REFUSE: Both = both("不认可", "Refuse");
pub(super) const NOTE: Both = both("说明（选填，仅公司内部可见）", "Note (optional, for the company only)");
pub(super) const TEXT: Both = both("内容（仅公司内部可见）", "Text (for the company only)");
pub(super) const UNTIL: Both = both("到期日（选填，最长三年）", "Until (optional, three years at most)");
pub(super) const STEP: Both = both("处理措施", "Step");
pub(super) const SUGGESTED: Both = both("建议", "suggested");
pub(super) const WORK: Both = both("处理", "Work");

pub(super) const ASSIGNEE: Both = both("负责人", "Assigned to");
pub(super) const ACKNOWLEDGED: Both = both("受理时间", "Acknowledged");
pub(super) const TAKEN: Both = both("已采取的措施", "Step taken");
pub(super) const EXEMPT_UNTIL: Both = both("豁免至", "Exempted until");
pub(super) const JUDGED: Both = both("对员工答复的认定", "The answer was");
pub(super) const REPEAT: Both = both(
    "90 天内第几次（本设备、本规则）",
    "Repeat within 90 days (this device, this rule)",
);

pub(in crate::console) const ANSWERS: Both = both("员工答复", "Answers");
pub(super) const ANSWER: Both = both("答复", "Answer");
pub(super) const ANSWERS_NOTE: Both = both(
    "员工已作答复、等待公司认定的发现，先来先办。认可后状态不变；不认可则在员工电脑上重新打开。",
    "What employees answered and the company has not judged, oldest first. Accepting leaves the finding as it is; refusing \
     opens it again, on the PC too.",
);

pub(in crate::console) const RULES: Both = both("规则准确率", "Rules");
pub(super) const PRECISION: Both = both("准确率", "Precision");
pub(super) const PRECISION_NOTE: Both = both(
    "准确率 = 判对 ÷（判对 + 判错）。判对：员工已整改、说明被认可、答复未被认可。判错：认可为私人文件或误报。\
     未定的发现（待处理、已豁免、未认定、自行消失）不计入。每个发现只计一次。宽限期内了结的只有数量，不在其中。",
    "Precision = right ÷ (right + wrong). Right: put right by the employee, a reason that was accepted, an answer that was \
     refused. Wrong: accepted as a private file or a false alarm. What is undecided (open, exempted, not judged, ended by \
     itself) does not count. Each finding counts once. What ended during its grace is known as a number only and is not in it.",
);
pub(super) const FINDINGS: Both = both("发现", "Findings");
pub(super) const PUT_RIGHT: Both = both("已整改", "Put right");
pub(super) const JUSTIFIED: Both = both("说明被认可", "Reason accepted");
pub(super) const REFUSED: Both = both("答复未被认可", "Answer refused");
pub(super) const PRIVATE: Both = both("认可为私人文件", "Private file");
pub(super) const FALSE_ALARM: Both = both("认可为误报", "False alarm");
pub(super) const UNDECIDED: Both = both("未定", "Undecided");
pub(super) const ALL_APPS: Both = both("合计", "all");

pub(super) const LADDER: Both = both("处理阶梯", "Ladder");
pub(super) const LADDER_NOTE: Both = both(
    "达到次数时，系统建议该措施；是否采取由人决定。次数按同一设备、同一规则、90 天内计算，已豁免和已认可的不计。\
     已采取的措施不因修改而改变。留空的行不保存。",
    "A step is suggested from its repeat on; a person takes it. Repeats are counted by device and rule within 90 days, without \
     what was exempted or accepted. Steps that were taken stay as they were. Empty rows are left out.",
);
pub(super) const CHINESE: Both = both("中文名称", "Name in Chinese");
pub(super) const ENGLISH: Both = both("英文名称", "Name in English");
pub(super) const FROM_REPEAT: Both = both("自第几次起建议", "Suggested from repeat");
pub(super) const SAVE: Both = both("保存", "Save");

pub(super) const PURPOSE: Both = both("查看目的", "Why do you look?");
pub(super) const PURPOSE_NOTE: Both = both(
    "您将查看一台设备的使用者的发现。请先说明目的；目的会写入审计，并在本次登录中对该设备保留 30 分钟。",
    "You are about to see the findings of one device's user. Say for what. It is written into the audit trail and holds for this \
     device and this log-in for 30 minutes.",
);
pub(super) const PURPOSE_TEXT: Both = both(
    "补充说明（选择“其他”时必填）",
    "More about it (needed with \"something else\")",
);
pub(super) const GO_ON: Both = both("继续", "Go on");

pub(super) const SELECTED: Both = both("批量处理的结果", "What was done");
pub(super) const CHANGED: Both = both("已处理", "done");
pub(super) const NOT_CHANGED: Both = both("未处理", "not done");
pub(super) const WHY: Both = both("原因", "Why");
pub(super) const NONE_SELECTED: Both = both("没有选择任何发现。", "No finding was selected.");
pub(super) const TOO_MANY: Both = both("一次最多处理一页。", "No more than one page at once.");
pub(super) const NO_SUCH_ACT: Both = both("没有这种操作。", "There is no such action.");

impl InWords for Worked {
    fn both(self) -> Both {
        match self {
            Self::Acknowledged => both("已受理", "acknowledged"),
            Self::Commented => both("备注", "comment"),
            Self::Assigned => both("指派", "assigned"),
            Self::Escalated => both("升级处理", "escalated"),
            Self::AnswerAccepted => both("答复已认可", "answer accepted"),
            Self::AnswerRefused => both("答复未认可", "answer refused"),
        }
    }
}

impl InWords for Judged {
    fn both(self) -> Both {
        match self {
            Self::Accepted => both("认可", "accepted"),
            Self::Refused => both("不认可", "refused"),
        }
    }
}

impl InWords for Hindrance {
    fn both(self) -> Both {
        match self {
            Self::NotThere => both("没有这个发现。", "There is no such finding."),
            Self::Resolved => both("已解决，无需处理。", "It is resolved; there is nothing to decide."),
            Self::NotOpen => both("不是待处理状态。", "It is not open."),
            Self::Already => both("已经如此。", "It stands so already."),
            Self::NoAnswer => both(
                "没有等待认定的员工答复。",
                "There is no answer of the employee to judge.",
            ),
            Self::Excused => both(
                "已豁免或已认可，不应升级处理。",
                "It was exempted, or the answer accepted; there is nothing to escalate.",
            ),
            Self::NoText => both("请填写理由或内容。", "A reason or a text is needed."),
            Self::BadDate => both(
                "到期日须在将来，且不超过三年。",
                "The end of an exemption must lie ahead, by three years at most.",
            ),
            Self::NoSuchUser => both(
                "没有这个用户，或其无权查看发现。",
                "There is no such user, or they may not see findings.",
            ),
            Self::NoSuchStep => both("处理阶梯中没有这一措施。", "The ladder has no such step."),
        }
    }
}

impl InWords for BadLadder {
    fn both(self) -> Both {
        match self {
            Self::Length => both("处理阶梯须有 1 至 8 级。", "A ladder has 1 to 8 steps."),
            Self::Name => both(
                "每一级须有中文和英文名称，各不超过 40 个字符。",
                "Each step needs a name in Chinese and in English, of 40 characters at most.",
            ),
            Self::Twice => both("有两级同名。", "Two steps have the same name."),
            Self::Repeats => both(
                "次数须为 1 至 100，并逐级递增。",
                "Repeats are 1 to 100 and rise from step to step.",
            ),
        }
    }
}

/// A step's name in one language.
pub(super) fn step_name(name: &StepName, language: Language) -> &str {
    match language {
        Language::ZhCn => &name.zh_cn,
        Language::En => &name.en,
    }
}
