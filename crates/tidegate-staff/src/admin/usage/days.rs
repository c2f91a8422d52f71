//! `GET /usage/days`: a month's usage by day.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_accounts::DaysOf;
use tidegate_core::usage::Month;

use crate::{
    admin::{Admin, extract::Query, problem::Problem},
    usage_row::SumsRow,
};

/// The query of a month's days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageDaysQuery {
    /// The month in UTC, such as `2026-11`; the default is the current month.
    pub month: Option<String>,
    /// Return only the usage of this tenant.
    pub tenant: Option<String>,
    /// Return only the usage of this user; requires `tenant` too.
    pub user: Option<String>,
}

/// The usage of a month by day.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MonthDays {
    /// The month in UTC.
    pub month: String,
    /// The days with usage, in order. The last 62 such days are kept, over all callers.
    pub days: Vec<DayRow>,
}

/// The usage of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DayRow {
    /// The day in UTC, such as `2026-11-22`.
    pub day: String,
    /// The sums.
    #[serde(flatten)]
    pub sums: SumsRow,
}

/// Shows the usage of a month by day, with everything that has ended by now. It is for charts; billing goes by the
/// month.
#[utoipa::path(get, path = "/usage/days", tag = "usage", params(UsageDaysQuery), responses(
    (status = 200, description = "The month's days.", body = MonthDays),
    (status = 400, description = "There is no such month, or `user` is given without `tenant`.", body = Problem),
))]
pub async fn list(
    State(admin): State<Arc<Admin>>,
    Query(asked): Query<UsageDaysQuery>,
) -> Result<Json<MonthDays>, Problem> {
    let month = match &asked.month {
        Some(text) => text
            .parse()
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("{text:?}: {error}")))?,
        None => Month::of(admin.now_ms()),
    };
    let of = match (asked.tenant, asked.user) {
        (None, None) => DaysOf::Everybody,
        (Some(tenant), None) => DaysOf::Tenant(tenant),
        (Some(tenant), Some(user)) => DaysOf::User { tenant, user },
        (None, Some(_)) => {
            let detail = "`user` needs `tenant` beside it: name both";
            return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
        }
    };
    admin.program.settle_usage().await;
    let days = admin.program.ledger().days(month, &of).await?;
    let row = |(day, sums): (tidegate_core::usage::Day, tidegate_core::usage::Sums)| DayRow {
        day: day.to_string(),
        sums: sums.into(),
    };
    Ok(Json(MonthDays {
        month: month.to_string(),
        days: days.into_iter().map(row).collect(),
    }))
}
