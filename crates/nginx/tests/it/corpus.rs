//! Odd configurations: kept ones, mutilated ones, made-up ones; accepted and refused as the real nginx does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use landfall_nginx::config::Config;
use proptest::prelude::*;

use crate::differential::nginx::binary;
use crate::differential::random::Random;

/// Names begin with what nginx says: `ok-`, `bad-`; `kinder-` where we read what nginx refuses.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut found: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"))
        })
        .collect();
    found.sort();
    found
}

/// Asks `nginx -t`; what it says when it refuses.
struct Judge {
    dir: tempfile::TempDir,
    binary: PathBuf,
}

impl Judge {
    fn new() -> Option<Self> {
        Some(Self { dir: tempfile::tempdir().ok()?, binary: binary()? })
    }

    fn refuses(&self, text: &[u8]) -> Option<String> {
        let path = self.dir.path().join("nginx.conf");
        std::fs::write(&path, text).expect("written");
        let output = Command::new(&self.binary)
            .args(["-t", "-q", "-e", "stderr", "-g", "pid p; error_log stderr;"])
            .arg("-c")
            .arg(&path)
            .arg("-p")
            .arg(self.dir.path())
            .stdin(Stdio::null())
            .output()
            .expect("nginx runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let why = said.lines().find(|line| line.contains("[emerg]")).unwrap_or(&said).to_owned();
        (!output.status.success()).then_some(why)
    }
}

#[test]
fn kept_configurations_are_taken_as_nginx_takes_them() {
    let judge = Judge::new();
    if judge.is_none() {
        println!("nginx is not installed: only our own answers are checked");
    }
    let corpus = corpus();
    assert!(corpus.len() >= 14);
    for (name, text) in corpus {
        let ours = Config::read_bytes(&text, &name, None);
        assert_eq!(ours.is_ok(), !name.starts_with("bad-"), "{name}: {ours:?}");
        if let Err(errors) = &ours {
            assert!(errors.0.iter().all(|error| error.line > 0), "{name}: {errors}");
        }
        if let Some(judge) = &judge
            && !name.starts_with("kinder-")
        {
            let theirs = judge.refuses(&text);
            assert_eq!(theirs.is_some(), name.starts_with("bad-"), "{name}: {theirs:?}");
        }
    }
}

/// Words that meet each other in every way within a place where nginx takes any words.
fn made_up(random: &mut Random) -> Vec<u8> {
    const PIECES: &[&[u8]] = &[
        b"a",
        b"b c",
        b"\"",
        b"'",
        b"\\",
        b"\\\"",
        b"\\'",
        b"\\;",
        b"\\t",
        b"${x}",
        b"$",
        b"${",
        b"}",
        b"{",
        b";",
        b" ",
        b"\n",
        b"\r\n",
        b"\t",
        b"#",
        b"# c\n",
        b"\"q r\"",
        b"'s;{}'",
        b"\"\"",
        b")",
        b"(",
        b"\xff\xfe",
        b"\xe3\x81\x82",
        b"x\"y",
        b"z'w",
        b"\\\\",
        b"=",
        b",",
    ];
    let mut text = b"events {} http { map $uri $x { default 0; ".to_vec();
    for _ in 0..=random.below(3) {
        text.extend(format!("\nkey{} ", random.below(1000)).bytes());
        for _ in 0..=random.below(5) {
            text.extend_from_slice(random.pick(PIECES));
        }
        if !random.one_in(8) {
            text.push(b';');
        }
    }
    text.extend_from_slice(b"\n} server { return 200; } }\n");
    text
}

#[test]
fn words_are_cut_as_the_real_nginx_cuts_them() {
    let Some(judge) = Judge::new() else {
        println!("SKIPPED: nginx is not installed (Debian: apt install nginx-light)");
        return;
    };
    let cases = std::env::var("SYNTAX_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(250_u64);
    let mut accepted = 0;
    for seed in 0..cases {
        let text = made_up(&mut Random(seed));
        let ours = Config::read_bytes(&text, "nginx.conf", None);
        let theirs = judge.refuses(&text);
        assert_eq!(
            ours.is_ok(),
            theirs.is_none(),
            "seed {seed}: {}\nwe: {:?}\nnginx: {theirs:?}",
            String::from_utf8_lossy(&text),
            ours.err()
        );
        accepted += u64::from(theirs.is_none());
    }
    println!("{cases} configurations, {accepted} of them accepted");
    assert!(accepted * 10 > cases, "too few are accepted to say something");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mutilated_configurations_never_make_it_panic(
        which in any::<proptest::sample::Index>(),
        cuts in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let corpus = corpus();
        let mut text = which.get(&corpus).1.clone();
        for (at, byte, what) in cuts {
            let at = at.index(text.len().max(1)).min(text.len());
            match what {
                0 => text.truncate(at),
                1 => text.insert(at, byte),
                2 if at < text.len() => { text.remove(at); }
                _ if at < text.len() => text[at] = byte,
                _ => {}
            }
        }
        if let Ok(config) = Config::read_bytes(&text, "nginx.conf", None) {
            let _ = config.routes();
            let _ = config.route(&landfall_nginx::route::Request::get("a.example", "/a b/x?y"));
        }
    }
}
