//! The table, with the budget beside each figure.

use std::fmt;

use serde::Serialize;

use super::{
    load::{Latency, Load},
    run::{Fleet, Point},
};

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    pub pinned: bool,
    pub quick: bool,
    pub bare: Load,
    pub fleets: Vec<Fleet>,
    pub points: Vec<Point>,
    pub took_s: f64,
}

/// One line: how a figure is found, and how much it may be at the largest size.
struct Row {
    name: &'static str,
    unit: &'static str,
    budget: Option<f64>,
    of: fn(&Fleet) -> f64,
    /// The same figure of the bare server.
    bare: Option<fn(&Load) -> f64>,
}

const fn row(name: &'static str, unit: &'static str, budget: Option<f64>, of: fn(&Fleet) -> f64) -> Row {
    Row { name, unit, budget, of, bare: None }
}

const fn fixed(name: &'static str, budget: Option<f64>, of: fn(&Fleet) -> f64) -> Row {
    Row { name, unit: "ms", budget, of, bare: Some(|bare| bare.fixed.p99) }
}

const fn full(name: &'static str, of: fn(&Fleet) -> f64) -> Row {
    Row { name, unit: "/s", budget: None, of, bare: Some(|bare| bare.full_per_s) }
}

const MIB: f64 = 1_048_576.0;
const KB: f64 = 1_000.0;

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn kb(bytes: usize) -> f64 {
    bytes as f64 / KB
}

fn at(fleet: &Fleet, load: &str, pick: fn(&Load) -> f64) -> f64 {
    fleet.loads.get(load).map_or(f64::NAN, pick)
}

const P50: fn(&Load) -> f64 = |load| load.fixed.p50;
const P99: fn(&Load) -> f64 = |load| load.fixed.p99;
const PER_S: fn(&Load) -> f64 = |load| load.full_per_s;

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
const ROWS: &[Row] = &[
    row("cold start: first answer", "s", None, |f| f.cold_first_answer_s),
    row("cold start: complete view", "s", Some(10.0), |f| f.cold_complete_s),
    row("cold start: processor time", "s", None, |f| f.cold_cpu_s),
    row("cold start: all written", "s", None, |f| f.cold_written_s),
    row("start from what is stored: useful page", "s", Some(1.0), |f| f.warm_useful_s),
    row("stop", "ms", Some(5_000.0), |f| f.stop_ms),
    row("memory, steady", "MiB", Some(250.0), |f| mib(f.memory)),
    row("memory, peak", "MiB", None, |f| mib(f.memory_peak)),
    row("memory after all loads", "MiB", None, |f| mib(f.memory_after)),
    row("memory after a start from what is stored", "MiB", Some(250.0), |f| mib(f.warm_memory)),
    row("LISTs of the busiest kind", "", Some(1.0), |f| f.lists.values().copied().max().unwrap_or(0) as f64),
    row("watches of the busiest kind at the start", "", Some(2.0), |f| {
        f.watches.values().copied().max().unwrap_or(0) as f64
    }),
    row("writes and strange paths asked", "", Some(0.0), |f| f.violations as f64),
    row("first page, packed", "KB", Some(40.0), |f| kb(f.first_visit.page)),
    row("first visit, all files", "KB", Some(250.0), |f| kb(f.first_visit.whole)),
    row("idle: rows of history", "", Some(0.0), |f| f.idle_rows.values().sum::<i64>() as f64),
    row("idle: one core", "%", None, |f| f.idle_cpu * 100.0),
    row("20 changes a second: one core", "%", None, |f| f.change_cpu * 100.0),
    row("20 changes a second: per step", "ms", None, |f| f.step_cpu_ms),
    row("core 0 taken by other programs", "%", None, |f| f.others * 100.0),
    fixed("board p50, 200 viewers", None, |f| at(f, "board", P50)),
    fixed("board p99, 200 viewers", Some(50.0), |f| at(f, "board", P99)),
    fixed("board p99, 200 different questions", Some(50.0), |f| at(f, "board, 200 questions", P99)),
    fixed("service p99", None, |f| at(f, "service", P99)),
    fixed("findings p99", None, |f| at(f, "findings", P99)),
    fixed("history p99", None, |f| at(f, "history", P99)),
    fixed("API services p99", None, |f| at(f, "API, services", P99)),
    full("board, as fast as it goes", |f| at(f, "board", PER_S)),
    full("board, 200 different questions", |f| at(f, "board, 200 questions", PER_S)),
    full("service", |f| at(f, "service", PER_S)),
    full("API services", |f| at(f, "API, services", PER_S)),
    row("requests that failed", "", Some(0.0), |f| {
        f.loads.values().map(|load| load.failed).sum::<u64>() as f64
    }),
    row("change to message in 200 tabs, p50", "ms", None, |f| f.tabs.message.p50),
    row("change to message in 200 tabs, p99", "ms", Some(500.0), |f| f.tabs.message.p99),
    row("change to new board in a tab, p99", "ms", Some(500.0), |f| f.tabs.page.p99),
    row("changes that a tab was not told", "", Some(0.0), |f| f.tabs.untold as f64),
    row("as of a moment, API, p50", "ms", None, |f| f.as_of_api.p50),
    row("as of a moment, API, worst of 20", "ms", Some(1_000.0), |f| f.as_of_api.max),
    row("as of a moment, board, worst of 20", "ms", Some(1_000.0), |f| f.as_of_board.max),
    row("database", "MB", None, |f| f.database as f64 / 1e6),
];

/// What budgets are for.
const FULL: u32 = 10_000;

impl Report {
    /// Bytes per pod, and per Application with no pods: from sizes that differ in one of them.
    fn slopes(&self) -> Option<(f64, f64)> {
        let find = |apps, pods| self.points.iter().find(|p| (p.applications, p.pods) == (apps, pods));
        let difference = |a: &Point, b: &Point| mib(a.memory) * MIB - mib(b.memory) * MIB;
        let (small, many) = (find(1_000, 5_000)?, find(1_000, 20_000)?);
        let pod = difference(many, small) / 15_000.0;
        let large = self.points.iter().max_by_key(|p| p.applications).filter(|p| p.applications > 1_000)?;
        let apps = f64::from(large.applications - 1_000);
        let pods = f64::from(large.pods - 5_000);
        Some((pod, (difference(large, small) - pod * pods) / apps))
    }
}

fn number(value: f64) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else if value >= 100.0 || value.fract().abs() < f64::EPSILON {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let where_ = if self.pinned { "server on core 0, load on core 1" } else { "not pinned to cores" };
        let quick = if self.quick { "; quick: not to be quoted" } else { "" };
        writeln!(f, "\n{where_}; {:.0} s in all{quick}\n", self.took_s)?;
        write!(f, "{:<42}", "")?;
        for fleet in &self.fleets {
            write!(f, " {:>10}", format!("{} apps", fleet.applications))?;
        }
        writeln!(f, "      {:>9} {:>6}  {:>9} {:>7}", "budget", "", "bare axum", "ratio")?;
        for row in ROWS {
            write!(f, "{:<42}", row.name)?;
            for fleet in &self.fleets {
                write!(f, " {:>10}", number((row.of)(fleet)))?;
            }
            write!(f, " {:<4}", row.unit)?;
            let last = self.fleets.last().map_or(f64::NAN, row.of);
            let budget = row.budget.map_or_else(String::new, number);
            let verdict = match row.budget {
                Some(budget) if last <= budget => "ok",
                Some(_) => "MISSED",
                None => "",
            };
            write!(f, " {budget:>9} {verdict:>6}")?;
            if let Some(bare) = row.bare.map(|bare| bare(&self.bare)) {
                write!(f, "  {:>9} {:>7}", number(bare), number(last / bare))?;
            }
            writeln!(f)?;
        }
        if let Some((pod, app)) = self.slopes() {
            writeln!(
                f,
                "{:<42} {:>10} B per pod, {} B per Application",
                "memory, slopes",
                number(pod),
                number(app)
            )?;
        }
        let largest = self.fleets.iter().map(|fleet| fleet.applications).max().unwrap_or(0);
        if largest < FULL {
            writeln!(f, "\nBudgets are meant for {FULL} Applications; this run had {largest} at most.")?;
        }
        let Some(fleet) = self.fleets.last() else { return Ok(()) };
        writeln!(f, "\nLISTs and watches at the cold start of {} Applications:", fleet.applications)?;
        for (resource, lists) in &fleet.lists {
            let watches = fleet.watches.get(resource).copied().unwrap_or(0);
            writeln!(f, "  {resource:<24} {lists} LIST, {watches} WATCH")?;
        }
        if !fleet.idle_rows.is_empty() {
            writeln!(f, "rows while idle: {:?}", fleet.idle_rows)?;
        }
        describe(f, "bare axum, at a fixed rate", &self.bare.fixed)?;
        for (name, load) in &fleet.loads {
            describe(f, name, &load.fixed)?;
        }
        Ok(())
    }
}

fn describe(f: &mut fmt::Formatter<'_>, name: &str, latency: &Latency) -> fmt::Result {
    writeln!(
        f,
        "  {name:<24} p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms of {}",
        latency.p50, latency.p99, latency.max, latency.count
    )
}
