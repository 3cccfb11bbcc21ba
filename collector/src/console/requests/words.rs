//! The texts of the pages about what people ask of their own data.

use fileward_policy::words::{Both, InWords, both};

use crate::store::corrections::Stage;

pub(in crate::console) const REQUESTS: Both = both("个人信息请求", "Data requests");
pub(super) const SEE: Both = both("查阅：与一个人有关的全部内容", "To see: what is kept of a person");
pub(super) const NAMES: Both = both(
    "姓名、登录名（用分号分隔）",
    "Names, log-in names (separated by semicolons)",
);
pub(super) const FIND: Both = both("查找", "Find");
pub(super) const FIND_NOTE: Both = both(
    "同一个人可能有多个名称：电脑登录名、登记中的姓名、控制台用户名。查找会写入审计，但不写姓名。",
    "One person can have several names: log-in names on PCs, the name in registers, that of the console. That you looked \
     is recorded in the audit trail, without the names.",
);
pub(super) const BAD_NAMES: Both = both("请输入 1 至 10 个名称。", "Give 1 to 10 names.");
pub(super) const PART: Both = both("内容", "Part");
pub(super) const NAME: Both = both("名称", "Name");
pub(super) const WHOSE: Both = both("归属", "Whose");
pub(super) const LIKENESS: Both = both("匹配", "Match");
pub(super) const SAME: Both = both("本人", "theirs");
pub(super) const WITHIN: Both = both(
    "仅包含该名称，可能是他人",
    "only contains the name: perhaps somebody else",
);
pub(super) const SHARED: Both = both("其他登录者", "others signed in");
pub(super) const FILING: Both = both("登记", "Filed");
pub(super) const APPLICATION: Both = both("申请", "Application");
pub(super) const USER: Both = both("控制台用户", "User of the console");
pub(super) const GIVE: Both = both("生成本人档案（下载）", "Give out the record (download)");
pub(super) const GIVE_NOTE: Both = both(
    "请先核实对方身份。档案每行一个 JSON 对象，他人的姓名已略去；共用设备的发现无法区分是谁的。所选设备的使用者会被告知有过导出。",
    "Make sure who asks. The record is one JSON object a line and leaves out the names of others; findings of a shared \
     device may be somebody else's. The users of each device are told that something was given out.",
);
pub(super) const NONE_CHOSEN: Both = both("没有选择任何内容。", "Nothing was selected.");

pub(super) const CORRECTIONS: Both = both("更正", "Corrections");
pub(super) const CORRECTION: Both = both("更正请求", "Correction");
pub(super) const ASK: Both = both("登记更正请求", "Write down a correction");
pub(super) const ASK_NOTE: Both = both(
    "上报的原文不会改动，更正结果写在旁边；登记册中错误的归属人会在接受后改正。",
    "What was reported stays as it was sent, and the correction stands beside it. A wrong owner in a register is changed \
     when the correction is accepted.",
);
pub(super) const ABOUT: Both = both("对象", "About");
pub(super) const PERSON: Both = both("提出人", "Who asks");
pub(super) const WRONG: Both = both("有误之处", "What is wrong");
pub(super) const WANTED: Both = both("希望改为", "What they want");
pub(super) const REASON: Both = both("理由", "Why");
pub(super) const NOT_THEIRS: Both = both(
    "错误的使用者名称（如有）",
    "Name that stands there and should not (if any)",
);
pub(super) const THEIRS: Both = both("正确的人（如有）", "Name that should stand there (if any)");
pub(super) const INSTEAD: Both = both("人员", "Whose");
pub(super) const NOBODY: Both = both("（无）", "(nobody)");
pub(super) const ASKED: Both = both("提出", "Asked");
pub(super) const DECIDED: Both = both("决定", "Decided");
pub(super) const ANSWER: Both = both(
    "处理结果或不改的理由（本人可在档案中看到）",
    "What was done, or why not (the person reads it in their record)",
);
pub(super) const ANSWERED: Both = both("答复", "Answer");
pub(super) const ACCEPT: Both = both("接受", "Accept");
pub(super) const REFUSE: Both = both("不接受", "Refuse");

impl InWords for Stage {
    fn both(self) -> Both {
        match self {
            Self::Asked => both("待决定", "waits"),
            Self::Accepted => both("已接受", "accepted"),
            Self::Refused => both("未接受", "refused"),
        }
    }
}
