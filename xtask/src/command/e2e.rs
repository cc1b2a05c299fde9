//! `cargo xtask e2e`

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::database::Database;
use crate::postgres::{Purpose, free_port};
use crate::process::run as run_command;
use crate::site::{self, Effort};
use crate::{node, server, workspace};

/// Runs the browser tests, or the tests against real control planes
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  cargo xtask e2e\n  cargo xtask e2e --only board --headed\n  \
    cargo xtask e2e -- --project=no-js --repeat-each=3\n  cargo xtask e2e --real\n  cargo xtask e2e --real --only \"deleted Deployment\"\n  \
    cargo xtask e2e --real --image-updater ~/bin/argocd-image-updater\n\n\
    LANDFALL_CHROMIUM names a browser other than the one on PATH. --real builds etcd, the Kubernetes API server\n\
    and Argo CD from their Go modules the first time (about 20 minutes, cached) and runs them on loopback;\n\
    REALSTACK_KEEP=1 leaves them running for a look around. Image Updater does not build from its module: give a\n\
    program with --image-updater, or a stand-in plays what v1.3.0 was recorded doing, looking every 20 s.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct E2e {
    /// Against a real Kubernetes API server, Argo CD and registry, with Image Updater or a stand-in for it
    #[arg(long)]
    real: bool,
    /// With this argocd-image-updater, its CRD beside it, in place of a stand-in that does what it was recorded doing
    #[arg(long, value_name = "PATH", requires = "real")]
    image_updater: Option<PathBuf>,
    /// Only tests whose title contains this
    #[arg(long, value_name = "TITLE")]
    only: Option<String>,
    /// Show the browser
    #[arg(long)]
    headed: bool,
    /// Take what the pages show now as the expected snapshots
    #[arg(long)]
    update: bool,
    /// Test an optimised build
    #[arg(long)]
    release: bool,
    /// More arguments for Playwright
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// What the browser tests are run with.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    pub only: Option<String>,
    pub headed: bool,
    pub update: bool,
    pub release: bool,
    pub arguments: Vec<String>,
    /// The server is built already, as a part of the Rust tests.
    pub has_server: bool,
}

impl Options {
    fn for_playwright(&self) -> Vec<&str> {
        let mut arguments = Vec::new();
        if let Some(title) = &self.only {
            arguments.extend(["--grep", title.as_str()]);
        }
        for (on, flag) in [(self.headed, "--headed"), (self.update, "--update-snapshots")] {
            if on {
                arguments.push(flag);
            }
        }
        arguments.extend(self.arguments.iter().map(String::as_str));
        arguments
    }
}

impl E2e {
    pub fn run(self) -> Result<()> {
        let Self { real, image_updater, only, headed, update, release, arguments } = self;
        let options = Options { only, headed, update, release, arguments, has_server: false };
        if real { run_real(&options, image_updater.as_deref()) } else { run(&options) }
    }
}

/// Builds what is tested, then runs Playwright on a database of its own.
pub fn run(options: &Options) -> Result<()> {
    node::ensure_packages()?;
    let browser = node::ensure_browser()?;
    if options.has_server {
        site::build(Effort::Quick)?;
    } else {
        server::build(options.release)?;
    }
    let database = Database::open("e2e", Purpose::Test, false, "landfall")?;
    run_command(node::npx("tsc").args(["--noEmit"]))?;
    let mut playwright = node::npx("playwright");
    playwright.arg("test");
    environment(&mut playwright, options.release, &database)?;
    if let Some(file) = browser {
        playwright.env("LANDFALL_CHROMIUM", file);
    }
    run_command(playwright.args(options.for_playwright()))
}

/// The same, with real control planes in place of the sandbox.
fn run_real(options: &Options, image_updater: Option<&Path>) -> Result<()> {
    let script = workspace::end2end().join("realstack/run.sh");
    if !script.is_file() {
        bail!("{} is missing", script.display());
    }
    let image_updater = image_updater.map(program).transpose()?;
    node::ensure_packages()?;
    let browser = node::ensure_browser()?;
    server::build(options.release)?;
    let database = Database::open("real", Purpose::Test, false, "landfall")?;
    let mut command = Command::new("bash");
    command.arg(&script).args(options.for_playwright()).current_dir(workspace::end2end());
    environment(&mut command, options.release, &database)?;
    if let Some(file) = browser {
        command.env("LANDFALL_CHROMIUM", file);
    }
    if let Some(file) = image_updater {
        command.env("REALSTACK_UPDATER", file);
    }
    run_command(&mut command).context("the tests on real control planes failed")
}

/// A program of the user's, by its whole path: the script runs it from elsewhere.
fn program(path: &Path) -> Result<PathBuf> {
    let found = path.canonicalize().with_context(|| format!("--image-updater {}", path.display()))?;
    if !found.is_file() {
        bail!(
            "--image-updater {} is no file\nhelp: name the program argocd-image-updater itself",
            path.display()
        );
    }
    Ok(found)
}

/// How a runner finds the server, the database and the static files.
fn environment(command: &mut Command, release: bool, database: &Database) -> Result<()> {
    command.env("DATABASE_URL", database.url());
    command.env("LANDFALL_BIN", workspace::server_binary(release));
    command.env("LANDFALL_SITE", workspace::site());
    command.env("LANDFALL_E2E_PORT", free_port(None)?.to_string());
    if let Some(postgres) = database.private() {
        command.envs(postgres.environment());
    }
    Ok(())
}
