//! Which directive stands where, with how many arguments: nginx's own table, as data.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Where a directive stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Main,
    Events,
    Http,
    Server,
    Location,
    ServerIf,
    LocationIf,
    LimitExcept,
    Upstream,
}

impl Context {
    const fn letter(self) -> char {
        match self {
            Self::Main => 'm',
            Self::Events => 'e',
            Self::Http => 'h',
            Self::Server => 's',
            Self::Location => 'l',
            Self::ServerIf => 'i',
            Self::LocationIf => 'f',
            Self::LimitExcept => 'x',
            Self::Upstream => 'u',
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    contexts: &'static str,
    arguments: &'static str,
    pub block: bool,
}

impl Rule {
    /// Whether the directive may stand in `context`.
    pub fn allowed(&self, context: Context) -> bool {
        self.contexts.contains(context.letter()) || self.contexts == "*"
    }

    /// Whether the directive takes `on` or `off`.
    pub fn is_flag(&self) -> bool {
        self.arguments == "flag"
    }

    /// Whether the directive belongs to mail or stream.
    pub fn elsewhere(&self) -> bool {
        self.contexts == "o"
    }

    /// Whether it takes `count` arguments.
    pub fn takes(&self, count: usize) -> bool {
        if self.is_flag() {
            return count == 1;
        }
        if let Some(least) = self.arguments.strip_suffix('+') {
            return least.parse::<usize>().is_ok_and(|least| count >= least);
        }
        self.arguments.split(',').any(|number| number.parse() == Ok(count))
    }
}

/// The rows of a directive; `None` when nginx as the distributions build it does not know it.
pub(super) fn rules(name: &[u8]) -> Option<&'static [Rule]> {
    static TABLE: OnceLock<HashMap<&'static [u8], Vec<Rule>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: HashMap<&'static [u8], Vec<Rule>> = HashMap::new();
        for line in include_str!("directives.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split(' ');
            let (Some(name), Some(contexts), Some(arguments)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let block = columns.next() == Some("block");
            table.entry(name.as_bytes()).or_default().push(Rule { contexts, arguments, block });
        }
        table
    });
    table.get(name).map(Vec::as_slice)
}

/// Directives that nginx refuses when they stand twice in one block, and that bear on routing.
pub(super) const ONCE: &[&str] = &[
    "absolute_redirect",
    "auth_basic",
    "auth_basic_user_file",
    "auth_request",
    "client_max_body_size",
    "fastcgi_intercept_errors",
    "large_client_header_buffers",
    "merge_slashes",
    "proxy_intercept_errors",
    "real_ip_header",
    "real_ip_recursive",
    "recursive_error_pages",
    "satisfy",
    "server_name_in_redirect",
    "underscores_in_headers",
    "uwsgi_intercept_errors",
];

/// Directives of modules outside nginx that change no route: headers, compression, metrics, tracing, Lua phases
/// that come too early or too late.
pub(super) fn harmless(name: &[u8]) -> bool {
    const PREFIXES: &[&str] = &[
        "more_",
        "brotli",
        "zstd",
        "lua_",
        "vhost_traffic_status",
        "geoip2",
        "opentracing",
        "opentelemetry",
        "otel_",
        "pagespeed",
        "modsecurity",
        "js_import",
        "js_path",
        "js_set",
        "js_var",
        "set_by_lua",
        "init_",
        "exit_worker",
        "log_by_lua",
        "header_filter_by",
        "body_filter_by",
        "ssl_",
        "balancer_by",
        "headers_more",
        "fancyindex",
        "upload_progress",
        "set_misc",
        "sticky",
        "naxsi",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
}
