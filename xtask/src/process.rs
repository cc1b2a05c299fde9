//! Child processes that end when we end: each in its own process group, stopped by that group's id.
//!
//! Ctrl-C in a terminal goes to the foreground group only, so it reaches us and no child; we then stop the
//! children in the order in which they depend on each other (the server before its database).

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
const POLL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(15);

/// From now on Ctrl-C, a hang-up and a termination request only set a flag.
pub fn catch_signals() -> Result<()> {
    let flag = INTERRUPTED.get_or_init(Arc::default);
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag)).context("cannot catch signals")?;
    }
    Ok(())
}

/// Was the end asked for?
pub fn interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Sleeps, but not through an interrupt. False when the end was asked for.
pub fn wait_a_little(time: Duration) -> bool {
    let end = Instant::now() + time;
    while !interrupted() && Instant::now() < end {
        sleep(POLL.min(time));
    }
    !interrupted()
}

/// A command for a program that is told to end, by this signal, even if we are killed without a chance to tell it.
/// Where the system cannot do that (it takes Linux and util-linux), it is the plain command.
pub fn tied(program: impl AsRef<OsStr>, signal: Signal) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let name = if signal == Signal::INT { "INT" } else { "TERM" };
    let tie = |command: &mut Command| {
        command.args(["--pdeathsig", name, "--"]);
    };
    let works = *SETPRIV.get_or_init(|| {
        let mut probe = Command::new("setpriv");
        tie(&mut probe);
        probe.arg("true").stderr(Stdio::null()).status().is_ok_and(|it| it.success())
    });
    if !works {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    tie(&mut command);
    command.arg(program);
    command
}

/// A running child and its process group. Dropping it stops the group.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stop_with: Signal,
}

impl Process {
    /// Starts it in a group of its own, without standard input.
    pub fn start(name: &str, command: &mut Command, stop_with: Signal) -> Result<Self> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {name} ({})", command.get_program().display()))?;
        Ok(Self { name: name.to_owned(), child, stop_with })
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Waits for its end; an interrupt stops it and is an error.
    pub fn finish(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                if interrupted() {
                    bail!("interrupted");
                }
                return Ok(status);
            }
            if interrupted() {
                self.stop();
                bail!("interrupted");
            }
            sleep(POLL);
        }
    }

    /// Asks its group to end, then, after some patience, ends it.
    pub fn stop(&mut self) {
        // The group's id is ours as long as the child is not waited for.
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        let _ = kill_process_group(group, self.stop_with);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(POLL);
        }
        eprintln!("xtask: {} does not end when asked; killing it", self.name);
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Shows a command, runs it to its end, and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    eprintln!("$ {shown}");
    let status = Process::start(&shown, command, Signal::TERM)?.finish()?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command quietly and gives its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{shown}`"))?;
    if !output.status.success() {
        bail!(
            "`{shown}` ended with {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it, without its environment (which may hold a password).
fn show(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let words = command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains(char::is_whitespace) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    });
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_ends_the_whole_group() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 600 & echo $!; wait"]).stdout(Stdio::piped());
        let mut process = Process::start("sh", &mut shell, Signal::TERM).unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(process.child.stdout.as_mut().unwrap()),
            &mut line,
        )
        .unwrap();
        let grandchild = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
        process.stop();
        // An orphan is reaped by init a moment after its end.
        let gone = (0..500).any(|_| {
            sleep(POLL);
            let state = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.as_raw_nonzero()));
            state.map_or(true, |stat| stat.contains(") Z "))
        });
        assert!(gone, "the group's second process still runs");
    }

    /// A killed process takes its tied child with it. The killed one is a shell here, in our place.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_tied_child_ends_with_its_parent() {
        let tied = tied("sleep", Signal::TERM);
        assert_eq!(tied.get_program(), "setpriv", "util-linux is part of every distribution");
        let words: Vec<_> = tied.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let script = format!("setpriv {} 600 & echo $!; sleep 0.3; kill -9 $$", words.join(" "));
        let said = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        let child = String::from_utf8(said.stdout).unwrap();
        let gone = (0..250).any(|_| {
            sleep(POLL);
            std::fs::read_to_string(format!("/proc/{}/stat", child.trim()))
                .map_or(true, |it| it.contains(") Z "))
        });
        assert!(gone, "the tied child outlives its parent");
    }

    #[test]
    fn a_failing_command_is_named() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c 'exit 3'") && error.contains('3'), "{error}");
    }
}
