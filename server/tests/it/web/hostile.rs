//! Whatever stands in a query string or a header, the answer is ours and never a failure.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use landfall::web::{router, routes::ROUTES};
use proptest::prelude::*;
use tower::ServiceExt;

use super::world::World;

fn any_query() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        prop::sample::select(vec![
            "q", "team", "env", "state", "rule", "kind", "sort", "group", "limit", "cursor", "at", "since",
            "until", "format",
        ])
        .prop_map(str::to_owned),
        "[a-z%0-9]{0,6}",
    ];
    let value = prop_oneof![
        "[ -~]{0,40}".prop_map(|text| text.replace([' ', '#'], "+")),
        prop::sample::select(vec![
            "%00",
            "%FF%FE",
            "%F0%9F%92%A9",
            "-9999999999d",
            "9999-12-31",
            "2026-W53",
            "%27%20or%201=1--",
            "<script>",
            "%0d%0aX:1",
            "state:production",
            "-since",
            "18446744073709551616",
            "eyJvIjoic2VydmljZXN8fG5hbWUiLCJiIjpmYWxzZSwiayI6W119",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((key, value), 0..6)
        .prop_map(|pairs| pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn never_a_failure(query in any_query(), name in "[^/?#\\x00-\\x20]{1,20}", header in "[ -~]{0,30}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = runtime.block_on(async {
            let world = World::start().await;
            let router = router(&world.state);
            let mut answers = Vec::new();
            for route in ROUTES.iter().filter(|route| route.path != "/events") {
                let encoded: Vec<_> = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
                let encoded = encoded.concat();
                let path = route.path.replace("{name}", &encoded).replace("{*path}", &encoded).replace("{*pull}", &encoded).replace("{*file}", &encoded).replace("{*repository}", &encoded)
                    .replace("{*page}", &format!("services/{encoded}.png"))
                    .replace("{service}", &encoded)
                    .replace("{file}", &format!("{encoded}.svg"));
                let Ok(request) = Request::get(format!("{path}?{query}"))
                    .header("host", "localhost")
                    .header("accept", &header)
                    .header("accept-encoding", &header)
                    .header("if-none-match", &header)
                    .body(Body::empty())
                else {
                    continue;
                };
                let status = router.clone().oneshot(request).await.unwrap().status();
                answers.push((path, status));
            }
            answers
        });
        for (path, status) in answers {
            let fine = status.is_success() || status.is_client_error() || status == StatusCode::NOT_MODIFIED;
            prop_assert!(fine, "{path}?{query}: {status}");
        }
    }
}
