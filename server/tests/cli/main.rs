//! The program as it is called from a shell: `routes`, `logs` and `images`.

mod images;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const CONFIG: &str = r#"events {}
http {
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent" $host $upstream_addr';
  access_log logs/access.log main;
  upstream app_a { server 127.0.0.1:3001; }
  upstream app_b { server 127.0.0.1:3002; }
  include sites/*.conf;
}
"#;

const SITE: &str = r"server { listen 80; server_name remain.example;
  location ^~ /legacy/ { proxy_pass http://app_b/; }
  location / { proxy_pass http://app_a; }
}
";

fn world() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("sites")).expect("a folder");
    std::fs::write(dir.path().join("nginx.conf"), CONFIG).expect("written");
    std::fs::write(dir.path().join("sites/remain.conf"), SITE).expect("written");
    dir
}

fn landfall(dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_landfall"))
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("standard input");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    // a program that refuses its arguments does not read its input
    let _ = writer.join().expect("the writer ends");
    output
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", errors(output));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_request_is_explained_from_files_a_dump_and_standard_input() {
    let dir = world();
    let ask = ["--host", "remain.example", "--path", "/legacy/x?y=1", "--json"];
    let answer = json(&landfall(
        dir.path(),
        &[&["routes", "explain", "--config", "nginx.conf"], ask.as_slice()].concat(),
        "",
    ));
    assert_eq!(answer["verdict"], "certain");
    assert_eq!(answer["outcomes"][0]["upstream"], "app_b");
    assert_eq!(answer["outcomes"][0]["uri"], "/x?y=1");
    assert_eq!(answer["location"]["file"], "sites/remain.conf");
    assert_eq!(answer["location"]["line"], 2);
    let dump = format!(
        "nginx: configuration file /etc/nginx/nginx.conf test is successful\n\
         # configuration file /etc/nginx/nginx.conf:\n{CONFIG}\n# configuration file /etc/nginx/sites/remain.conf:\n{SITE}"
    );
    let answer = json(&landfall(
        dir.path(),
        &[&["routes", "explain", "--config", "-"], ask.as_slice()].concat(),
        &dump,
    ));
    assert_eq!(answer["location"]["file"], "/etc/nginx/sites/remain.conf");
    assert_eq!(answer["location"]["line"], 2);
}

#[test]
fn requests_are_answered_line_by_line_and_every_mistake_is_told() {
    let dir = world();
    let requests = "{\"id\":7,\"host\":\"remain.example\",\"target\":\"/\"}\nno json\n\
                    {\"id\":\"x\",\"host\":\"remain.example\",\"target\":\"/legacy/\",\"typo\":1}\n\
                    {\"id\":null,\"host\":\"remain.example\",\"target\":\"/legacy/\"}\n";
    std::fs::write(dir.path().join("reqs.jsonl"), requests).expect("written");
    let arguments = ["routes", "explain", "--config", "nginx.conf", "--requests", "reqs.jsonl", "--json"];
    let output = landfall(dir.path(), &arguments, "");
    assert_eq!(output.status.code(), Some(2));
    let said = errors(&output);
    assert!(said.contains("error: reqs.jsonl:2:1: ") && said.contains("error: reqs.jsonl:3:1: "), "{said}");
    let answers: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["id"], 7);
    assert_eq!(answers[1]["outcomes"][0]["upstream"], "app_b");
}

#[test]
fn every_mistake_of_a_configuration_has_its_place() {
    let dir = world();
    let site = "server {\n  location / { proxy_pass x; }\n  location / { return 20000; }\n}\n";
    std::fs::write(dir.path().join("sites/wrong.conf"), site).expect("written");
    let output = landfall(dir.path(), &["routes", "list", "--config", "nginx.conf"], "");
    assert_eq!(output.status.code(), Some(2));
    let said = errors(&output);
    for place in ["sites/wrong.conf:2:27: ", "sites/wrong.conf:3:3: ", "sites/wrong.conf:3:23: "] {
        assert!(said.contains(&format!("error: {place}")), "{place} in {said}");
    }
    let output = landfall(dir.path(), &["routes", "list", "--config", "nowhere.conf"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).starts_with("error: nowhere.conf: "), "{}", errors(&output));
}

#[test]
fn routes_are_listed_and_narrowed_to_what_reaches_an_upstream() {
    let dir = world();
    let list = |more: &[&str]| {
        json(&landfall(
            dir.path(),
            &[&["routes", "list", "--config", "nginx.conf", "--json"], more].concat(),
            "",
        ))
    };
    assert_eq!(list(&[])["routes"].as_array().map(Vec::len), Some(2));
    let narrowed = list(&["--to", "app_b"]);
    assert_eq!(narrowed["routes"][0]["location"]["pattern"], "/legacy/");
    assert_eq!(narrowed["routes"].as_array().map(Vec::len), Some(1));
}

fn line(minute: u32, target: &str, upstream: &str) -> String {
    format!(
        "192.0.2.7 - - [20/Nov/2026:23:{minute:02}:00 +0900] \"GET {target} HTTP/1.1\" 200 \"c\" remain.example {upstream}\n"
    )
}

#[test]
fn logs_are_counted_with_leftovers_and_named_callers() {
    let dir = world();
    let text = line(0, "/legacy/x", "127.0.0.1:3002") + &line(1, "/y", "127.0.0.1:3001") + "no line\n";
    std::fs::write(dir.path().join("access.log.1"), text).expect("written");
    let clients = "[[client]]\nname = 'billing'\naddresses = ['192.0.2.0/24']\nowner = 'team'\n";
    std::fs::write(dir.path().join("clients.toml"), clients).expect("written");
    let arguments = [
        "logs",
        "--config",
        "nginx.conf",
        "--clients",
        "clients.toml",
        "--moves",
        "app_b",
        "--role",
        "web",
        "access.log.1",
    ];
    let output = landfall(dir.path(), &arguments, "");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "role web",
        "3 lines: 2 parsed, 1 rejected",
        "access.log.1:3: no line",
        "2 of 2 lines",
        "billing, owner team",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let report = json(&landfall(dir.path(), &[arguments.as_slice(), &["--json"]].concat(), ""));
    assert_eq!((&report["lines"], &report["role"]), (&Value::from(3), &Value::from("web")));
    assert_eq!(report["routes"][0]["leftover"], true);
    assert_eq!(report["routes"][0]["callers"][0]["name"], "billing");
    let since = [arguments.as_slice(), &["--json", "--since", "2026-11-20T14:01:00Z"]].concat();
    assert_eq!(json(&landfall(dir.path(), &since, ""))["parsed"], 1);
}

#[test]
fn what_cannot_be_read_is_exit_status_2_and_named() {
    let dir = world();
    std::fs::write(dir.path().join("access.log"), line(0, "/", "-")).expect("written");
    let wrong = |arguments: &[&str], part: &str| {
        let all = [&["logs", "--config", "nginx.conf"], arguments].concat();
        let output = landfall(dir.path(), &all, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && errors(&output).contains(part), "{}", errors(&output));
    };
    wrong(&["access.log", "one.log", "two.log"], "error: two.log: ");
    wrong(&["--format", "nope", "access.log"], "nope");
    wrong(&["--clients", "none.toml", "access.log"], "error: none.toml: ");
    wrong(&["--since", "yesterday", "access.log"], "--since");
    wrong(&["--checkpoint", "state", "access.log.gz"], "error: access.log.gz: ");
    wrong(&[], "<FILE>");
}

#[test]
fn a_checkpoint_makes_runs_add_up() {
    let dir = world();
    let path = dir.path().join("access.log");
    std::fs::write(&path, line(0, "/", "127.0.0.1:3001")).expect("written");
    let arguments = ["logs", "--config", "nginx.conf", "--checkpoint", "state.json", "--json", "access.log"];
    assert_eq!(json(&landfall(dir.path(), &arguments, ""))["lines"], 1);
    assert_eq!(json(&landfall(dir.path(), &arguments, ""))["lines"], 1, "nothing is counted twice");
    std::fs::rename(&path, dir.path().join("access.log.1")).expect("rotated");
    std::fs::write(&path, line(1, "/", "127.0.0.1:3001") + &line(2, "/", "127.0.0.1:3001")).expect("written");
    assert_eq!(json(&landfall(dir.path(), &arguments, ""))["lines"], 3);
}
