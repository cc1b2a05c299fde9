//! Servers: sockets, names, what stands at their own level.

use super::Generator;
use super::words::NAMES;

impl Generator<'_> {
    pub(super) fn server(&mut self, index: usize) {
        self.out.open("server");
        let [one, two] = self.bench.front;
        match if index < 2 { index } else { 2 + self.random.below(5) } {
            1 => self.listen(&two.to_string()),
            0 | 2 => self.listen(&format!("127.0.0.1:{one}")),
            3 => self.listen(&format!("*:{two}")),
            4 => self.listen(&format!("127.0.0.1:{two}")),
            5 if self.bench.v6 => self.listen(&format!("[::1]:{two}")),
            _ => {
                self.listen(&format!("127.0.0.1:{one}"));
                self.listen(&two.to_string());
            }
        }
        if index == 1 && self.bench.v6 {
            self.listen(&format!("[::1]:{two}"));
        }
        for _ in 0..=self.random.below(2) {
            let names = self.random.below(3);
            if names > 0 {
                let chosen: Vec<&str> = (0..names).map(|_| self.random.pick(NAMES)).collect();
                self.out.line(format!("server_name {};", chosen.join(" ")));
            }
        }
        self.server_settings();
        let mut used: Vec<String> = Vec::new();
        let count = 2 + self.random.below(6);
        for _ in 0..count {
            self.location("", &mut used, 0);
        }
        self.out.open("location @one");
        self.body(true, false, true);
        self.out.line("}");
        self.out.open("location @two");
        self.out.line("proxy_pass http://app_2;");
        self.out.line("}");
        if self.disk {
            // for auth_request and mirror; a request from outside may hit them as well
            self.out.open("location = /auth");
            self.out.line(self.random.pick(&[
                "return 204;",
                "return 403;",
                "return 401;",
                "proxy_pass http://app_0;",
            ]));
            self.out.line("}");
        }
        self.out.open("location = /m");
        self.out.line(self.random.pick(&["internal;", "", "proxy_pass_request_body off;"]));
        self.out.line("proxy_pass http://app_1$request_uri;");
        self.out.line("}");
        self.out.line("}");
    }

    fn listen(&mut self, address: &str) {
        let wants = self.random.one_in(5) && !self.defaults.iter().any(|taken| taken == address);
        let mut flag = "";
        // `*:1` and `1` are one socket
        let key = address.strip_prefix("*:").unwrap_or(address).to_owned();
        if wants && !self.defaults.contains(&key) {
            self.defaults.push(key);
            flag = self.random.pick(&[" default_server", " default"]);
        }
        self.out.line(format!("listen {address}{flag};"));
    }

    fn server_settings(&mut self) {
        if self.random.one_in(5) {
            let header = self.random.pick(&[
                "",
                "real_ip_header X-Forwarded-For;",
                "real_ip_header X-Forwarded-For; real_ip_recursive on;",
            ]);
            let from = self.random.pick(&["127.0.0.1", "127.0.0.0/8", "10.0.0.0/8"]);
            self.out.line(format!("set_real_ip_from {from}; {header}"));
        }
        if self.disk && self.random.one_in(3) {
            self.error_page();
        }
        for (odds, line) in [
            (10, "set $v1 $m_uri;"),
            (10, "merge_slashes off;"),
            (14, "client_max_body_size 2;"),
            (20, "large_client_header_buffers 2 1k;"),
            (14, "underscores_in_headers on;"),
            (30, "return 200 server;"),
            (25, "break;"),
            (30, "mirror /m;"),
            (20, "deny 10.0.0.0/8;"),
        ] {
            if self.random.one_in(odds) {
                self.out.line(line);
            }
        }
        if self.random.one_in(4) {
            self.rewrite();
        }
        if self.random.one_in(6) {
            self.server_if();
        }
        if self.disk && self.random.one_in(14) {
            self.out.line(self.random.pick(&[
                "try_files $uri @two;",
                "try_files /none =404;",
                "try_files $uri /c/;",
            ]));
        }
        if self.disk && self.random.one_in(16) {
            self.out.line("index none.html index.html;");
        }
    }
}
