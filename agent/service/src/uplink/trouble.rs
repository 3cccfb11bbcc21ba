//! What can be wrong with the contact to the collector, in words for the user.

use fileward_protocol::problem::Code;
use fileward_protocol::vocabulary::Language;

use super::bundle::Refused;
use super::client::Failure;
use super::link::LinkError;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The device was retired.
    Revoked,
    /// The collector does not know the device.
    UnknownDevice,
    /// Two devices share this identity.
    CloneSuspected,
    /// Another problem the collector named.
    Problem(Code),
    /// The request failed on its way: a technical sentence.
    Failed(String),
    /// A policy was refused; the former one stays in force.
    Policy(Refused),
    /// The ledger could not do its part.
    Ledger,
    /// The identity could not be kept.
    Identity(String),
}

impl Trouble {
    /// A sentence: what is wrong, and what to do.
    pub(crate) fn sentence(&self, language: Language) -> String {
        let (chinese, english) = self.both();
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }

    /// The sentence for the log.
    pub(crate) fn english(&self) -> String {
        self.both().1
    }

    fn both(&self) -> (String, String) {
        match self {
            Self::Revoked => (
                "本设备已被停用，不再上报；本机检查照常进行。请联系信息技术部门。".into(),
                "this device was retired and sends nothing; watching goes on. Ask your IT department.".into(),
            ),
            Self::UnknownDevice => (
                "服务器不认识本设备。请向信息技术部门索取新的注册码，然后运行 fileward-agent enrol --token -。".into(),
                "the collector does not know this device; get a new token from your IT department and run \"fileward-agent enrol --token -\"".into(),
            ),
            Self::CloneSuspected => (
                "另一台设备在使用本设备的身份（例如克隆的磁盘），已停止上报。请用新的注册码运行 fileward-agent enrol --token -。".into(),
                "another device uses this device's identity, such as a cloned disk; nothing is sent until you enrol again: run \"fileward-agent enrol --token -\" with a new token".into(),
            ),
            Self::Problem(code) => (
                format!("服务器拒绝了请求（{code}），稍后自动重试。"),
                format!("the collector refused the request ({code}); it is sent again later"),
            ),
            Self::Failed(what) => (format!("暂时无法上报，稍后自动重试：{what}"), format!("{what}; it is tried again later")),
            Self::Policy(refused) => (
                format!("新的策略未被采用，仍使用原有策略：{refused}"),
                format!("a new policy was refused and the former one stays in force: {refused}"),
            ),
            Self::Ledger => (
                "本机数据库暂时无法使用，稍后自动重试；详情见服务日志。".into(),
                "the database of this PC could not be used; it is tried again later, the service's log says more".into(),
            ),
            Self::Identity(what) => (format!("本机身份文件有问题：{what}"), format!("this device's identity: {what}")),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Problem { problem, .. } => match problem.code {
                Code::Revoked => Self::Revoked,
                Code::UnknownDevice => Self::UnknownDevice,
                Code::CloneSuspected => Self::CloneSuspected,
                code => Self::Problem(code),
            },
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<LinkError> for Trouble {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Identity(error) => Self::Identity(error.to_string()),
            LinkError::Failure(failure) => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_enrol_again_is_told_how_in_both_languages() {
        for trouble in [Trouble::UnknownDevice, Trouble::CloneSuspected] {
            for language in [Language::ZhCn, Language::En] {
                assert!(trouble.sentence(language).contains("fileward-agent enrol --token -"));
            }
        }
        assert_ne!(
            Trouble::Revoked.sentence(Language::ZhCn),
            Trouble::Revoked.sentence(Language::En)
        );
    }
}
