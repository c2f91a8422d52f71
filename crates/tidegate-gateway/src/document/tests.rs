use std::{collections::HashSet, time::Duration};

use serde_json::Value;
use tidegate_core::{
    dialect::PROBLEM,
    identity::Invalid,
    refusal::{OverLimit, Violation},
    resource::ResourceKind,
    wait::Wait,
};
use tidegate_streams::PLATFORMS;

use super::*;

const TEMPEST: &Dialect = PLATFORMS[0].dialect;
const GROVESTREAMS: &Dialect = PLATFORMS[1].dialect;
const STATION: ResourceKind = ResourceKind::new("station", "Station", "No such station or device");

fn over(retry_after: Option<Duration>) -> Refusal {
    let worst = Violation {
        limit: "rest-per-user".into(),
        scope: "user ann".into(),
        quota: 100,
        window: Some(Duration::from_secs(60)),
        burst: 120,
        used: 120,
        cost: 1,
        wait: retry_after.map_or(Wait::Never, Wait::Exact),
        hint: Some("Use the socket.".into()),
        from: "limit".into(),
    };
    Refusal::OverLimit(OverLimit {
        worst,
        violated: vec!["rest-per-user".into(), "rest-per-app".into()],
    })
}

fn read(dialect: &Dialect, refusal: &Refusal, status: u16) -> (&'static str, Value) {
    let (content_type, text) = of(
        dialect,
        refusal,
        StatusCode::from_u16(status).unwrap(),
        "1a2b3c4d-19".parse().unwrap(),
        &[],
    );
    (content_type, serde_json::from_str(&text).unwrap())
}

#[test]
fn a_limit_is_told_with_all_its_numbers() {
    let (content_type, body) = read(PROBLEM, &over(Some(Duration::from_micros(1_500))), 429);
    assert_eq!(content_type, "application/problem+json");
    for (member, value) in [
        (
            "type",
            Value::from("https://iana.org/assignments/http-problem-types#quota-exceeded"),
        ),
        ("status", 429.into()),
        ("decision", "1a2b3c4d-19".into()),
        ("limit", "rest-per-user".into()),
        ("scope", "user ann".into()),
        ("quota", 100.into()),
        ("window_s", 60.into()),
        ("burst", 120.into()),
        ("used", 120.into()),
        ("retry_after_ms", 2.into()),
        ("from", "limit".into()),
        ("hint", "Use the socket.".into()),
        ("violated-policies", vec!["rest-per-user", "rest-per-app"].into()),
    ] {
        assert_eq!(body[member], value, "{member}");
    }
    assert!(body["title"].is_string() && body["detail"].as_str().unwrap().contains("rest-per-user"));
}

#[test]
fn what_never_fits_says_how_much_would() {
    let (_, body) = read(PROBLEM, &over(None), 422);
    assert_eq!(
        (&body["asked"], &body["allowed"], &body["retry_after_ms"]),
        (&1.into(), &120.into(), &Value::Null)
    );
    assert_eq!(body["type"], "about:blank");
}

#[test]
fn on_tempest_routes_status_is_an_object_and_a_limit_is_5() {
    for (refusal, status, code, cause) in [
        (over(Some(Duration::from_secs(1))), 429, 5, "RATE_LIMIT_EXCEEDED - "),
        (
            Refusal::NoCapacity {
                retry_after: Duration::from_secs(1),
            },
            503,
            5,
            "OVER_CAPACITY - ",
        ),
        (Refusal::MissingCredential, 401, 401, "UNAUTHORIZED - "),
        (Refusal::NotYours(STATION.of(1)), 403, 403, "FORBIDDEN - "),
        (Refusal::NotOfInstance, 403, 403, "FORBIDDEN - "),
        (Refusal::InsufficientScope, 403, 403, "FORBIDDEN - "),
        (Refusal::NoRoute, 404, 404, "NOT_FOUND - "),
    ] {
        let (content_type, body) = read(TEMPEST, &refusal, status);
        assert_eq!(content_type, "application/json");
        assert_eq!(body["status"]["status_code"], code);
        assert!(
            body["status"]["status_message"].as_str().unwrap().starts_with(cause),
            "{body}"
        );
        assert!(body["detail"].is_string());
    }
}

// docs/platforms/tempest.md T9.
#[test]
fn no_two_causes_share_a_text() {
    let causes = [
        (Refusal::MissingCredential, 401),
        (Refusal::BadCredential(Invalid::Unknown), 401),
        (Refusal::BadCredential(Invalid::Revoked), 401),
        (Refusal::BadCredential(Invalid::AppAlone), 401),
        (Refusal::NotYours(STATION.of(1)), 403),
        (Refusal::NotOfInstance, 403),
        (Refusal::InsufficientScope, 403),
        (over(Some(Duration::from_secs(1))), 429),
        (
            Refusal::NoCapacity {
                retry_after: Duration::from_secs(1),
            },
            503,
        ),
    ];
    let texts: HashSet<String> = causes
        .iter()
        .map(|(refusal, status)| read(TEMPEST, refusal, *status).1["status"]["status_message"].to_string())
        .collect();
    assert_eq!(texts.len(), causes.len());
}

#[test]
fn on_grovestreams_routes_success_is_false_beside_the_problem() {
    let (content_type, body) = read(GROVESTREAMS, &Refusal::NoRoute, 404);
    assert_eq!(content_type, "application/json");
    assert_eq!(
        (&body["success"], &body["status"], &body["message"]),
        (&false.into(), &404.into(), &body["detail"])
    );
}

#[test]
fn what_failed_inside_is_not_told_to_callers() {
    let (_, body) = read(PROBLEM, &Refusal::Internal("disk I/O error in /var/db".into()), 500);
    assert!(!body.to_string().contains("disk"));
}
