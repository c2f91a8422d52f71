//! The room left before the file is full.

use super::write::Write;
use sqlx::sqlite::SqliteConnection;

/// The room that a group of writes may fill. It is reckoned from what the writes hold in memory, which is more than a
/// sample takes on disk and less than a new stream does: the file may pass its bound by as much as one group writes,
/// and no further.
pub(super) struct Room {
    left_bytes: u64,
}

impl Room {
    /// Returns the room of a file that may have `bytes_max` bytes. Pages that deletions left empty are room; the file
    /// keeps them.
    pub(super) async fn of(connection: &mut SqliteConnection, bytes_max: u64) -> Result<Room, sqlx::Error> {
        let used: i64 = sqlx::query_scalar(
            "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        )
        .fetch_one(connection)
        .await?;
        let used = u64::try_from(used).unwrap_or(0);
        Ok(Room {
            left_bytes: bytes_max.saturating_sub(used),
        })
    }

    /// Takes the room of a write, and returns whether it fits. A deletion always does.
    pub(super) fn takes(&mut self, write: &Write) -> bool {
        if matches!(write, Write::Erase(_) | Write::EraseComponent(_)) {
            return true;
        }
        let left = self.left_bytes.checked_sub(write.bytes() as u64);
        self.left_bytes = left.unwrap_or(self.left_bytes);
        left.is_some()
    }
}
