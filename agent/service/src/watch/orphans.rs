//! Judged files in no place: their place vanished while the service did not run, perhaps because its folder was deleted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Event;
use super::open::{self, Root};
use super::outlet::Failure;
use super::reconcile::Sweeper;

/// Folders must be missing for so long before their files are gone.
const MISSING: Duration = Duration::from_secs(2);

impl Sweeper {
    /// Tells of judged files that lie in no place and are gone. A folder that is still there is merely watched no more.
    pub(super) fn orphans(&self) -> Result<(), Failure> {
        let territory = self.territory.get();
        let folders = self.baseline.every_folder()?.into_iter();
        let missing =
            folders.filter(|folder| territory.place_of(folder).is_none() && device_of_missing(folder).is_some());
        let missing: Vec<PathBuf> = missing.collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.inbox.pause(MISSING);
        for folder in missing {
            let Some(device) = device_of_missing(&folder) else {
                continue;
            };
            for (name, judged) in self.baseline.folder(&folder)? {
                if judged.stat.id.device == device {
                    self.outlet.send(Event::Orphaned(folder.join(name)))?;
                }
            }
        }
        Ok(())
    }
}

/// The device that `folder` would lie on; `None` when it is there or that cannot be told.
fn device_of_missing(folder: &Path) -> Option<u64> {
    let error = Root::open(folder).err()?;
    open::is_absent(&error).then(|| open::device_above(folder))?
}
