//! Long fault tests: the real program, killed, paused and starved. `cargo xtask faults` runs them; the names F7 to F23
//! are those of `docs/reliability.md`, which also says where the quick ones stand.

#![expect(
    clippy::similar_names,
    clippy::duration_suboptimal_units,
    reason = "figures of the rules are written as the rules write them, in seconds"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../store/cluster.rs"]
mod cluster;
mod crowd;
mod kill;
mod machine;
mod outage;
mod pause;
mod replica;
mod truth;
mod world;

/// What a machine does not permit is said where nobody can miss it.
pub fn not_here(fault: &str, why: &str) {
    println!("\n!!! {fault} IS NOT TESTED ON THIS MACHINE: {why}\n");
}
