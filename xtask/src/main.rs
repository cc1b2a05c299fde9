//! `cargo xtask …`: the build steps, typed and readable.

mod apt;
mod command;
mod containerfile;
mod css;
mod database;
mod gates;
mod licences;
mod node;
mod paths;
mod postgres;
mod process;
mod server;
mod site;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, run and check Landfall.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(command::demo::Demo),
    Test(command::test::Test),
    Lint(command::lint::Lint),
    Dev(command::dev::Dev),
    E2e(command::e2e::E2e),
    Bench(command::bench::Bench),
    Faults(command::faults::Faults),
    FuzzNginx(command::fuzz_nginx::FuzzNginx),
    Package(command::package::Package),
    Site(command::site::Site),
    SqlxPrepare(command::sqlx_prepare::SqlxPrepare),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = process::catch_signals().and_then(|()| match cli.command {
        Command::Demo(it) => it.run(),
        Command::Test(it) => it.run(),
        Command::Lint(it) => it.run(),
        Command::Dev(it) => it.run(),
        Command::E2e(it) => it.run(),
        Command::Bench(it) => it.run(),
        Command::Faults(it) => it.run(),
        Command::FuzzNginx(it) => it.run(),
        Command::Package(it) => it.run(),
        Command::Site(it) => it.run(),
        Command::SqlxPrepare(it) => it.run(),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if process::interrupted() => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_says_what_it_does_and_shows_examples() {
        let mut cli = super::Cli::command();
        cli.clone().debug_assert();
        for command in cli.get_subcommands_mut() {
            let name = command.get_name().to_owned();
            assert!(command.get_about().is_some(), "{name} has no purpose");
            let help = command.render_long_help().to_string();
            assert!(help.contains(&format!("cargo xtask {name}")), "{name} has no example");
        }
    }
}
