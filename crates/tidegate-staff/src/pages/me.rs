//! The caller's own page: the use of each limit, sockets, refusals, usage, tokens and stations.

use std::net::IpAddr;

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_core::{
    identity::Identity,
    refusal::{Refusal, span},
    usage::Month,
};
use tidegate_gateway::Body;

use super::{
    Pages, connections, filters,
    page_error::PageError,
    page_request::PageRequest,
    refusals, response, stations, tokens,
    year_chart::{self, Year},
};
use crate::{
    explanation::Explanation,
    limit_standing::{self, StandingRow},
    socket_row::SocketRow,
    token_row::TokenListed,
};

#[derive(Template)]
#[template(path = "pages/me.html")]
struct Page<'a> {
    prefix: &'a str,
    /// The caller's name, where one is known.
    user: Option<&'a str>,
    /// The address that limits count for, where no caller is known.
    client: IpAddr,
    /// The reason why the credential was refused, where one was sent and names nobody.
    refused: Option<String>,
    has_session: bool,
    rows: Vec<StandingRow>,
    sockets: Option<Vec<SocketRow>>,
    refusals: Vec<Explanation>,
    year: Option<Year>,
    /// Always `None`: no month of the year is the page's own.
    at: Option<Month>,
    tokens: Option<Vec<TokenListed>>,
    stations: Option<Vec<stations::OwnStation>>,
}

/// Shows the caller's standing in each limit, without taking anything.
pub async fn show(pages: &Pages, visit: &PageRequest) -> Result<Response<Body>, PageError> {
    let refused = match &visit.identity {
        Identity::Invalid(why) => Some(Refusal::BadCredential(*why).sentence()),
        _ => None,
    };
    if !visit.html {
        return match refused {
            Some(why) => Err(PageError::new(StatusCode::UNAUTHORIZED, why)),
            None => Ok(response::json(StatusCode::OK, &json!(standings(pages, visit)))),
        };
    }
    let status = if refused.is_some() {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    let known = visit.identity.known();
    let year = match known {
        Some(known) if !visit.is_live() => {
            pages.program.settle_usage_for_caller().await;
            Some(year_chart::of(pages, visit, known).await?)
        }
        _ => None,
    };
    let (tokens, stations) = match visit.owner() {
        // Neither changes by itself, and each costs a query of the accounts.
        Ok(user) if !visit.is_live() => {
            let tokens = tokens::rows(pages, visit, user).await?;
            (Some(tokens), Some(stations::rows(pages, visit).await?))
        }
        _ => (None, None),
    };
    let page = Page {
        prefix: visit.prefix(),
        user: known.map(|known| &*known.token.subject),
        client: visit.client,
        refused,
        has_session: visit.has_session(),
        rows: standings(pages, visit),
        sockets: known.map(|known| connections::open(pages, visit, known)),
        refusals: refusals::of_last_day(pages, visit),
        year,
        at: None,
        tokens,
        stations,
    };
    Ok(response::page(status, &page))
}

impl StandingRow {
    /// Returns the use from which on little is left: four fifths of the quota.
    fn high(&self) -> u32 {
        self.quota - self.quota / 5
    }

    fn resets_in(&self) -> Option<String> {
        let secs = self.resets_in_s.filter(|secs| *secs > 0)?;
        Some(span(std::time::Duration::from_secs(secs)))
    }
}

fn standings(pages: &Pages, visit: &PageRequest) -> Vec<StandingRow> {
    limit_standing::of_caller(&pages.engine, &visit.snapshot, &visit.caller(), visit.now)
}
