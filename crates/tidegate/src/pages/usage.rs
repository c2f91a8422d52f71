//! `GET /limits/me/usage?month=`: what a caller used in a month, in all and by route.

use http::{Response, StatusCode};
use serde_json::json;
use tidegate_accounts::{UsageBy, UsageQuery};
use tidegate_core::usage::{Month, NotAMonth, Sums};
use tidegate_gateway::Body;

use super::{Pages, reply, unfit::Unfit, visit::Visit};
use crate::usage::{Row, SumsRow};

/// One's own.
pub async fn show(pages: &Pages, visit: &Visit) -> Result<Response<Body>, Unfit> {
    let token = &visit.known()?.token;
    let query = visit.head.uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("month="));
    let month = match asked {
        None => Month::of(visit.now.wall_ms),
        Some(text) => text
            .parse()
            .map_err(|why: NotAMonth| Unfit::unread(format!("{why}.")))?,
    };
    pages.usage.settle_for_caller().await;
    let own = UsageQuery {
        tenant: Some(token.tenant.to_string()),
        user: Some(token.user.to_string()),
        by: UsageBy::Route,
    };
    let (rows, _) = pages.usage.rows(month, &own).await?;
    let mut total = Sums::default();
    rows.iter().for_each(|row| total.add(&row.sums));
    let routes: Vec<Row> = rows.iter().map(|row| Row::of(month, row)).collect();
    let mut document = json!(SumsRow::from(total));
    document["month"] = month.to_string().into();
    document["tenant"] = own.tenant.into();
    document["user"] = own.user.into();
    document["routes"] = json!(routes);
    Ok(reply::json(StatusCode::OK, &document))
}
