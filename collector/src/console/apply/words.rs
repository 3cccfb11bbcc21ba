//! The texts of the employees' form, Chinese and English side by side.

use fileward_policy::words::{Both, both};

use crate::store::filings::Kind;

pub(super) const TITLE: Both = both("备案申请", "Apply for filing");
pub(super) const YOUR_NAME: Both = both("您的姓名", "Your name");
pub(super) const SEND: Both = both("提交申请", "Send");
pub(super) const SENT: Both = both("申请编号", "Application");
pub(super) const KEEP: Both = both(
    "请收藏本页地址：只有凭此地址才能查看进度或撤回申请。",
    "Keep the address of this page: with it alone you can see how far it is, or withdraw.",
);
pub(super) const WITHDRAW: Both = both("撤回申请", "Withdraw");
pub(super) const CLOSED: Both = both(
    "此链接已失效。请向部门负责人或安全员索取新的链接。",
    "This link is closed. Ask your head of department or the security officer for another.",
);
pub(super) const ANOTHER: Both = both("要申请什么？", "What is it about?");
pub(super) const NAME_MISSING: Both = both(
    "请填写姓名（最多 200 字）。",
    "Write your name, in at most 200 characters.",
);
pub(super) const REASON_MISSING: Both = both("请写明用途。", "Say what it is for.");
pub(super) const ACCOUNT_HINT: Both = both(
    "微信：填写账号文件夹名称中的账号，不含末尾的下划线和四位字符，例如文件夹 wxid_abc_1a2b 填写 wxid_abc。",
    "WeChat: as in the name of the account's folder, without the last underscore and the four characters after it: wxid_abc for the \
     folder wxid_abc_1a2b.",
);
/// What is kept and why, in plain words.
pub(super) const PRIVACY: [Both; 3] = [
    both(
        "公司会保存：您填写的内容、部门、时间和审批经过，用于备案审批和到期提醒。公司规定的保存期满后彻底删除。",
        "The company keeps what you write here, your group, the times and who decided, in order to decide and to remind of \
         the end. When the company's time for keeping it is over, it is deleted for good.",
    ),
    both(
        "部门负责人看不到账号 ID；只有安全员能看到，每次查看都有记录。员工电脑只收到账号的加密代号。",
        "Your head of department does not see an account's id. Security officers do, and each look is recorded. PCs get only \
         a keyed pseudonym of it.",
    ),
    both(
        "备案不会让公司读取聊天内容：Fileward 从不读取消息。",
        "Filing lets nobody read your chats: Fileward never reads messages.",
    ),
];

/// What each register is for, in plain words.
pub(super) const fn about(kind: Kind) -> Both {
    match kind {
        Kind::Account => both(
            "用个人聊天账号处理工作，须先备案。",
            "A personal chat account may be used for work once it is filed.",
        ),
        Kind::Limit => both(
            "需要用某个账号传送更大的文件时申请。",
            "For an account by which larger files must be sent.",
        ),
        Kind::Exemption => both(
            "某个项目的文件需要在一段时间内不受限制时申请。填写文件夹名称即可，不要填写完整路径。",
            "For a project whose files must be left alone for a time. The folder's name is enough; write no whole path.",
        ),
        Kind::Group => both(
            "与公司外部人员的聊天群须登记负责人和结束日期；到期后清理群内工作文件。",
            "A chat group with people from outside needs somebody who answers for it and an end, when its work files are \
             cleaned.",
        ),
    }
}
