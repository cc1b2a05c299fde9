//! The route engine against the real nginx: some thousand requests.

use crate::differential::generate::Case;
use crate::differential::nginx::{Bench, binary};
use crate::differential::{Tally, run_one};

/// Configurations with 200 requests each.
const SEEDS: u64 = 25;

#[test]
fn the_engine_says_what_the_real_nginx_does() {
    if binary().is_none() {
        println!("SKIPPED: nginx is not installed (Debian: apt install nginx-light), nothing was compared");
        return;
    }
    let bench = Bench::new().expect("scratch folder and ports");
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let case = Case::new(seed, &bench);
        let mut one = Tally::default();
        let differences = run_one(&bench, &case.text, &case.requests, case.disk, &mut one);
        tally.add(&one);
        if let Some(difference) = differences.first() {
            panic!(
                "seed {seed}: {:?}\nsaid {}\nsaw {:?}\nin\n{}",
                String::from_utf8_lossy(&difference.request.target),
                serde_json::to_string(&difference.answer).unwrap_or_default(),
                difference.observed,
                case.text
            );
        }
    }
    println!("{tally:?}");
    assert_eq!(tally.refused, 0, "{:?}", tally.first_wrong);
    assert!(tally.requests > 3_000, "only {} requests were compared", tally.requests);
    let share = tally.certain_share();
    assert!(share >= 9_500, "only {share} of 10,000 decidable answers are certain");
}
