//! Arguments of the commands that read nginx configurations and access logs.

use std::net::IpAddr;

use clap::{Args as Group, Subcommand};

/// The nginx configuration that a command reads.
#[derive(Debug, Group)]
pub struct NginxConfig {
    /// Output of `nginx -T`, or a main nginx.conf with what it includes; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub config: String,
    /// Folder that relative includes are taken from; without it the configuration's own.
    #[arg(long, value_name = "DIR")]
    pub prefix: Option<String>,
}

/// Says where requests go in an nginx configuration, and why.
#[derive(Debug, Group)]
#[command(
    after_help = "Examples:\n  landfall routes explain --config nginx.conf --host a.example --path /legacy/x\n  \
    nginx -T | landfall routes list --config -"
)]
pub struct Routes {
    #[command(subcommand)]
    pub action: RoutesAction,
}

/// What is asked about routes.
#[derive(Debug, Subcommand)]
pub enum RoutesAction {
    Explain(Explain),
    List(List),
}

/// Where one request goes, or each of many: certain, conditional or unknown, step by step.
#[derive(Debug, Group)]
#[command(
    after_help = "Exit status: 0 answered, whatever the answer; 2 the configuration or a request cannot be read.\n\n\
    Examples:\n  landfall routes explain --config /etc/nginx/nginx.conf --host remain.example --path '/legacy/x?y=1'\n  \
    landfall routes explain --config dump.txt --requests reqs.jsonl --json"
)]
pub struct Explain {
    #[command(flatten)]
    pub nginx: NginxConfig,
    /// Host header; empty means that none is sent.
    #[arg(long, required_unless_present = "requests", conflicts_with = "requests")]
    pub host: Option<String>,
    /// Request target as on the wire: path and query, or a whole URL.
    #[arg(long, value_name = "TARGET", required_unless_present = "requests", conflicts_with = "requests")]
    pub path: Option<String>,
    /// Local address that the connection came in on; without it every one is looked at.
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "requests")]
    pub listen: Option<String>,
    /// The client's address.
    #[arg(long, value_name = "ADDR", conflicts_with = "requests")]
    pub client: Option<IpAddr>,
    /// Method.
    #[arg(long, default_value = "GET", conflicts_with = "requests")]
    pub method: String,
    /// A further header; may be repeated.
    #[arg(long = "header", value_name = "'K: V'", conflicts_with = "requests")]
    pub headers: Vec<String>,
    /// Requests, one JSON object a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub requests: Option<String>,
    /// Print JSON: one document, or with --requests one a line.
    #[arg(long)]
    pub json: bool,
}

/// What a configuration routes where, location by location.
#[derive(Debug, Group)]
#[command(after_help = "Examples:\n  landfall routes list --config /etc/nginx/nginx.conf\n  \
    landfall routes list --config dump.txt --to app_b --json")]
pub struct List {
    #[command(flatten)]
    pub nginx: NginxConfig,
    /// Only what can reach this upstream block or host.
    #[arg(long, value_name = "UPSTREAM")]
    pub to: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

/// Counts access logs by route and caller, and compares them with the configuration.
#[derive(Debug, Group)]
#[command(after_help = "Files may be plain, gzip or zstd, in any order; `-` is standard input.\n\
    Exit status: 0 read; 2 a file, a format or the configuration cannot be read.\n\n\
    Examples:\n  landfall logs --config /etc/nginx/nginx.conf --moves app_b /var/log/nginx/access.log*\n  \
    landfall logs --config dump.txt --clients clients.toml --since 2026-11-01T00:00:00Z --json access.log.gz")]
pub struct Logs {
    #[command(flatten)]
    pub nginx: NginxConfig,
    /// Access logs.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// The log_format to use where a file's name does not tell.
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// Name of the machine's role, for the report.
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Who is who: names, addresses, repositories and owners of callers.
    #[arg(long, value_name = "FILE")]
    pub clients: Option<String>,
    /// The upstream that is to move: what reaches it through a host that stays is a leftover.
    #[arg(long, value_name = "UPSTREAM")]
    pub moves: Option<String>,
    /// Only lines at or after this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub since: Option<jiff::Timestamp>,
    /// Only lines before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub until: Option<jiff::Timestamp>,
    /// Keep on reading as the files grow and are rotated, until a signal comes.
    #[arg(long)]
    pub follow: bool,
    /// Seconds between two reports while following; with --json each report is one line.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "follow")]
    pub every: u64,
    /// Where counts and positions are kept, so that the next run goes on where this one ends.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<String>,
    /// Threads that take lines apart; 0 means one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}
