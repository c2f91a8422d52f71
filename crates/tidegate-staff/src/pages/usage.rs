//! `GET /limits/me/usage?month=`: the caller's usage of a month, in total and by route.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_accounts::{UsageBy, UsageQuery};
use tidegate_core::usage::{Month, NotAMonth};
use tidegate_gateway::Body;

use super::{
    Pages, filters,
    page_error::PageError,
    page_request::PageRequest,
    response,
    year_chart::{self, Year},
};
use crate::usage_row::{Row, SumsRow};

#[derive(Template)]
#[template(path = "pages/usage.html")]
struct Page<'a> {
    prefix: &'a str,
    /// The caller's name.
    who: &'a str,
    /// The month in words.
    name: String,
    month: Month,
    /// True for the current month.
    is_now: bool,
    before: Option<Month>,
    /// The month after; none after the current one.
    after: Option<Month>,
    total: SumsRow,
    rows: Vec<Row>,
    year: Year,
    at: Option<Month>,
}

/// Shows the caller's own usage of a month.
pub async fn show(pages: &Pages, visit: &PageRequest) -> Result<Response<Body>, PageError> {
    let known = visit.known()?;
    let token = &known.token;
    let now = Month::of(visit.now.wall_ms);
    let month = asked(visit)?.unwrap_or(now);
    pages.program.settle_usage_for_caller().await;
    let own = UsageQuery {
        tenant: Some(token.tenant.to_string()),
        user: Some(token.user.to_string()),
        by: UsageBy::Route,
    };
    let (rows, _) = pages.program.ledger().usage(month, &own).await?;
    let mut rows: Vec<Row> = rows.iter().map(|row| Row::of(month, row)).collect();
    let total = SumsRow::total(rows.iter().map(|row| row.sums));
    if visit.html {
        rows.sort_by_key(|row| std::cmp::Reverse(row.sums.transactions));
        let page = Page {
            prefix: visit.prefix(),
            who: &token.user,
            name: year_chart::name(month),
            month,
            is_now: month == now,
            before: month.number().checked_sub(1).and_then(Month::numbered),
            after: Month::numbered(month.number() + 1).filter(|after| *after <= now),
            total,
            rows,
            year: year_chart::of(pages, visit, known).await?,
            at: Some(month),
        };
        return Ok(response::page(StatusCode::OK, &page));
    }
    let mut document = json!(total);
    document["month"] = month.to_string().into();
    document["tenant"] = own.tenant.into();
    document["user"] = own.user.into();
    document["routes"] = json!(rows);
    Ok(response::json(StatusCode::OK, &document))
}

/// Returns the month of the query, if it names one.
fn asked(visit: &PageRequest) -> Result<Option<Month>, PageError> {
    let query = visit.head.uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("month="));
    let month = asked.map(str::parse).transpose();
    month.map_err(|why: NotAMonth| PageError::unread(format!("{why}.")))
}

// === impl Page ===

impl Page<'_> {
    fn named(&self, month: &Month) -> String {
        year_chart::name(*month)
    }

    /// Returns the four sums of the month, each with its meaning.
    fn tiles(&self) -> [(&'static str, u64, &'static str); 4] {
        let sums = &self.total;
        [
            ("Billed", sums.transactions, "answered by the API, and sockets"),
            ("From the cache", sums.cached, "answered, but not billed"),
            ("Refused", sums.refused, "by a limit or another rule"),
            ("Not billed", sums.unbilled, "not found, failed or broken off"),
        ]
    }
}
