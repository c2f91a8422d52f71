//! `GET /usage`: a month's usage as rows, and the ledger compared with the log.

pub mod days;

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{UsageBy, UsageQuery};
use tidegate_core::usage::Month;

use super::{Admin, extract::Query, problem::Problem};
use crate::{
    explanation::instant,
    usage_audit::Audit,
    usage_row::{self, Row},
};

/// The grouping of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// One row per tenant.
    #[default]
    Tenant,
    /// One row per tenant and user.
    User,
    /// One row per tenant and route.
    Route,
}

/// The format of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A JSON document.
    #[default]
    Json,
    /// The rows alone, as CSV (RFC 4180).
    Csv,
}

/// The query of a month's usage.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageMonthQuery {
    /// The month in UTC, such as `2026-11`; the default is the current month.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    pub month: Option<String>,
    /// Return only the rows of this tenant.
    pub tenant: Option<String>,
    /// Return only the rows of this user, in rows by user.
    pub user: Option<String>,
    /// The grouping of rows; the default is `tenant`.
    #[param(inline)]
    pub by: Option<By>,
    /// `json`, or `csv` for the rows alone; the default is `json`.
    #[param(inline)]
    pub format: Option<Format>,
}

/// The usage of a month.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MonthUsage {
    /// The month in UTC.
    pub month: String,
    /// The rows, by tenant.
    pub rows: Vec<Row>,
    /// True when the answer does not have all rows: ask for one tenant at a time.
    pub has_more: bool,
    /// The state of the usage log and of the ledger.
    pub state: UsageHealth,
}

/// The state of the usage log and of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsageHealth {
    /// True when the last writes succeeded and no part of the log is damaged.
    pub ok: bool,
    /// The time at which the log was last written, RFC 3339 in UTC; null before the first time.
    pub written_at: Option<String>,
    /// The number of failed writes in a row, up to now.
    pub write_failures: u64,
    /// The reason for the last failure.
    pub write_error: Option<String>,
    /// The time at which the ledger last had everything in the log, RFC 3339 in UTC; null before the first time.
    pub shipped_at: Option<String>,
    /// The number of failed transfers from the log to the ledger in a row, up to now.
    pub ship_failures: u64,
    /// The reason for the last failure.
    pub ship_error: Option<String>,
    /// True while requests are refused until the log can be written: `[usage] on_failure`.
    pub refusing: bool,
    /// The size of the log in bytes.
    pub log_bytes: u64,
    /// The bytes of the log that are damaged; the ledger does not have what they held.
    pub damaged_bytes: u64,
    /// The number of times that there was no room for a payer of its own, and its usage was added to its tenant or to
    /// nobody.
    pub coarsened: u64,
}

/// Shows the usage of a month, with everything that has ended by now.
#[utoipa::path(get, path = "/usage", tag = "usage", params(UsageMonthQuery), responses(
    (status = 200, description = "The month's rows.", content(
        (MonthUsage = "application/json"),
        (String = "text/csv"),
    )),
    (status = 400, description = "There is no such month.", body = Problem),
))]
pub async fn month(State(admin): State<Arc<Admin>>, Query(asked): Query<UsageMonthQuery>) -> Result<Response, Problem> {
    let is_csv = asked.format == Some(Format::Csv);
    let document = admin.month_usage(asked).await?;
    if is_csv {
        return Ok((
            [(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")],
            usage_row::csv(&document.rows),
        )
            .into_response());
    }
    Ok(Json(document).into_response())
}

impl Admin {
    /// Returns the usage of a month, with everything that has ended by now.
    pub(crate) async fn month_usage(&self, asked: UsageMonthQuery) -> Result<MonthUsage, Problem> {
        let month = match &asked.month {
            Some(text) => text
                .parse()
                .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("{text:?}: {error}")))?,
            None => Month::of(self.now_ms()),
        };
        self.program.settle_usage().await;
        let query = UsageQuery {
            tenant: asked.tenant,
            user: asked.user,
            by: asked.by.unwrap_or_default().into(),
        };
        let (rows, has_more) = self.program.ledger().usage(month, &query).await?;
        Ok(MonthUsage {
            month: month.to_string(),
            rows: rows.iter().map(|row| Row::of(month, row)).collect(),
            has_more,
            state: health(self),
        })
    }
}

/// Reads the log again and compares it with the ledger.
#[utoipa::path(get, path = "/usage/verify", tag = "usage", responses(
    (status = 200, description = "The result of the comparison.", body = Audit),
    (status = 500, description = "The log or the ledger cannot be read.", body = Problem),
))]
pub async fn verify(State(admin): State<Arc<Admin>>) -> Result<Json<Audit>, Problem> {
    let failed = |why: String| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why);
    admin.program.audit_usage().await.map(Json).map_err(failed)
}

fn health(admin: &Admin) -> UsageHealth {
    let state = admin.program.usage_state();
    UsageHealth {
        ok: state.write_failures == 0 && state.ship_failures == 0 && state.damaged_bytes == 0,
        written_at: state.written_at_ms.map(instant),
        write_failures: state.write_failures,
        write_error: state.write_error,
        shipped_at: state.shipped_at_ms.map(instant),
        ship_failures: state.ship_failures,
        ship_error: state.ship_error,
        refusing: admin.engine.usage.is_refusing(),
        log_bytes: state.log_bytes,
        damaged_bytes: state.damaged_bytes,
        coarsened: admin.engine.usage.coarsened(),
    }
}

impl From<By> for UsageBy {
    fn from(by: By) -> UsageBy {
        match by {
            By::Tenant => UsageBy::Tenant,
            By::User => UsageBy::User,
            By::Route => UsageBy::Route,
        }
    }
}
