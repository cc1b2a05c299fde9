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
mod roles;
mod truth;
mod world;

/// Tells a measured result, and puts it into the table at the end of `cargo xtask faults`.
pub fn measured(fault: &str, figures: &str) {
    println!("{fault}: {figures}");
    report(&format!("{fault}\ttested\t{figures}"));
}

/// What a machine does not permit is said where nobody can miss it, and counted at the end.
pub fn not_here(fault: &str, why: &str) {
    println!("\n!!! {fault} IS NOT TESTED ON THIS MACHINE: {why}\n");
    report(&format!("{fault}\tNOT TESTED\t{why}"));
}

/// One line of the report that `cargo xtask faults` prints.
fn report(line: &str) {
    let Some(file) = std::env::var_os("LANDFALL_FAULTS_REPORT") else { return };
    let mut file = std::fs::File::options().create(true).append(true).open(file).unwrap();
    std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).unwrap();
}
