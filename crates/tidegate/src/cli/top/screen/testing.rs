//! An answer to draw.

use tidegate_staff::admin::{self, LimitRefusals, RouteRequests, ServerRow, SpanStats, TopCaller};

use super::super::{Answer, By, Question, Span, model::Model};

/// Two callers of an hour, one of whom has a name that a terminal would obey.
pub fn answer() -> Answer {
    let caller = |subject: &str, tenant: Option<&str>, requests, refused, over_by_max| TopCaller {
        subject: subject.to_owned(),
        tenant: tenant.map(str::to_owned),
        requests,
        refused,
        limit: (refused > 0).then(|| "rest-per-user".to_owned()),
        over_by_max,
    };
    Answer {
        callers: vec![
            caller("ann", Some("acme"), 12_345, 678, 0),
            caller("evil\u{1b}[2J\u{202e}", Some("acme"), 1_000, 0, 17),
            caller("ip 2001:db8::/64", None, 3, 0, 17),
        ],
        stats: SpanStats {
            span: admin::Span::Hour,
            step_s: 60,
            until: "2026-11-22T12:01:00.000Z".to_owned(),
            requests: (0..60).collect(),
            refused: vec![11; 60],
            sockets: vec![3; 60],
            cached: vec![1; 60],
            failed: vec![0; 60],
            refused_by_limit: vec![LimitRefusals {
                limit: "rest-per-user".to_owned(),
                total: 660,
                points: vec![11; 60],
            }],
            by_route: vec![RouteRequests {
                route: "stations".to_owned(),
                requests: 1_770,
                refused: 660,
            }],
            upstreams: vec![ServerRow {
                page: "tempest".to_owned(),
                server: "embedded".to_owned(),
                up: true,
                why: None,
            }],
        },
    }
}

/// A screen with it.
pub fn model() -> Model {
    Model {
        question: Question {
            by: By::Requests,
            span: Span::Hour,
            rows: 20,
        },
        answer: answer(),
        trouble: None,
    }
}
