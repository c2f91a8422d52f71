//! A platform that nobody here knows: its dialect, its format of uploads and its kind of resource are values of this test.

use http::StatusCode;
use tidegate_core::{
    dialect::{Dialect, Member},
    payload::{
        excess::Excess,
        upload::{Reader, Stop, Upload, UploadFormat},
    },
    platform::Platform,
    refusal::Refusal,
    resource::ResourceKind,
};
use tidegate_gateway::Bounds;

use crate::support::{Door, Setup, Upstream};

const ORCHARD: ResourceKind = ResourceKind::new("orchard", "Orchard", "No such orchard");

const PLATFORM: Platform = Platform {
    name: "orchards",
    dialect: &Dialect {
        name: "orchards",
        content_type: "application/vnd.orchards+json",
        members: said,
    },
    uploads: &[&UploadFormat {
        name: "lines",
        reader: |_| Box::new(Lines),
        read_query: no_query,
    }],
    resources: &[ORCHARD],
};

/// A sample a line.
struct Lines;

impl Reader for Lines {
    fn read(&mut self, bytes: &[u8], upload: &mut Upload) -> Result<(), Stop> {
        bytes
            .iter()
            .filter(|byte| **byte == b'\n')
            .try_for_each(|_| Ok(upload.sample()?))
    }

    fn end(&mut self, _: &mut Upload) -> Result<(), Stop> {
        Ok(())
    }
}

fn said(refusal: &Refusal, status: StatusCode) -> Vec<(&'static str, Member)> {
    let no = vec![("because", Member::Text(refusal.sentence()))];
    vec![
        ("ripe", Member::Flag(false)),
        ("no", Member::Object(no)),
        ("status", Member::Number(status.as_u16().into())),
    ]
}

fn no_query(_: Option<&str>, _: i64, _: &mut Upload) -> Result<(), Box<Excess>> {
    Ok(())
}

#[tokio::test]
async fn a_third_platform_is_values_that_a_policy_points_to() {
    let upstream = Upstream::hello().await;
    let mut policy = Setup::before(&upstream.url).policy();
    policy.pages[1].dialect = PLATFORM.dialect;
    for route in &mut policy.routes {
        route.body = Some(PLATFORM.uploads[0]);
        for rule in &mut route.grants {
            rule.kind = PLATFORM.resources[0];
        }
    }
    let door = Door::of(policy, Bounds::default()).await;

    let asked = "GET /swd/rest/stations/3?token=bob HTTP/1.1\r\nHost: gate\r\n\r\n";
    let answer = door.ask(asked).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.field("content-type"), Some("application/vnd.orchards+json"));
    let body = answer.json();
    assert_eq!((&body["ripe"], &body["status"]), (&false.into(), &404.into()));
    assert_eq!(body["no"]["because"], "Orchard 3 does not exist.");
    assert_eq!(
        (&body["title"], &body["detail"]),
        (&"No such orchard".into(), &body["no"]["because"])
    );

    let upload = "POST /api/x?token=ann HTTP/1.1\r\nHost: gate\r\nContent-Length: 4\r\n\r\n1\n2\n";
    assert_eq!(door.ask(upload).await.status, 200);
}
