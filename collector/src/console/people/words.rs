//! The texts of the pages about people.

use fileward_policy::words::{Both, InWords, both};

use crate::store::people::{BadName, Role};

pub(super) const ROLE: Both = both("角色", "Role");
pub(super) const GROUPS: Both = both("部门（设备组）", "Groups of devices");
pub(super) const GROUPS_HINT: Both = both(
    "用分号分隔。部门负责人只能看到这些组的设备和发现；没有组则什么也看不到。",
    "Separated by semicolons. A head of department sees the devices and findings of these groups, and nothing without a group.",
);
pub(super) const LAST_LOG_IN: Both = both("最近登录", "Last log-in");
pub(super) const ADD: Both = both("添加用户", "Add a user");
pub(super) const SAVE: Both = both("保存", "Save");
pub(super) const DISABLE: Both = both("停用账户", "Disable");
pub(super) const ENABLE: Both = both("恢复账户", "Enable");
pub(super) const UNLOCK: Both = both("解除锁定", "Unlock");
pub(super) const NEW_LINK: Both = both("生成新的密码链接", "Make a link for a new password");
pub(super) const END_SESSIONS: Both = both("退出其所有登录", "Log out everywhere");
pub(super) const LINK: Both = both("一次性链接", "One-time link");
pub(super) const LINK_NOTE: Both = both(
    "请通过可靠的途径把此链接交给本人。72 小时内有效，只能使用一次，且此页不会再次显示它。",
    "Hand this link to the person by a way you trust. It works once, within 72 hours, and is not shown again.",
);
pub(super) const IS_DISABLED: Both = both("已停用", "disabled");
pub(super) const IS_LOCKED: Both = both("暂时锁定", "locked for a while");
pub(super) const NO_PASSWORD: Both = both("尚未设置密码", "no password yet");
pub(super) const WITH_CODE: Both = both("使用动态验证码", "logs in with a code");
pub(super) const FORGET_CODE: Both = both("重置动态验证码", "Reset the code");
pub(super) const MAY_LOG_IN: Both = both("可以登录", "may log in");

const BAD_NAME: Both = both(
    "名称须为 1 至 64 个可见字符。",
    "A name has 1 to 64 characters, all of which can be seen.",
);
const TOO_MANY_GROUPS: Both = both("一个用户最多 100 个组。", "Nobody has more than 100 groups.");

/// Why a name is not taken.
pub(super) const fn bad_name(why: BadName) -> Both {
    match why {
        BadName::Name => BAD_NAME,
        BadName::TooMany => TOO_MANY_GROUPS,
    }
}

impl InWords for Role {
    fn both(self) -> Both {
        match self {
            Self::Administrator => both("管理员", "administrator"),
            Self::SecurityOfficer => both("安全员", "security officer"),
            Self::HeadOfDepartment => both("部门负责人", "head of department"),
            Self::ItOperator => both("IT 运维", "IT operator"),
            Self::Auditor => both("审计员", "auditor"),
        }
    }
}
