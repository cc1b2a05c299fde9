//! The command line.

#[cfg(feature = "demo")]
use std::net::SocketAddr;
use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args as Group, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};

mod images;
mod nginx;

pub use images::{Images, ImagesAction, Pick};
pub use nginx::{Explain, List, Logs, NginxConfig, Routes, RoutesAction};

/// What runs where, since when, and is it what we meant.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, propagate_version = true, disable_help_subcommand = true)]
#[command(
    after_help = "Exit status: 0 done; 1 done, and what was asked to fail on was found; 2 not done.\n\n\
    Examples:\n  landfall demo\n  landfall serve --config landfall.toml"
)]
pub struct Args {
    /// Colour in the output: `auto` means on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    Serve(Serve),
    #[cfg(feature = "demo")]
    Demo(Demo),
    Migrate(Migrate),
    Doctor(Doctor),
    Routes(Routes),
    Logs(Logs),
    Images(Images),
}

/// The configuration that a command reads.
#[derive(Debug, Group)]
pub struct ConfigFile {
    /// Configuration file.
    #[arg(long, env = "LANDFALL_CONFIG", default_value = "landfall.toml", value_name = "FILE")]
    pub config: PathBuf,
}

/// Collects from the configured sources and serves the pages.
#[derive(Debug, Group)]
#[command(after_help = "Examples:\n  landfall serve --config landfall.toml\n  \
    LANDFALL_SERVER_LISTEN=127.0.0.1:8080 landfall serve")]
pub struct Serve {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Listen on an address that is not loopback although nobody is asked to sign in: everyone who can reach it sees
    /// everything.
    #[arg(long)]
    pub insecure_no_auth: bool,
    /// Folder with the browser part; without it `site` beside the program.
    #[arg(long, env = "LANDFALL_SITE", value_name = "DIR")]
    pub site: Option<PathBuf>,
}

/// Serves the pages on a small made-up world, with a story that goes on.
#[cfg(feature = "demo")]
#[derive(Debug, Group)]
#[command(after_help = "Examples:\n  landfall demo\n  \
    landfall demo --listen 127.0.0.1:8080 --database-url postgres:///landfall_demo")]
pub struct Demo {
    /// Where the pages are served; loopback only.
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// Folder with the browser part; without it `site` beside the program.
    #[arg(long, env = "LANDFALL_SITE", value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// Makes the same world again.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// The world's clock stands still until it is moved through the sandbox's control address.
    #[arg(long)]
    pub manual_clock: bool,
    /// Begins without the two weeks of history that an empty database is given.
    #[arg(long)]
    pub no_past: bool,
    /// PostgreSQL database of the demo.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
}

/// Brings the database's tables up to date.
#[derive(Debug, Group)]
#[command(after_help = "Examples:\n  landfall migrate --config landfall.toml\n  landfall migrate --check")]
pub struct Migrate {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Only say what would run; exit status 1 if something would.
    #[arg(long)]
    pub check: bool,
}

/// Checks configuration, database, permissions and each source, with the way to mend each.
#[derive(Debug, Group)]
#[command(
    after_help = "Exit status: 0 nothing failed; 1 a check failed; 2 the configuration cannot be read.\n\n\
    Examples:\n  landfall doctor --config landfall.toml\n  landfall doctor --explain-mapping"
)]
pub struct Doctor {
    #[command(flatten)]
    pub file: ConfigFile,
    /// Instead of checking: list the Applications once, and say which service and environment each became, and why.
    #[arg(long)]
    pub explain_mapping: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// Reads the arguments. A mistake ends in an error that prints itself.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let command = Self::command().color(match early_color(&arguments) {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        });
        Self::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }
}

/// `--color` as it stands, before the rest is understood: it also rules the messages about the rest.
fn early_color(arguments: &[OsString]) -> Color {
    let mut words =
        arguments.iter().skip(1).filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=") };
        if let Some(color) = value.and_then(|value| Color::from_str(value, false).ok()) {
            return color;
        }
    }
    Color::Auto
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Args, clap::Error> {
        Args::read(words.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_has_two_examples() {
        for command in Args::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples = help.lines().filter(|line| line.contains("landfall ")).count();
            assert_eq!(examples, 2, "{}: {help}", command.get_name());
            assert!(command.get_about().is_some(), "{} has no purpose", command.get_name());
        }
    }

    #[test]
    fn wrong_usage_is_exit_status_2() {
        assert_eq!(read("landfall serv").unwrap_err().exit_code(), 2);
        assert_eq!(read("landfall doctor --nonsense").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn colour_may_stand_anywhere() {
        assert_eq!(read("landfall --color=never doctor").unwrap().color, Color::Never);
        assert_eq!(read("landfall doctor --color always").unwrap().color, Color::Always);
        let words: Vec<OsString> = ["landfall", "doctor", "--color", "always"].map(OsString::from).to_vec();
        assert_eq!(early_color(&words), Color::Always);
    }
}
