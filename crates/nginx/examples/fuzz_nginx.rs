//! Compares the route engine with the real nginx for as many seeds as wanted.
//!
//! `cargo run -p landfall-nginx --example fuzz_nginx -- --seeds 100 [--from 0] [--shrink N] [--keep DIR]`

#[path = "../tests/differential/mod.rs"]
mod differential;
#[path = "../tests/differential/shrink.rs"]
mod shrink;

use std::process::ExitCode;

use differential::generate::Case;
use differential::nginx::{Bench, binary};
use differential::{Tally, run_one};

fn main() -> ExitCode {
    let mut seeds = 100_u64;
    let mut from = 0_u64;
    let mut keep: Option<String> = None;
    let mut shrinks = 3;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next();
        match (arg.as_str(), value.as_deref()) {
            ("--seeds", Some(value)) => seeds = value.parse().unwrap_or(seeds),
            ("--from", Some(value)) => from = value.parse().unwrap_or(from),
            ("--shrink", Some(value)) => shrinks = value.parse().unwrap_or(shrinks),
            ("--keep", Some(value)) => keep = Some(value.to_owned()),
            _ => {
                eprintln!("error: usage: fuzz_nginx [--seeds N] [--from N] [--shrink N] [--keep DIR]");
                return ExitCode::from(2);
            }
        }
    }
    if binary().is_none() {
        eprintln!("error: nginx is not installed\nhelp: apt install nginx-light, or set NGINX_BINARY");
        return ExitCode::from(2);
    }
    let bench = match Bench::new() {
        Ok(bench) => bench,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("working in {}", bench.dir().display());
    let mut total = Tally::default();
    let mut shown = 0;
    for seed in from..from + seeds {
        let case = Case::new(seed, &bench);
        let mut tally = Tally::default();
        let differences = run_one(&bench, &case.text, &case.requests, case.disk, &mut tally);
        if tally.refused > 0 {
            println!(
                "seed {seed}: {}",
                tally.first_wrong.clone().unwrap_or_default().lines().next().unwrap_or("")
            );
        }
        if let Some(difference) = differences.first() {
            println!("seed {seed}: {} differences", differences.len());
            for difference in differences.iter().take(2) {
                show(difference);
            }
            if let Some(dir) = &keep {
                let _ = std::fs::create_dir_all(dir);
                let _ = std::fs::write(format!("{dir}/seed-{seed}.full.conf"), &case.text);
            }
            if shown < shrinks {
                shown += 1;
                let (small, request) = shrink::shrink(&bench, &case.text, difference);
                let mut again = Tally::default();
                let difference =
                    run_one(&bench, &small, std::slice::from_ref(&request), true, &mut again).pop();
                println!("{small}");
                if let Some(difference) = difference {
                    show(&difference);
                }
                if let Some(dir) = &keep {
                    let _ = std::fs::create_dir_all(dir);
                    let _ = std::fs::write(format!("{dir}/seed-{seed}.conf"), small);
                }
            }
        }
        total.add(&tally);
        if (seed + 1 - from).is_multiple_of(100) {
            eprintln!("{} seeds: {}", seed + 1 - from, line(&total));
        }
    }
    println!("{}", line(&total));
    let unsure = total.decidable >= 10_000 && total.certain_share() < 9_500;
    let fine = total.wrong + total.missed + total.refused == 0 && !unsure;
    if fine { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn show(difference: &differential::Difference) {
    println!(
        "{} {} host {:?} listen {:?} headers {:?}\nsaid {}\nsaw  {:?}",
        difference.request.method,
        String::from_utf8_lossy(&difference.request.target),
        String::from_utf8_lossy(&difference.request.host),
        difference.request.listen,
        difference.request.headers,
        serde_json::to_string(&difference.answer).unwrap_or_default(),
        difference.observed
    );
}

fn line(tally: &Tally) -> String {
    let share = tally.certain_share();
    let share = format!("{}.{:02}", share / 100, share % 100);
    format!(
        "{} configurations, {} requests: {} certain, {} conditional, {} unknown; wrong {}, missed {}, validity differs {}; \
         nginx crashed {}, no answer {}, not repeated {}; certain where only the configuration decides: {share} %",
        tally.configs,
        tally.requests,
        tally.certain,
        tally.conditional,
        tally.unknown,
        tally.wrong,
        tally.missed,
        tally.refused,
        tally.crashed,
        tally.lost,
        tally.once
    )
}
