//! Following growing files through rotation, and going on after a restart.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use landfall_nginx::config::Config;
use landfall_nginx::logs::{Follower, LogError, LogOptions, Position, Reader};

const CONFIG: &str = "events {} http { access_log access.log; \
    server { server_name a; location /x { proxy_pass http://127.0.0.1:3001; } } }";

fn config() -> Config {
    Config::from_text(CONFIG).expect("valid")
}

fn write(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("opened");
    file.write_all(text.as_bytes()).expect("written");
}

fn lines(from: u32, to: u32) -> String {
    let line = |n| {
        format!("192.0.2.{n} - - [20/Nov/2026:23:10:00 +0900] \"GET /x/{n} HTTP/1.1\" 200 1 \"-\" \"c\"\n")
    };
    (from..to).map(line).collect::<Vec<_>>().concat()
}

fn requests(reader: &Reader<'_>) -> u64 {
    let report = reader.report();
    assert_eq!(report.parsed + report.rejected, report.lines);
    assert_eq!(report.rejected, 0, "{:?}", report.rejected_examples);
    report.parsed
}

#[test]
fn lines_are_counted_once_through_every_kind_of_rotation() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("access.log");
    let name = path.display().to_string();
    let config = config();
    let mut reader = Reader::new(&config, LogOptions::default()).expect("a reader");
    let mut follower = Follower::new(&name);
    follower.poll(&mut reader).expect("a file that is not there yet");
    let text = lines(0, 3);
    write(&path, &text[..text.len() - 20]);
    follower.poll(&mut reader).expect("polled");
    assert_eq!(requests(&reader), 2, "the third line is not whole");
    write(&path, &text[text.len() - 20..]);
    follower.poll(&mut reader).expect("polled");
    assert_eq!(requests(&reader), 3);
    // renamed; nginx writes on into the old file until it opens the new one
    std::fs::rename(&path, dir.path().join("access.log.1")).expect("renamed");
    write(&dir.path().join("access.log.1"), &lines(3, 5));
    follower.poll(&mut reader).expect("polled");
    write(&path, &lines(5, 6));
    follower.poll(&mut reader).expect("polled");
    write(&dir.path().join("access.log.1"), &lines(6, 7));
    follower.poll(&mut reader).expect("polled");
    assert_eq!(requests(&reader), 7);
    // copied away and cut to nothing
    std::fs::write(&path, "").expect("cut");
    follower.poll(&mut reader).expect("polled");
    write(&path, &lines(7, 9));
    follower.poll(&mut reader).expect("polled");
    assert_eq!(requests(&reader), 9);
}

#[test]
fn a_restart_goes_on_where_the_checkpoint_ended() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("access.log");
    let name = path.display().to_string();
    let config = config();
    let all: Vec<Position> = {
        let mut reader = Reader::new(&config, LogOptions::default()).expect("a reader");
        let mut follower = Follower::new(&name);
        write(&path, &lines(0, 4));
        write(&path, "192.0.2.9 - half a l");
        follower.poll(&mut reader).expect("polled");
        let positions: Vec<Position> = follower.position().into_iter().collect();
        std::fs::write(dir.path().join("state"), reader.save(positions.clone()).expect("saved"))
            .expect("kept");
        positions
    };
    assert_eq!(all[0].line, 5);
    // while nobody looks the line is finished, the file renamed, a new one begun
    let rest = "ine\n";
    write(&path, rest);
    std::fs::rename(&path, dir.path().join("access.log.1")).expect("renamed");
    write(&path, &lines(4, 6));
    let mut reader = Reader::new(&config, LogOptions::default()).expect("a reader");
    let state = std::fs::read(dir.path().join("state")).expect("kept");
    let positions = reader.restore("state", &state).expect("restored");
    let (mut follower, found) = Follower::resume(&positions[0]);
    assert!(found);
    follower.poll(&mut reader).expect("polled");
    follower.poll(&mut reader).expect("polled");
    let report = reader.report();
    assert_eq!((report.parsed, report.rejected), (6, 1));
    assert_eq!(report.rejected_examples["does-not-fit-format"][0].line, 5);
    assert_eq!(report.routes.iter().map(|route| route.callers.len()).sum::<usize>(), 6);
    // the same as one run over everything
    let mut once = Reader::new(&config, LogOptions::default()).expect("a reader");
    once.file(&dir.path().join("access.log.1").display().to_string()).expect("read");
    once.file(&name).expect("read");
    let (ours, theirs) = (report, once.report());
    assert_eq!(
        serde_json::to_value(&ours.routes).expect("JSON"),
        serde_json::to_value(&theirs.routes).expect("JSON")
    );
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let config = config();
    let reader = Reader::new(&config, LogOptions::default()).expect("a reader");
    let state = reader.save(Vec::new()).expect("saved");
    let other = Config::from_text(&CONFIG.replace("/x", "/y")).expect("valid");
    let mut reader = Reader::new(&other, LogOptions::default()).expect("a reader");
    assert!(matches!(reader.restore("state", &state), Err(LogError::Checkpoint(..))));
    assert!(matches!(reader.restore("state", b"{}"), Err(LogError::Checkpoint(..))));
}
