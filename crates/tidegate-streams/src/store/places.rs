//! The targets of a batch's samples: existing components and streams, and those it makes.

use super::stream::{self, STREAMS_PER_COMPONENT_MAX, StreamRow};
use super::stream_kind::Rhythm;
use super::value::ValueKind;
use super::write::{ApplyError, StreamKey};
use crate::uid;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::Arc;

/// The most components one tenant may have. A PUT that would make more is refused.
pub const COMPONENTS_PER_TENANT_MAX: usize = 100_000;

/// A batch's components, each looked up once, and how many there are of everything that is bounded.
pub(super) struct Places<'a> {
    tenant: &'a str,
    now_ms: i64,
    bounds: Bounds,
    known: HashMap<Arc<str>, i64>,
    components: Option<usize>,
    streams: HashMap<i64, usize>,
}

/// The bounds, in one place so that tests can meet them with small ones.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) components_max: usize,
    pub(super) streams_max: usize,
}

impl<'a> Places<'a> {
    pub(super) fn of(tenant: &'a str, now_ms: i64) -> Places<'a> {
        let bounds = Bounds {
            components_max: COMPONENTS_PER_TENANT_MAX,
            streams_max: STREAMS_PER_COMPONENT_MAX,
        };
        Places::within(bounds, tenant, now_ms)
    }

    pub(super) fn within(bounds: Bounds, tenant: &'a str, now_ms: i64) -> Places<'a> {
        Places {
            tenant,
            now_ms,
            bounds,
            known: HashMap::new(),
            components: None,
            streams: HashMap::new(),
        }
    }

    /// A stream, made with this type if it is new. One that is new and has no value is not made: `None`.
    pub(super) async fn stream(
        &mut self,
        tx: &mut SqliteConnection,
        key: &StreamKey,
        kind: Option<ValueKind>,
    ) -> Result<Option<StreamRow>, ApplyError> {
        let there = match self.look_up(tx, &key.comp_id).await? {
            Some(component) => stream::find(tx, component, &key.stream_id).await?,
            None => None,
        };
        if there.is_none() && kind.is_none() {
            return Ok(None);
        }
        let component = self.component(tx, &key.comp_id, key.comp_name.as_deref()).await?;
        match (there, kind) {
            (None, Some(kind)) => Ok(Some(self.make_stream(tx, component, key, kind).await?)),
            (there, _) => Ok(there),
        }
    }

    /// A component's key in the table, made if it is new, and named if a name is given.
    pub(super) async fn component(
        &mut self,
        tx: &mut SqliteConnection,
        comp_id: &Arc<str>,
        name: Option<&str>,
    ) -> Result<i64, ApplyError> {
        if let Some(component) = self.look_up(tx, comp_id).await? {
            if let Some(name) = name {
                sqlx::query("UPDATE components SET name = ?1 WHERE id = ?2 AND name IS NOT ?1")
                    .bind(name)
                    .bind(component)
                    .execute(&mut *tx)
                    .await?;
            }
            return Ok(component);
        }
        let count = self.count_components(tx).await?;
        if count >= self.bounds.components_max {
            let max = self.bounds.components_max;
            return Err(ApplyError::Refused(format!(
                "an organisation has at most {max} components, and this one has them; delete some"
            )));
        }
        let component = fresh_key(tx).await?;
        sqlx::query("INSERT INTO components (id, tenant, comp_id, uid, name, created_ms) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(component)
            .bind(self.tenant)
            .bind(&**comp_id)
            .bind(uid::component(self.tenant, comp_id))
            .bind(name)
            .bind(self.now_ms)
            .execute(&mut *tx)
            .await?;
        self.components = Some(count + 1);
        self.known.insert(comp_id.clone(), component);
        Ok(component)
    }

    /// Makes a random stream. Its component is there.
    pub(super) async fn make_stream(
        &mut self,
        tx: &mut SqliteConnection,
        component: i64,
        key: &StreamKey,
        kind: ValueKind,
    ) -> Result<StreamRow, ApplyError> {
        let count = match self.streams.get(&component) {
            Some(count) => *count,
            None => count(tx, "SELECT count(*) FROM streams WHERE component_id = ?", component).await?,
        };
        if count >= self.bounds.streams_max {
            let (max, comp_id) = (self.bounds.streams_max, crate::query::clip(&key.comp_id));
            return Err(ApplyError::Refused(format!(
                "a component has at most {max} streams, and {comp_id} has them; use another component"
            )));
        }
        let made = StreamRow {
            id: fresh_key(tx).await?,
            stream_id: key.stream_id.to_string(),
            uid: uid::stream(&uid::component(self.tenant, &key.comp_id), &key.stream_id),
            name: None,
            kind,
            rhythm: Rhythm::Random,
            updated_ms: None,
            cycle_uid: None,
        };
        sqlx::query(
            "INSERT INTO streams (id, component_id, stream_id, uid, kind, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(made.id)
        .bind(component)
        .bind(&made.stream_id)
        .bind(&made.uid)
        .bind(kind.name())
        .bind(self.now_ms)
        .execute(&mut *tx)
        .await?;
        self.streams.insert(component, count + 1);
        Ok(made)
    }

    async fn look_up(&mut self, tx: &mut SqliteConnection, comp_id: &Arc<str>) -> Result<Option<i64>, sqlx::Error> {
        if let Some(component) = self.known.get(comp_id) {
            return Ok(Some(*component));
        }
        let found = sqlx::query_scalar("SELECT id FROM components WHERE tenant = ? AND comp_id = ?")
            .bind(self.tenant)
            .bind(&**comp_id)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(component) = found {
            self.known.insert(comp_id.clone(), component);
        }
        Ok(found)
    }

    /// Counted once a batch, as a count reads all there are.
    async fn count_components(&mut self, tx: &mut SqliteConnection) -> Result<usize, sqlx::Error> {
        match self.components {
            Some(count) => Ok(count),
            None => {
                count(
                    tx,
                    "SELECT count(*) FROM components WHERE tenant = ?",
                    self.tenant.to_owned(),
                )
                .await
            }
        }
    }
}

/// A key that no component and no stream ever had.
async fn fresh_key(tx: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("UPDATE keys SET last = last + 1 RETURNING last")
        .fetch_one(&mut *tx)
        .await
}

async fn count<'q, T>(tx: &mut SqliteConnection, statement: &'static str, of: T) -> Result<usize, sqlx::Error>
where
    T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + 'q,
{
    let count: i64 = sqlx::query_scalar(statement).bind(of).fetch_one(&mut *tx).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests;
