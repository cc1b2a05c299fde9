//! Access logs: formats, odd lines, rotation, cut-off files, counts, and a log that the real nginx wrote.

use std::io::Write;

use landfall_nginx::config::{Config, LogFormat};
use landfall_nginx::logs::{Clients, Fields, Format, LogError, LogOptions, Reader, Reject, Report};
use landfall_nginx::route::Request;

use crate::differential::http::Client;
use crate::differential::nginx::{Bench, binary};

const CONFIG: &str = r#"events {}
http {
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent" $host $upstream_addr';
  log_format js escape=json '{"t":"$time_iso8601","r":"$request","h":"$host","a":"$remote_addr","u":"$upstream_addr","s":$status}';
  log_format ltsv "time:$time_local\thost:$remote_addr\treq:$request\tstatus:$status\tvhost:$host\tup:$upstream_addr";
  access_log logs/access.log main;
  upstream app_a { server 127.0.0.1:3001; }
  upstream app_b { server 127.0.0.1:3002; }
  server { listen 80; server_name remain.example;
    location ^~ /legacy/ { proxy_pass http://app_b/; }
    location / { root /srv; try_files $uri @app; }
    location @app { proxy_pass http://app_a; }
  }
  server { listen 80; server_name moves.example; access_log logs/moves.log; location / { proxy_pass http://app_b; } }
}
"#;

fn line(client: &str, target: &str, host: &str, upstream: &str) -> String {
    format!(
        "{client} - - [20/Nov/2026:23:10:00 +0900] \"GET {target} HTTP/1.1\" 200 \"curl/8\" {host} {upstream}\n"
    )
}

fn read(files: &[(&str, Vec<u8>)], options: LogOptions) -> (Report, Vec<String>) {
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config::from_text(CONFIG).unwrap_or_else(|errors| panic!("{errors}"));
    let mut reader = Reader::new(&config, options).expect("a reader");
    for (name, content) in files {
        let path = dir.path().join(name);
        std::fs::write(&path, content).expect("written");
        reader.file(&path.display().to_string()).expect("read");
    }
    let report = reader.report();
    assert_eq!(report.parsed + report.rejected, report.lines);
    assert_eq!(report.routes.iter().map(|route| route.requests).sum::<u64>(), report.parsed);
    for route in &report.routes {
        let listed: u64 = route.callers.iter().map(|caller| caller.requests).sum();
        assert_eq!(listed + route.other_callers_requests, route.requests);
    }
    (report, reader.warnings.iter().map(|warning| warning.message.clone()).collect())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).expect("written");
    encoder.finish().expect("finished")
}

#[test]
fn leftovers_callers_and_days_are_counted() {
    let text = line("192.0.2.7", "/legacy/x", "remain.example", "127.0.0.1:3002")
        + &line("192.0.2.7", "/legacy/y", "remain.example", "127.0.0.1:3002")
        + &line("10.0.0.9", "/z", "remain.example", "127.0.0.1:3001")
        + &line("10.0.0.9", "/style.css", "remain.example", "-");
    let clients = Clients::parse(
        "clients.toml",
        "[[client]]\nname = 'billing'\naddresses = ['192.0.2.0/24']\nowner = 'team'",
    )
    .expect("clients");
    let options = LogOptions { moves: Some("app_b".to_owned()), clients, ..LogOptions::default() };
    let (report, _) = read(&[("access.log.1", text.into_bytes())], options);
    let leftover = &report.routes[0];
    assert!(leftover.leftover && leftover.hairpin);
    assert_eq!(leftover.requests, 2);
    assert_eq!(leftover.destination.as_deref(), Some("app_b"));
    assert_eq!(leftover.per_day.get("2026-11-20"), Some(&2));
    assert_eq!(leftover.per_hour.get("2026-11-20T23"), Some(&2));
    assert_eq!(leftover.callers[0].name.as_deref(), Some("billing"));
    assert_eq!(leftover.first, "2026-11-20T23:10:00+09:00");
    assert_eq!(report.agreement.compared, 2);
    assert_eq!(report.agreement.agreed, 2);
    assert!(report.sufficient);
    assert!(report.routes.iter().any(|route| route.location.as_ref().is_some_and(|l| l.pattern == "@app")));
    assert!(report.routes.iter().any(|route| route.destination.is_none() && !route.leftover));
}

#[test]
fn odd_lines_are_counted_by_reason() {
    let text = "garbage\n\n1.2.3.4 - - [32/Nov/2026:23:10:00 +0900] \"GET / HTTP/1.1\" 200 \"c\" h -\r\n"
        .to_owned()
        + "1.2.3.4 - - [20/Nov/2026:23:10:00 +0900] \"\" 400 \"-\" _ -\n"
        + "1.2.3.4 - - [20/Nov/2026:23:10:00 +0900] \"\\x16\\x03\" 400 \"-\" _ -\n"
        + "1.2.3.4 - - [20/Nov/2026:23:10:00 +0900] \"GET /\0 HTTP/1.1\" 200 \"-\" _ -\n"
        + "1.2.3.4 - - [20/Nov/2026:23:10:00 +0900] \"GET / HTTP/1.1\" 200 \"-\" a\"b -";
    let (report, _) = read(&[("access.log", text.into_bytes())], LogOptions::default());
    assert_eq!((report.lines, report.parsed), (7, 2));
    let count = |reason: &str| report.rejected_by_reason.get(reason).copied().unwrap_or(0);
    assert_eq!(count(Reject::Format.name()), 2);
    assert_eq!(count(Reject::Time.name()), 1);
    assert_eq!(count(Reject::Impossible.name()), 2);
    assert!(report.routes.iter().all(|route| route.location.is_none()));
}

#[test]
fn compressed_doubled_and_cut_off_files_are_read() {
    let text: String =
        (0..200).map(|n| line("1.1.1.1", &format!("/{n}"), "remain.example", "127.0.0.1:3001")).collect();
    let whole = gzip(text.as_bytes());
    let (report, warnings) = read(
        &[("access.log", text.clone().into_bytes()), ("access.log.2.gz", whole.clone())],
        LogOptions::default(),
    );
    assert_eq!(report.lines, 200);
    assert!(warnings[0].contains("read before"));
    let cut = whole[..whole.len() / 2].to_vec();
    let (report, warnings) = read(&[("access.log-20261120.gz", cut)], LogOptions::default());
    assert_eq!(report.rejected_by_reason.get(Reject::Truncated.name()), Some(&1));
    assert!(report.parsed < 200 && warnings[0].contains("ends too early"));
}

#[test]
fn json_and_ltsv_formats_are_compiled() {
    let json = r#"{"t":"2026-11-20T23:10:00+09:00","r":"GET /legacy/\"x HTTP/1.1","h":"remain.example","a":"1.1.1.1","u":"127.0.0.1:3001, 127.0.0.1:3002","s":200}"#;
    let ltsv = "time:20/Nov/2026:23:10:00 +0900\thost:1.1.1.1\treq:GET /legacy/ HTTP/1.1\tstatus:200\tvhost:remain.example\tup:127.0.0.1:3002";
    for (name, text) in [("js", json), ("ltsv", ltsv)] {
        let (report, _) = read(&[("other.txt", text.as_bytes().to_vec())], LogOptions::default());
        assert_eq!(report.format, name);
        assert_eq!(report.parsed, 1, "{name}: {:?}", report.rejected_examples);
        assert_eq!(report.routes[0].destination.as_deref(), Some("app_b"));
    }
    let (report, _) = read(
        &[(
            "moves.log",
            b"1.1.1.1 - - [20/Nov/2026:23:10:00 +0900] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n".to_vec(),
        )],
        LogOptions::default(),
    );
    assert_eq!(report.format, "combined");
    assert_eq!(report.routes[0].host.as_deref(), Some("moves.example"));
    assert_eq!(report.missing, ["$upstream_addr"]);
    assert_eq!(report.routes[0].destination.as_deref(), Some("app_b"), "the engine is certain");
}

#[test]
fn a_missing_file_and_an_unknown_format_are_named() {
    let config = Config::from_text(CONFIG).expect("valid");
    let options = LogOptions { format: Some("nope".to_owned()), ..LogOptions::default() };
    assert_eq!(Reader::new(&config, options).err(), Some(LogError::Format("nope".to_owned())));
    let mut reader = Reader::new(&config, LogOptions::default()).expect("a reader");
    assert!(matches!(reader.file("/nowhere/access.log"), Err(LogError::File(..))));
}

#[test]
fn many_callers_stay_bounded_and_say_so() {
    let text: String = (0..1000)
        .map(|n| {
            line(&format!("10.0.{}.{}", n / 250, n % 250), "/legacy/", "remain.example", "127.0.0.1:3002")
        })
        .collect();
    let (report, _) = read(&[("access.log", text.into_bytes())], LogOptions::default());
    assert!(report.routes[0].callers_exact);
    assert_eq!(report.routes[0].callers.len(), 1000);
    let text: String = (0..9000)
        .map(|n| {
            line(&format!("10.{}.{}.1", n / 200, n % 200), "/legacy/", "remain.example", "127.0.0.1:3002")
        })
        .collect();
    let (report, _) = read(&[("access.log", text.into_bytes())], LogOptions::default());
    assert!(!report.routes[0].callers_exact);
    assert_eq!(report.routes[0].requests, 9000);
    assert!(report.routes[0].callers.len() <= 4000);
}

proptest::proptest! {
    #[test]
    fn no_line_makes_the_formats_panic(line in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "[ -~]{0,40}") {
        let format = LogFormat { name: "x".to_owned(), text: text.into_bytes(), escape: "default".to_owned() };
        let mut fields = Fields::new();
        let _ = Format::new(&format).parse(&line, &mut fields);
        let _ = Format::combined().parse(&line, &mut fields);
    }
}

#[test]
fn a_log_that_the_real_nginx_wrote_agrees_with_what_was_sent() {
    if binary().is_none() {
        println!("SKIPPED: nginx is not installed (Debian: apt install nginx-light)");
        return;
    }
    let bench = Bench::new().expect("ports");
    let [front, _] = bench.front;
    let [a, b, ..] = bench.echo;
    let text = format!(
        r#"events {{}}
pid nginx.pid;
http {{
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent" $host $upstream_addr';
  access_log off;
  upstream app_a {{ server 127.0.0.1:{a}; }}
  upstream app_b {{ server 127.0.0.1:{b}; }}
  server {{ listen 127.0.0.1:{a}; return 200 "UP|a|$request_uri"; }}
  server {{ listen 127.0.0.1:{b}; return 200 "UP|b|$request_uri"; }}
  server {{ listen 127.0.0.1:{front}; server_name remain.example; access_log logs/access.log main;
    location ^~ /legacy/ {{ proxy_pass http://app_b/; }}
    location / {{ proxy_pass http://app_a; }}
  }}
}}
"#
    );
    std::fs::create_dir_all(bench.dir().join("logs")).expect("a folder");
    let running = bench.start(&text).expect("nginx runs");
    let mut client = Client::default();
    let targets =
        ["/", "/legacy/x", "//legacy/%22y%20z", "/%6cegacy/q?a=\"b\"", "/\u{e9}", "/..", "/legacy/"];
    let mut to_b = 0;
    for round in 0..20 {
        for target in targets {
            let request = Request {
                listen: Some(format!("127.0.0.1:{front}")),
                headers: vec![("User-Agent".to_owned(), format!("agent \"{round}\" \\ \u{e9}").into_bytes())],
                ..Request::get("remain.example", target)
            };
            let observed = client.send(&request).expect("an answer");
            to_b += u64::from(observed.echo.is_some_and(|(name, _)| name == "b"));
        }
    }
    let path = bench.dir().join("logs/access.log");
    // the last line may be written after its answer was read
    let written = || std::fs::read(&path).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1);
    for _ in 0..500 {
        if written() >= 140 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    drop(running);
    let config = Config::from_text(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let mut reader = Reader::new(&config, LogOptions::default()).expect("a reader");
    reader.file(&path.display().to_string()).expect("the log");
    let report = reader.report();
    assert_eq!((report.lines, report.rejected), (140, 0), "{:?}", report.rejected_examples);
    let counted: u64 = report
        .routes
        .iter()
        .filter(|route| route.destination.as_deref() == Some("app_b"))
        .map(|route| route.requests)
        .sum();
    assert_eq!(counted, to_b);
    assert_eq!(report.agreement.agreed, report.agreement.compared);
    assert!(report.agreement.compared >= 120);
}

proptest::proptest! {
    #[test]
    fn every_line_is_parsed_or_rejected_once(
        parts in proptest::collection::vec(proptest::prop_oneof![
            proptest::strategy::Just(line("1.2.3.4", "/legacy/x", "remain.example", "127.0.0.1:3002").into_bytes()),
            proptest::strategy::Just(line("1.2.3.5", "/x?y", "MOVES.example", "-").into_bytes()),
            proptest::strategy::Just(b"\n".to_vec()),
            proptest::strategy::Just(b"\r\n".to_vec()),
            proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
        ], 0..40),
        threads in 1..3_usize,
    ) {
        let content = parts.concat();
        let ends = content.split(|byte| *byte == b'\n').count() - 1;
        let lines = ends + usize::from(content.last().is_some_and(|byte| *byte != b'\n'));
        let (report, _) = read(&[("access.log", content)], LogOptions { threads, ..LogOptions::default() });
        proptest::prop_assert_eq!(report.lines, lines as u64);
    }
}

#[test]
fn threads_count_what_one_counts() {
    let text: String = (0..40_000)
        .map(|n| {
            let upstream = if n % 3 == 0 { "127.0.0.1:3002" } else { "127.0.0.1:3001" };
            line(&format!("10.0.{}.{}", n % 7, n % 50), &format!("/legacy/{n}"), "remain.example", upstream)
        })
        .chain(std::iter::once("no line\n".to_owned()))
        .collect();
    let [one, many] = [1, 4].map(|threads| {
        let options = LogOptions { threads, moves: Some("app_b".to_owned()), ..LogOptions::default() };
        let (report, _) = read(&[("access.log", text.clone().into_bytes())], options);
        serde_json::to_value(&report).expect("JSON")
    });
    let places = |report: &serde_json::Value| {
        let lines = |example: &serde_json::Value| example["line"].as_u64();
        let examples = report["agreement"]["examples"].as_array().cloned().unwrap_or_default();
        examples.iter().map(lines).collect::<Vec<_>>()
    };
    assert_eq!(one["routes"], many["routes"]);
    assert_eq!(one["agreement"]["compared"], many["agreement"]["compared"]);
    assert_eq!(one["agreement"]["agreed"], many["agreement"]["agreed"]);
    assert_eq!(one["rejected_examples"]["does-not-fit-format"][0]["line"], 40_001);
    assert!(places(&one).len() == places(&many).len());
}

#[test]
fn times_outside_are_left_out_of_every_figure() {
    let early = line("1.1.1.1", "/", "remain.example", "127.0.0.1:3001");
    let late = early.replace("20/Nov/2026:23:10:00", "21/Nov/2026:23:10:00");
    let options = LogOptions { since: Some(1_795_186_800), ..LogOptions::default() };
    let (report, _) = read(&[("access.log", (early + &late).into_bytes())], options);
    assert_eq!((report.lines, report.parsed), (1, 1));
    assert_eq!(report.first.as_deref(), Some("2026-11-21T23:10:00+09:00"));
}

#[test]
fn clients_are_named_by_the_narrowest_network_and_mistakes_have_places() {
    let text = "[[client]]\nname = 'all'\naddresses = ['10.0.0.0/8']\n[[client]]\nname = 'one'\n\
                addresses = ['10.0.0.7', '2001:db8::/32']\n";
    let clients = Clients::parse("clients.toml", text).expect("clients");
    let name = |address: &str| clients.find(address).map(|client| client.name.clone());
    assert_eq!(name("10.0.0.7").as_deref(), Some("one"));
    assert_eq!(name("10.0.0.8").as_deref(), Some("all"));
    assert_eq!(name("2001:db8::5").as_deref(), Some("one"));
    assert_eq!(name("192.0.2.1"), None);
    let wrong = Clients::parse("c.toml", "[[client]]\nname = 'x'\naddresses = ['10.0.0.0/8', 'nowhere']\n");
    assert!(wrong.expect_err("no address").to_string().starts_with("c.toml:3:28: \"nowhere\""));
    let unknown = Clients::parse("c.toml", "[[client]]\nnaem = 'x'\n").expect_err("unknown key");
    assert!(unknown.to_string().starts_with("c.toml:2:1: "), "{unknown}");
}
