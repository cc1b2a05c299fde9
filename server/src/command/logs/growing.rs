//! `landfall logs --follow` and `--checkpoint`: files that grow, and runs that go on where the last one ended.

use std::{
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use landfall_nginx::logs::{Follower, Position, Reader};

use super::{super::place, Printer, problem};
use crate::config::{Problem, Problems};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What is asked of growing files.
pub struct Growing {
    pub files: Vec<String>,
    /// Goes on until a signal comes.
    pub follow: bool,
    pub checkpoint: Option<String>,
    /// Time between two reports.
    pub every: Duration,
}

impl Growing {
    /// What cannot grow.
    pub fn check(&self) -> Result<(), Problems> {
        let wrong = |file: &&String| {
            let compressed = [".gz", ".zst", ".zstd"].iter().any(|end| file.ends_with(end));
            compressed || *file == "-"
        };
        let problems: Vec<Problem> = self
            .files
            .iter()
            .filter(wrong)
            .map(|file| {
                place::in_file(file, "standard input and compressed files do not grow")
                    .help("read them once without --follow and --checkpoint")
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Counts what is new, prints, and with `follow` begins again.
    pub async fn run(self, mut reader: Reader<'_>, printer: &Printer) -> anyhow::Result<()> {
        let stop = crate::shutdown::on_signal()?;
        let mut followers = self.begin(&mut reader)?;
        let mut last: Option<(Instant, u64)> = None;
        loop {
            let ends = !self.follow || stop.is_cancelled();
            // the second look takes what a renamed file's successor holds
            for _ in 0..=usize::from(ends) {
                for (file, follower) in self.files.iter().zip(&mut followers) {
                    follower.poll(&mut reader).map_err(|error| unreadable(file, &error))?;
                }
            }
            let lines = reader.lines();
            let news = last.is_none_or(|(_, before)| before != lines);
            let due = last.is_none_or(|(at, _)| at.elapsed() >= self.every);
            if ends || (news && due) {
                if news || !self.follow {
                    printer.print(&reader)?;
                }
                self.save(&reader, &followers)?;
                last = Some((Instant::now(), lines));
            }
            if ends {
                return Ok(());
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Takes the checkpoint up where there is one.
    fn begin(&self, reader: &mut Reader<'_>) -> anyhow::Result<Vec<Follower>> {
        let mut positions: Vec<Position> = Vec::new();
        if let Some(path) = &self.checkpoint {
            match std::fs::read(path) {
                Ok(bytes) => {
                    positions = reader.restore(path, &bytes).map_err(|error| problem(&error))?;
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(path, &error).into()),
            }
        }
        let follower = |file: &String| {
            let Some(position) = positions.iter().find(|position| position.path == *file) else {
                return Follower::new(file);
            };
            let (follower, found) = Follower::resume(position);
            if !found {
                eprintln!(
                    "warning: {file}: the file that was read up to line {} is gone; lines in between are missing",
                    position.line
                );
            }
            follower
        };
        Ok(self.files.iter().map(follower).collect())
    }

    /// Writes the checkpoint beside its place, then in one step into it.
    fn save(&self, reader: &Reader<'_>, followers: &[Follower]) -> anyhow::Result<()> {
        let Some(path) = &self.checkpoint else { return Ok(()) };
        let positions = followers.iter().filter_map(Follower::position).collect();
        let bytes = reader.save(positions)?;
        let beside = format!("{path}.new");
        let written = std::fs::File::create(Path::new(&beside))
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, path));
        Ok(written.map_err(|error| unreadable(path, &error))?)
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Problems {
    place::in_file(path, error.to_string()).into()
}
