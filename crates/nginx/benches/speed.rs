//! How fast configurations and logs are read: `cargo bench -p landfall-nginx [-- --lines 1000000]`.
//!
//! Each figure is the best of three runs, as other work on the machine can only make a run slower. mawk counts
//! by client and path of the same file in the same run, where it is installed.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use landfall_nginx::config::Config;
use landfall_nginx::logs::{LogOptions, Reader};

const RUNS: usize = 3;

const CONFIG: &str = r#"events {}
http {
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $host $upstream_addr';
  access_log logs/access.log main;
  upstream app_a { server 127.0.0.1:3001; }
  upstream app_b { server 127.0.0.1:3002; }
  server { listen 80; server_name remain.example;
    location ^~ /legacy/ { proxy_pass http://app_b/; }
    location / { root /srv; try_files $uri @app; }
    location @app { proxy_pass http://app_a; }
  }
  server { listen 80; server_name moves.example; location / { proxy_pass http://app_b; } }
}
"#;

fn main() -> std::io::Result<()> {
    let mut lines = 1_000_000_u64;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--lines" {
            lines = args.next().and_then(|value| value.parse().ok()).unwrap_or(lines);
        }
    }
    configuration();
    let dir = tempfile::tempdir()?;
    for (name, clients, agents) in [("few callers", 300, 20), ("many callers", 60_000, 46)] {
        let path = dir.path().join("access.log");
        write_log(&path, lines, clients, agents)?;
        logs(name, &path, lines);
    }
    Ok(())
}

/// A configuration of one megabyte: parse, check, compile.
fn configuration() {
    let mut text = String::from("events {}\nhttp {\n");
    let mut number = 0;
    while text.len() < 1 << 20 {
        number += 1;
        let _ = write!(
            text,
            "  upstream up_{number} {{ server 10.0.{}.{}:8080; }}\n  server {{\n    listen 80;\n    \
             server_name s{number}.example *.s{number}.example;\n",
            number / 250 % 250,
            number % 250
        );
        for location in 0..10 {
            let _ = write!(
                text,
                "    location /part-{location}/ {{\n      proxy_set_header Host $host;\n      \
                 proxy_pass http://up_{number}/;\n    }}\n"
            );
        }
        text.push_str("    location ~ \\.php$ { return 404; }\n  }\n");
    }
    text.push_str("}\n");
    let mut best: Option<Duration> = None;
    for _ in 0..RUNS {
        let (took, config) = timed(|| Config::from_text(&text));
        assert!(config.is_ok(), "the configuration is valid");
        best = Some(best.map_or(took, |before| before.min(took)));
    }
    let took = best.unwrap_or_default();
    println!(
        "configuration: {} bytes, {} lines, read and compiled in {:.1} ms (bar 50 ms)",
        text.len(),
        text.lines().count(),
        took.as_secs_f64() * 1000.0
    );
}

fn logs(name: &str, path: &Path, lines: u64) {
    let config = Config::from_text(CONFIG).unwrap_or_else(|errors| panic!("{errors}"));
    let read = |threads: usize| {
        let options = LogOptions { threads, moves: Some("app_b".to_owned()), ..LogOptions::default() };
        let mut reader = Reader::new(&config, options).expect("a reader");
        reader.file(&path.display().to_string()).expect("a log");
        reader.report().parsed
    };
    let rate = |took: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
        let lines = lines as f64;
        lines / took.as_secs_f64() / 1e6
    };
    let best = |threads: usize| {
        let runs = (0..RUNS).map(|_| timed(|| read(threads)));
        let (took, parsed) = runs.min_by_key(|(took, _)| *took).unwrap_or_default();
        assert_eq!(parsed, lines);
        rate(took)
    };
    let (one, all) = (best(1), best(0));
    println!(
        "logs, {name}: {lines} lines; {one:.2} million a second on one core, {all:.2} on all; {}",
        memory()
    );
    match (0..RUNS).filter_map(|_| mawk(path)).min() {
        Some(took) => {
            let mawk = rate(took);
            println!(
                "  mawk, counting by client and path only: {mawk:.2} million a second; ratio {:.2}",
                one / mawk
            );
        }
        None => println!("  mawk is not installed"),
    }
}

fn mawk(path: &Path) -> Option<Duration> {
    let program = "{ c[$1 \" \" $7]++ } END { n = 0; for (k in c) n++; print n }";
    let (took, status) = timed(|| Command::new("mawk").arg(program).arg(path).stdout(Stdio::null()).status());
    status.ok().filter(std::process::ExitStatus::success).map(|_| took)
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = work();
    (begun.elapsed(), result)
}

/// Most memory this process has had, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.map_or_else(
        || "memory not known".to_owned(),
        |most| format!("at most {} of memory so far", most.trim()),
    )
}

fn write_log(path: &Path, lines: u64, clients: u64, agents: u64) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for line in 0..lines {
        let second = line * 86_400 / lines.max(1);
        let client = random(clients);
        let thing = random(3000);
        let target = match random(8) {
            0 => "/".to_owned(),
            1 => "/legacy/x".to_owned(),
            2 => format!("/assets/app-{thing}.js"),
            3 => format!("/items/{thing}?page=2&q=abc"),
            4 => format!("/api/v1/things/{thing}"),
            5 => "/login".to_owned(),
            6 => "/style.css".to_owned(),
            _ => format!("/items/{thing}"),
        };
        let host = if random(10) < 6 { "remain.example" } else { "moves.example" };
        let port = if host == "moves.example" || target.starts_with("/legacy") { 3002 } else { 3001 };
        writeln!(
            out,
            "10.{}.{}.{} - - [20/Nov/2026:{:02}:{:02}:{:02} +0900] \"GET {target} HTTP/1.1\" 200 {} \"-\" \
             \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.{}.0 \
             Safari/537.36\" {host} 127.0.0.1:{port}",
            client / 62_500,
            client / 250 % 250,
            client % 250,
            second / 3600,
            second / 60 % 60,
            second % 60,
            random(90_000),
            random(agents)
        )?;
    }
    out.flush()
}
