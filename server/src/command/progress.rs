//! A line on the terminal that says how far reading has come.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use landfall_nginx::logs::Progress;

/// What takes less than this needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(200);

/// Draws until it is dropped; only on a terminal.
pub struct Bar {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// A bar for these files.
    pub fn start(files: &[String], progress: Arc<Progress>) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { stop: None, thread: None };
        }
        // of standard input nobody knows how much will come
        let total: Option<u64> =
            files.iter().map(|file| std::fs::metadata(file).ok().map(|meta| meta.len())).sum();
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut drawn = false;
            while stopped.recv_timeout(if drawn { STEP } else { PATIENCE }) == Err(RecvTimeoutError::Timeout)
            {
                let bytes = progress.bytes.load(Ordering::Relaxed);
                let lines = progress.lines.load(Ordering::Relaxed);
                eprint!("\r\x1b[K{}", line(begun.elapsed(), lines, bytes, total));
                let _ = std::io::stderr().flush();
                drawn = true;
            }
            if drawn {
                eprint!("\r\x1b[K");
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// `[######----]  61 %  12,345,678 lines, 2.1 million a second, 4 s left`.
fn line(elapsed: Duration, lines: u64, bytes: u64, total: Option<u64>) -> String {
    let rate = u128::from(lines) * 1000 / elapsed.as_millis().max(1);
    let speed = if rate >= 1_000_000 {
        format!("{}.{} million", rate / 1_000_000, rate / 100_000 % 10)
    } else {
        format!("{} thousand", rate / 1000)
    };
    let counted = format!("{} thousand lines, {speed} a second", lines / 1000);
    let Some(total) = total.filter(|total| *total > 0) else { return counted };
    let done = bytes.min(total);
    let percent = u128::from(done) * 100 / u128::from(total);
    let marks = usize::try_from(percent / 5).unwrap_or(0).min(20);
    let left = elapsed.as_millis() * u128::from(total - done) / u128::from(done.max(1)) / 1000;
    format!("[{}{}] {percent:>3} %  {counted}, {left} s left", "#".repeat(marks), "-".repeat(20 - marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_share_speed_and_time_left() {
        let half = line(Duration::from_secs(4), 8_400_000, 50, Some(100));
        assert_eq!(half, "[##########----------]  50 %  8400 thousand lines, 2.1 million a second, 4 s left");
        assert_eq!(line(Duration::from_secs(2), 5000, 50, None), "5 thousand lines, 2 thousand a second");
        assert!(line(Duration::ZERO, 0, 0, Some(0)).contains("0 thousand"));
        assert!(line(Duration::from_secs(1), 1, 200, Some(100)).contains("100 %"));
    }
}
