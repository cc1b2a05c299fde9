//! Compares the route engine with the real nginx: generated configurations, small echo upstreams, raw requests.

pub mod compare;
pub mod generate;
pub mod http;
pub mod nginx;
pub mod random;

use landfall_nginx::config::Config;
use landfall_nginx::route::{Request, Verdict};

/// Sums of a comparison.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub configs: u64,
    pub requests: u64,
    pub certain: u64,
    pub conditional: u64,
    pub unknown: u64,
    /// Certain answers that nginx contradicts.
    pub wrong: u64,
    /// Conditional answers without the outcome that came.
    pub missed: u64,
    /// Configurations on whose validity nginx and we differ.
    pub refused: u64,
    /// Requests whose answer depends on nothing but the configuration.
    pub decidable: u64,
    pub decidable_certain: u64,
    pub first_wrong: Option<String>,
    /// Configurations that made nginx itself crash.
    pub crashed: u64,
    /// Requests that got no answer in time.
    pub lost: u64,
    /// Differences that a second try did not show.
    pub once: u64,
}

impl Tally {
    /// Share of certain answers where nothing but the configuration decides, in hundredths of a percent.
    pub fn certain_share(&self) -> u64 {
        self.decidable_certain * 10_000 / self.decidable.max(1)
    }

    /// Adds the sums of another run.
    pub fn add(&mut self, other: &Self) {
        self.configs += other.configs;
        self.requests += other.requests;
        self.certain += other.certain;
        self.conditional += other.conditional;
        self.unknown += other.unknown;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.refused += other.refused;
        self.decidable += other.decidable;
        self.decidable_certain += other.decidable_certain;
        self.crashed += other.crashed;
        self.lost += other.lost;
        self.once += other.once;
        if self.first_wrong.is_none() {
            self.first_wrong.clone_from(&other.first_wrong);
        }
    }
}

/// A difference that was found.
pub struct Difference {
    pub request: Request,
    pub answer: landfall_nginx::route::Answer,
    pub observed: http::Observed,
}

/// Runs one configuration with its requests; differences are given back.
pub fn run_one(
    bench: &nginx::Bench,
    text: &str,
    requests: &[Request],
    disk: bool,
    tally: &mut Tally,
) -> Vec<Difference> {
    tally.configs += 1;
    let ours = Config::from_text(text);
    let mut running = match bench.start(text) {
        Ok(running) => running,
        Err(why) => {
            if ours.is_ok() {
                tally.refused += 1;
                tally
                    .first_wrong
                    .get_or_insert_with(|| format!("nginx refuses what we accept: {why}\n{text}"));
            }
            return Vec::new();
        }
    };
    let config = match ours {
        Ok(config) => config,
        Err(errors) => {
            tally.refused += 1;
            tally
                .first_wrong
                .get_or_insert_with(|| format!("we refuse what nginx accepts: {errors}\n{text}"));
            return Vec::new();
        }
    };
    let mut client = http::Client::default();
    let mut differences = Vec::new();
    for request in requests {
        let answer = config.route(request);
        let observed = client.send(request);
        if observed.as_ref().is_none_or(|observed| observed.closed) && !running.alive() {
            tally.crashed += 1;
            break;
        }
        let Some(mut observed) = observed else {
            tally.lost += 1;
            if std::env::var_os("FUZZ_SHOW_LOST").is_some() {
                println!("no answer: {request:?}");
            }
            continue;
        };
        tally.requests += 1;
        match answer.verdict {
            Verdict::Certain => tally.certain += 1,
            Verdict::Conditional => tally.conditional += 1,
            Verdict::Unknown => tally.unknown += 1,
        }
        if !disk {
            tally.decidable += 1;
            tally.decidable_certain += u64::from(answer.verdict == Verdict::Certain);
        }
        let mut fits = compare::fits(&answer, &observed);
        if !fits && observed.closed {
            // a crash closes connections a moment before the process is gone
            std::thread::sleep(std::time::Duration::from_millis(50));
            if !running.alive() {
                tally.crashed += 1;
                break;
            }
        }
        if !fits && let Some(again) = http::Client::default().send(request) {
            // what does not happen twice was the machine, not the configuration
            fits = compare::fits(&answer, &again);
            tally.once += u64::from(fits);
            observed = again;
        }
        if !fits {
            match answer.verdict {
                Verdict::Certain => tally.wrong += 1,
                _ => tally.missed += 1,
            }
            differences.push(Difference { request: request.clone(), answer, observed });
        }
    }
    drop(running);
    differences
}
