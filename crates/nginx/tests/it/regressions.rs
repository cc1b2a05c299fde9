//! Differences from the real nginx that were found once, each as its smallest configuration.
//!
//! `# METHOD host target header => kind detail`: what nginx 1.22 was seen to do.

use landfall_nginx::config::Config;
use landfall_nginx::route::{Request, Verdict};

/// `/a{2000}` stands for `/a` and two thousand letters.
fn long(target: &str) -> String {
    let Some((start, count)) = target.split_once('{') else { return target.to_owned() };
    let count = count.trim_end_matches('}').parse().expect("a number");
    start.to_owned() + &"l".repeat(count)
}

#[test]
fn differences_that_were_found_stay_mended() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions");
    let mut checked = 0;
    for entry in std::fs::read_dir(dir).expect("the folder").flatten() {
        let path = entry.path();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let config = Config::from_text(&text).unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
        for line in text.lines().filter_map(|line| line.strip_prefix("# => ")) {
            let (asked, expected) = line.split_once(" => ").expect("request => outcome");
            let mut words = asked.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let (method, host, target) = (word(), word(), word());
            let request = Request { method: method.to_owned(), ..Request::get(host, &long(target)) };
            let answer = config.route(&request);
            let outcome = &answer.outcomes[0];
            let found = format!(
                "{:?} {}",
                outcome.kind,
                [
                    outcome.status.map(|status| status.to_string()),
                    outcome.upstream.clone(),
                    outcome.uri.clone()
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
            );
            assert_eq!(answer.verdict, Verdict::Certain, "{}: {asked}", path.display());
            assert_eq!(found.trim_end().to_lowercase(), expected, "{}: {asked}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 8, "only {checked} requests");
}
