use crate::support::*;

#[tokio::test]
async fn a_trailing_slash_and_a_token_change_nothing() {
    let world = World::open().await;
    let plain = world.get("/swd/rest/stations").await;
    let slashed = world.get("/swd/rest/stations/?token=T&api_key=K").await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.json, slashed.json);
    assert_eq!(plain.json["status"]["status_message"], "SUCCESS");
}

#[tokio::test]
async fn only_stations_in_scope_are_listed_or_found() {
    let world = World::open().await;
    let listed = world.get("/swd/rest/stations").await.json;
    let ids: Vec<_> = listed["stations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["station_id"].clone())
        .collect();
    assert_eq!(ids, [1, 2]);
    for path in [
        "stations/3",
        "stations/99",
        "observations/station/3",
        "observations/stn/3",
        "observations/device/31",
        "observations/device/99",
        "observations?device_id=31",
        "better_forecast?station_id=3",
    ] {
        let answer = world.get(&format!("/swd/rest/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json["status"]["status_code"], 404, "{path}");
        assert!(answer.message().contains("among yours"), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_in_the_dialect_of_their_prefix() {
    let world = World::open().await;
    let check = async |line: &str, status: u16, allow: Option<&str>| {
        let answer = world.send(&ada(), line, "").await;
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(
            answer.headers.get("allow").map(|a| a.to_str().unwrap()),
            allow,
            "{line}"
        );
        answer.json
    };
    let tempest = check("GET /swd/rest/stats/station/1", 404, None).await;
    assert_eq!(tempest["status"]["status_code"], 404);
    let grove = check("GET /api/session", 404, None).await;
    assert_eq!(grove["success"], false);
    check("GET /elsewhere", 404, None).await;
    check("DELETE /swd/rest/stations", 405, Some("GET, HEAD")).await;
    check("PUT /swd/rest/observations", 405, Some("GET, HEAD, POST")).await;
    check("POST /api/feed", 405, Some("GET, HEAD, PUT, DELETE")).await;
    check("PUT /api/comp/c/stream/s/feed", 405, Some("GET, HEAD")).await;
    check("GET /swd/rest/stations/one", 400, None).await;
    check("GET /swd/rest/observations", 400, None).await;
}
