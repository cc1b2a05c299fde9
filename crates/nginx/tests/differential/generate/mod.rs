//! Configurations and requests from a seed.

mod body;
mod locations;
mod requests;
mod rules;
mod servers;
mod variables;
mod words;

use landfall_nginx::route::Request;

use super::nginx::Bench;
use super::random::Random;

/// One generated case.
pub struct Case {
    pub text: String,
    pub requests: Vec<Request>,
    /// Whether answers may depend on disk or upstream.
    pub disk: bool,
}

/// Requests that are sent to one configuration.
const REQUESTS: usize = 200;

impl Case {
    pub fn new(seed: u64, bench: &Bench) -> Self {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5eed);
        let disk = !random.one_in(3);
        let mut generator = Generator {
            random: &mut random,
            bench,
            out: Writer { lines: Vec::new() },
            disk,
            defaults: Vec::new(),
        };
        generator.config();
        let text = generator.out.lines.join("\n") + "\n";
        let requests = (0..REQUESTS).map(|id| requests::request(&mut random, bench, id)).collect();
        Self { text, requests, disk }
    }
}

struct Writer {
    lines: Vec<String>,
}

impl Writer {
    fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Opens a block that answers under its own label.
    fn open(&mut self, head: &str) {
        self.line(format!("{head} {{"));
        let letter = if head == "server" { 'S' } else { 'L' };
        let label = self.lines.len();
        self.line(format!("add_header X-At \"{letter}{label}|$upstream_addr\" always;"));
    }
}

struct Generator<'r> {
    random: &'r mut Random,
    bench: &'r Bench,
    out: Writer,
    disk: bool,
    /// Sockets that have their `default_server`.
    defaults: Vec<String>,
}

impl Generator<'_> {
    fn config(&mut self) {
        self.out.line("events { worker_connections 256; } # keep");
        self.out.line("pid nginx.pid; # keep");
        self.out.line("http {");
        self.out.line("access_log off; # keep");
        self.out.line("absolute_redirect off; # keep");
        self.out.line("keepalive_requests 100000; # keep");
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            self.out.line(format!("{kind}_temp_path tmp_{kind}; # keep"));
        }
        self.out.line(format!("root {}; # keep", self.bench.root()));
        self.upstreams();
        self.variables();
        for (index, port) in self.bench.echo.iter().enumerate() {
            self.out.line("server {");
            self.out.line(format!("listen 127.0.0.1:{port}; # keep"));
            if index == 3 {
                self.out.line(format!("listen {}; # keep", self.bench.unix()));
            }
            self.out.line(format!("return 200 \"UP|{index}|$request_uri\"; # keep"));
            self.out.line("}");
        }
        for (odds, line) in [
            (4, "merge_slashes off;"),
            (8, "underscores_in_headers on;"),
            (12, "large_client_header_buffers 4 1k;"),
            (10, "client_max_body_size 3;"),
            (12, "server_tokens off; gzip on; # noise"),
        ] {
            if self.random.one_in(odds) {
                self.out.line(line);
            }
        }
        if self.disk && self.random.one_in(4) {
            self.error_page();
        }
        let servers = 2 + self.random.below(3);
        for index in 0..servers {
            self.server(index);
        }
        self.out.line("}");
    }

    fn upstreams(&mut self) {
        for (index, port) in self.bench.echo.iter().take(3).enumerate() {
            self.out.line(format!("upstream app_{index} {{"));
            if self.random.one_in(6) {
                self.out.line(self.random.pick(&["least_conn;", "ip_hash;", "hash $uri consistent;"]));
            }
            let no_backup = self.out.lines.last().is_some_and(|line| line.contains("hash"));
            self.out.line(format!("server 127.0.0.1:{port} max_fails=0;"));
            if index == 2 {
                self.out.line("server 127.0.0.1:1 down;");
                if !no_backup {
                    self.out.line(format!("server 127.0.0.1:{} backup max_fails=0;", self.bench.echo[0]));
                }
            }
            self.out.line("}");
        }
    }
}
