//! Components: containers of streams.

use super::Store;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A request's name for one of its tenant's components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentName<'a> {
    /// The id its owner chose: a MAC address, a serial number.
    Id(&'a str),
    /// The uid it was given.
    Uid(&'a str),
}

/// A request's name for one of its tenant's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamName<'a> {
    /// The ids their owner chose.
    Ids {
        /// The component's.
        comp_id: &'a str,
        /// The stream's, within the component.
        stream_id: &'a str,
    },
    /// The uids they were given.
    Uids {
        /// The component's.
        component: &'a str,
        /// The stream's.
        stream: &'a str,
    },
}

/// A component as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ComponentRow {
    pub(crate) id: i64,
    pub(crate) comp_id: String,
    pub(crate) uid: String,
    pub(crate) name: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) created_ms: i64,
}

impl ComponentName<'_> {
    pub(super) fn text(&self) -> &str {
        match self {
            ComponentName::Id(text) | ComponentName::Uid(text) => text,
        }
    }
}

impl std::fmt::Display for ComponentName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::query::clip(self.text()))
    }
}

impl Store {
    /// A tenant's component, or `None`.
    pub(crate) async fn component(
        &self,
        tenant: &str,
        name: ComponentName<'_>,
    ) -> Result<Option<ComponentRow>, sqlx::Error> {
        let statement = match name {
            ComponentName::Id(_) => {
                "SELECT id, comp_id, uid, name, timezone, created_ms FROM components WHERE tenant = ? AND comp_id = ?"
            }
            ComponentName::Uid(_) => {
                "SELECT id, comp_id, uid, name, timezone, created_ms FROM components WHERE tenant = ? AND uid = ?"
            }
        };
        let row = sqlx::query(statement)
            .bind(tenant)
            .bind(name.text())
            .fetch_optional(&self.reads)
            .await?;
        row.map(|row| component_row(&row)).transpose()
    }

    /// Some of a tenant's components, in the order they were made, and how many there are.
    pub(crate) async fn components(
        &self,
        tenant: &str,
        start: u32,
        limit: u32,
    ) -> Result<(Vec<ComponentRow>, i64), sqlx::Error> {
        let rows = sqlx::query(
            "SELECT id, comp_id, uid, name, timezone, created_ms FROM components
             WHERE tenant = ? ORDER BY id LIMIT ? OFFSET ?",
        )
        .bind(tenant)
        .bind(limit)
        .bind(start)
        .fetch_all(&self.reads)
        .await?;
        let total = sqlx::query_scalar("SELECT count(*) FROM components WHERE tenant = ?")
            .bind(tenant)
            .fetch_one(&self.reads)
            .await?;
        let rows: Result<_, _> = rows.iter().map(component_row).collect();
        Ok((rows?, total))
    }
}

fn component_row(row: &SqliteRow) -> Result<ComponentRow, sqlx::Error> {
    Ok(ComponentRow {
        id: row.try_get(0)?,
        comp_id: row.try_get(1)?,
        uid: row.try_get(2)?,
        name: row.try_get(3)?,
        timezone: row.try_get(4)?,
        created_ms: row.try_get(5)?,
    })
}
