//! What robots say, Chinese and English side by side.

use fileward_policy::words::{Both, both};

pub(super) const OPEN: Both = both("未处理的发现", "open findings");
pub(super) const NO_GROUP: Both = both("未分组", "no group");
pub(super) const MORE: Both = both("其他", "others");
pub(super) const LOOK: Both = both("到控制台查看", "See them in the console");
pub(super) const TEST: Both = both("测试消息", "test message");
pub(super) const WORKS: Both = both("收到此消息，说明机器人可用。", "This message arrived: the robot works.");
pub(super) const CONSOLE: Both = both("打开控制台", "Open the console");
