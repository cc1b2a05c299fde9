//! The engine's answers to the cases that the documentation gets wrong or leaves out.

use landfall_nginx::config::Config;
use landfall_nginx::route::{Answer, Kind, Request, Verdict};

fn config(http: &str) -> Config {
    Config::from_text(&format!("events {{}}\nhttp {{\n{http}\n}}\n"))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

fn ask(http: &str, host: &str, target: &str) -> Answer {
    config(http).route(&Request::get(host, target))
}

/// Which of several servers that return their own number.
fn server_of(names: &[&str], host: &str) -> Option<u16> {
    let http: String = names
        .iter()
        .enumerate()
        .map(|(index, name)| format!("server {{ listen 80; server_name {name}; return {}; }}\n", 401 + index))
        .collect::<Vec<_>>()
        .concat();
    ask(&http, host, "/").outcomes.first().and_then(|outcome| outcome.status)
}

#[test]
fn conflicting_names_are_ignored_as_nginx_ignores_them() {
    // the first server is the default; the rules are those measured on the real nginx
    assert_eq!(server_of(&["d", "x", ".x"], "a.x"), Some(401), "all of .x is ignored after x");
    assert_eq!(server_of(&["d", "x", ".x"], "x"), Some(402));
    assert_eq!(server_of(&["d", ".x", "x"], "x"), Some(402));
    assert_eq!(server_of(&["d", ".x", "*.x"], "a.x"), Some(402));
    assert_eq!(server_of(&["d", "*.x", ".x"], "x"), Some(401), "the exact slot is taken by nobody");
    assert_eq!(server_of(&["d", "*.x", ".x", "x"], "x"), Some(401));
    assert_eq!(server_of(&["d", "*.x", ".x", "x"], "a.x"), Some(402));
    assert_eq!(
        server_of(&["d", "*.x.y", "*.y", "www.*"], "www.x.y"),
        Some(402),
        "the longest leading wildcard"
    );
    assert_eq!(server_of(&["d", "~x", "www.*"], "www.x"), Some(403), "wildcards before patterns");
}

#[test]
fn hosts_are_cleaned_and_an_absolute_target_wins() {
    assert_eq!(server_of(&["d", "x"], "X.:8080"), Some(402));
    let http = "server { server_name d; return 401; } server { server_name x; return 402; }";
    assert_eq!(ask(http, "d", "http://x/").outcomes[0].status, Some(402));
    assert_eq!(ask(http, "a..b", "/").outcomes[0].status, Some(400));
    assert_eq!(ask(http, "d", "/..").outcomes[0].status, Some(400));
}

#[test]
fn the_longest_prefix_decides_whether_patterns_are_tried() {
    let http = r"server { location ^~ /a/ { return 401; } location /a/b/ { return 402; } location ~ \.txt$ { return 403; } }";
    assert_eq!(ask(http, "x", "/a/b/x.txt").outcomes[0].status, Some(403));
    assert_eq!(ask(http, "x", "/a/x.txt").outcomes[0].status, Some(401));
    let http = "server { location / { return 401; } location ^~ /legacy { return 402; } }";
    for target in ["//legacy/x", "/%6Cegacy/x", "/x/%2e%2e/legacy?q=1", "/legacyX", "/./legacy"] {
        assert_eq!(ask(http, "x", target).outcomes[0].status, Some(402), "{target}");
    }
}

#[test]
fn the_answer_has_the_shape_that_others_read() {
    let http = "upstream app_b { server 127.0.0.1:3002; }\nserver {\nlisten 127.0.0.1:8080;\nserver_name remain.example;\n\
                location ^~ /legacy/ { proxy_pass http://app_b/; }\n}";
    let request = Request::from_json(
        r#"{"id":1,"listen":"127.0.0.1:8080","host":"remain.example","target":"/legacy/x?y=1","client":"192.0.2.7"}"#,
    )
    .expect("a request");
    let answer = serde_json::to_value(config(http).route(&request)).expect("JSON");
    let expected = serde_json::json!({
        "id": 1,
        "verdict": "certain",
        "server": {"names": ["remain.example"], "file": "nginx.conf", "line": 4},
        "location": {"modifier": "^~", "pattern": "/legacy/", "file": "nginx.conf", "line": 7},
        "outcomes": [{"kind": "proxy", "upstream": "app_b", "addresses": ["127.0.0.1:3002"], "uri": "/x?y=1",
                      "status": null, "condition": null}],
        "because": ["listen 127.0.0.1:8080", "server_name remain.example (exact)",
                    "location ^~ /legacy/ (longest prefix, stops the search)", "proxy_pass app_b"],
        "unknown": [],
    });
    assert_eq!(answer, expected);
}

#[test]
fn what_disk_and_upstream_decide_is_conditional() {
    let http = "upstream a { server 10.0.0.1; } upstream b { server 10.0.0.2; } server { root /srv; \
                location / { try_files $uri @app; } location @app { proxy_pass http://a; error_page 502 = @b; } \
                location @b { proxy_pass http://b; } }";
    let answer = ask(http, "x", "/y");
    assert_eq!(answer.verdict, Verdict::Conditional);
    assert_eq!(answer.outcomes.len(), 3);
    assert_eq!(answer.outcomes[0].kind, Kind::Static);
    assert_eq!(answer.outcomes[0].condition.as_deref(), Some("the file /srv/y exists"));
    assert!(answer.outcomes.iter().all(|outcome| outcome.condition.is_some()));
    // an error page that is a file is no other destination
    let http =
        "server { root /srv; error_page 500 502 504 /50x.html; location / { proxy_pass http://10.0.0.1; } }";
    assert_eq!(ask(http, "x", "/y").verdict, Verdict::Certain);
}

#[test]
fn what_cannot_be_known_is_named() {
    let http = "server { location / { content_by_lua_block { ngx.say(1) } } }";
    let answer = ask(http, "x", "/");
    assert_eq!(answer.verdict, Verdict::Unknown);
    assert_eq!(answer.unknown[0].directive, "content_by_lua_block");
    let http = "geo $where { default a; 10.0.0.0/8 b; } server { location / { proxy_pass http://$where; } } \
                upstream a { server 10.0.0.1; } upstream b { server 10.0.0.2; }";
    let answer = ask(http, "x", "/");
    assert_eq!(answer.verdict, Verdict::Conditional, "the client's address decides");
    let request = Request { client: "10.1.1.1".parse().ok(), ..Request::get("x", "/") };
    assert_eq!(config(http).route(&request).outcomes[0].upstream.as_deref(), Some("b"));
    let answer = ask("server { location / { proxy_pass http://10.0.0.1/$request_id; } }", "x", "/");
    assert_eq!(answer.verdict, Verdict::Unknown, "what the upstream receives is not known");
    assert_eq!(answer.outcomes[0].upstream.as_deref(), Some("10.0.0.1"));
}

#[test]
fn rewriting_ends_after_ten_rounds() {
    let answer = ask("server { location / { rewrite ^(.*)$ $1x last; } }", "x", "/");
    assert_eq!(answer.outcomes[0].status, Some(500));
}

#[test]
fn several_sockets_give_a_condition_unless_one_is_said() {
    let http = "server { listen 80; return 301 https://$host$request_uri; } \
                server { listen 443 ssl; location / { proxy_pass http://10.0.0.1; } }";
    assert_eq!(ask(http, "x", "/").verdict, Verdict::Conditional);
    let request = Request { listen: Some("192.0.2.1:443".to_owned()), ..Request::get("x", "/") };
    let answer = config(http).route(&request);
    assert_eq!((answer.verdict, answer.outcomes[0].kind), (Verdict::Certain, Kind::Proxy));
}

#[test]
fn an_empty_redirect_still_has_a_location_header() {
    let answer = ask("server { location / { return 301 \"\"; } }", "x", "/");
    assert_eq!((answer.outcomes[0].status, answer.outcomes[0].uri.as_deref()), (Some(301), Some("")));
}

#[test]
fn a_refused_body_is_measured_once() {
    let http = "client_max_body_size 3; server { error_page 413 =200 /b/large; \
                location /b/ { proxy_pass http://10.0.0.1; } }";
    let request = Request {
        method: "POST".to_owned(),
        headers: vec![("Content-Length".to_owned(), b"5".to_vec())],
        ..Request::get("x", "/a")
    };
    let answer = config(http).route(&request);
    assert_eq!((answer.outcomes[0].kind, answer.outcomes[0].uri.as_deref()), (Kind::Proxy, Some("/b/large")));
    let refused = Request { target: b"/a%2".to_vec(), ..request };
    let http = "server { client_max_body_size 3; error_page 400 /c; location /c { return 200; } }";
    assert_eq!(config(http).route(&refused).outcomes[0].status, Some(400), "the length was not read");
}

#[test]
fn a_location_may_trust_whom_its_server_does_not() {
    let http = "server { set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; \
                location / { set_real_ip_from 127.0.0.1; deny 10.1.2.3; allow all; return 200; } \
                location /in { set_real_ip_from 127.0.0.1; deny 10.1.2.3; proxy_pass http://10.0.0.1; } }";
    let request = |target: &str| Request {
        client: "127.0.0.1".parse().ok(),
        headers: vec![("X-Forwarded-For".to_owned(), b"10.1.2.3".to_vec())],
        ..Request::get("x", target)
    };
    assert_eq!(config(http).route(&request("/in")).outcomes[0].status, Some(403));
    assert_eq!(config(http).route(&request("/")).outcomes[0].status, Some(200), "return comes before access");
}

#[test]
fn a_folder_without_its_slash_is_not_missing() {
    let http = "server { error_page 404 @lost; location / { root /srv; } \
                location @lost { proxy_pass http://10.0.0.1; } }";
    let answer = ask(http, "x", "/d");
    assert_eq!(answer.verdict, Verdict::Conditional);
    let condition = answer.outcomes[1].condition.clone().unwrap_or_default();
    assert!(condition.contains("the folder /srv/d/ does not exist"), "{condition}");
}

#[test]
fn passwords_and_subrequests_can_fail_in_every_way() {
    let http = "server { location / { auth_basic x; auth_basic_user_file f; proxy_pass http://10.0.0.1; } \
                location /sub { auth_request /a; proxy_pass http://10.0.0.1; } }";
    let request = Request {
        headers: vec![("Authorization".to_owned(), b"Basic dTpw".to_vec())],
        ..Request::get("x", "/")
    };
    let statuses = |answer: Answer| answer.outcomes.iter().map(|outcome| outcome.status).collect::<Vec<_>>();
    assert_eq!(statuses(config(http).route(&request)), [None, Some(401), Some(403)]);
    assert_eq!(statuses(ask(http, "x", "/")), [Some(401)]);
    assert_eq!(statuses(ask(http, "x", "/sub")), [None, Some(401), Some(403), Some(500)]);
}

#[test]
fn a_mirror_that_may_close_the_connection_hides_the_answer() {
    let http = |inner: &str| {
        format!(
            "server {{ location / {{ mirror /m; proxy_pass http://10.0.0.1; }} location /m {{ {inner} }} }}"
        )
    };
    assert_eq!(ask(&http("return 499;"), "x", "/").unknown[0].directive, "mirror");
    assert_eq!(ask(&http("proxy_pass http://10.0.0.2;"), "x", "/").verdict, Verdict::Certain);
}
