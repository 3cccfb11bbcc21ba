//! What a visitor may see of devices and findings. What lies outside is not there for them: it is not found.

use fileward_protocol::ids::{DeviceId, FindingId};

use super::Console;
use super::oops::Oops;
use super::visitor::Visitor;
use crate::store::Scope;
use crate::store::devices::DeviceRow;
use crate::store::findings::FindingRow;

impl Visitor {
    /// What they may see; every filter begins with it.
    pub(super) fn scope(&self) -> Scope {
        self.user.scope()
    }
}

impl Console {
    /// The device, if the visitor may see it.
    pub(super) async fn device(&self, visitor: &Visitor, id: DeviceId) -> Result<DeviceRow, Oops> {
        let row = self.store.device(id).await?;
        row.filter(|row| visitor.scope().holds(row.group.as_deref()))
            .ok_or(Oops::NotFound(visitor.language))
    }

    /// The finding, if the visitor may see it.
    pub(super) async fn finding(&self, visitor: &Visitor, device: DeviceId, id: FindingId) -> Result<FindingRow, Oops> {
        let row = self.store.finding(device, id).await?;
        row.filter(|row| visitor.scope().holds(row.group.as_deref()))
            .ok_or(Oops::NotFound(visitor.language))
    }
}
