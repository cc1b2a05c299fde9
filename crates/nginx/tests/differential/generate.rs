//! Configurations and requests from a seed.

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

const HOSTS: &[&str] = &[
    "a.example",
    "b.example",
    "www.a.example",
    "x.y.a.example",
    "remain.example",
    "A.Example:80",
    "a.example.",
    "other",
    "www.b.org",
    "",
];

const NAMES: &[&str] = &[
    "a.example",
    "b.example",
    "*.a.example",
    ".a.example",
    "www.*",
    "remain.example",
    "~^(?<sub>.+)\\.a\\.example$",
    "~^www\\.(.+)$",
    "\"\"",
    "_",
    "*.example",
    "www.a.*",
    "~^r",
    "*.y.a.example",
];

const TARGETS: &[&str] = &[
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/a/b/c.txt",
    "/a.txt",
    "/ab",
    "/b",
    "/b/x",
    "/b/x/y",
    "/c",
    "/c/",
    "/d",
    "/d/",
    "/d/index.html",
    "/x.php",
    "/x.php/info",
    "/a/x.php?q=1",
    "/a/b?x=1&a=2",
    "//a//b",
    "/a/../b",
    "/a/%2e%2e/b",
    "/%61/b",
    "/a%2fb",
    "/a/./b",
    "/a/b/..",
    "/a%20b",
    "/a+b?x=1+2",
    "/a/x+y",
    "/a/x%20y?z=%20",
    "/?a=1",
    "/a?a=b&b=c",
    "/b?a",
    "/a?ip=10.1.2.3",
    "/a?s=k1",
    "/b?s=k2&ip=192.168.1.1",
    "/a/b#frag",
    "/..",
    "/%zz",
    "/a%00",
    "/a/b?x#y",
    "/A/B",
    "/a/%E3%81%82",
    "/legacyX",
    "/legacy/x",
    "/legacy",
    "/a/%23x",
    "/a/b%3fx",
    "/a\"b",
    "/a/<b>",
    "/a{b}",
    "/a/b;c=1",
    "/q/1/2/3",
    "/%0a",
    "/a/x%0a",
    "http://b.example/a/b",
    "http://a.example",
    "http://a.example?x=1",
    "/a&b",
    "/a/..%2fb",
    "/.../a",
    "/a...",
    "/a/.b",
    "/...",
    "x",
    "/a b",
];

const PREFIXES: &[&str] = &[
    "/", "/a", "/a/", "/a/b", "/a/b/", "/b", "/b/", "/c/", "/d/", "/legacy", "/a/b/c", "/ab", "/q/", "/d",
    "/A",
];

const PATTERNS: &[&str] = &[
    "\\.txt$",
    "\\.php$",
    "^/a/(.*)$",
    "^/(?<first>[a-z]+)/",
    "/b",
    "^/[ab]",
    "x",
    "^/a(?!b)",
    "(\\d+)/(\\d+)",
    "^/$",
    "^/(a|b)/?(.*)",
    "\\.(txt|php)$",
    "^/A",
    "[^/]+\\.txt",
    "^/a/?$",
    "c{1,2}",
    "^/%",
    "(.)\\1",
];

const REWRITES: &[(&str, &str)] = &[
    ("^/a/(.*)$", "/b/$1"),
    ("^/(.*)$", "/c/$1"),
    ("^(.*)$", "$1x"),
    ("^/a", "/b?from=a"),
    ("^/b/(.*)$", "/a/$1?q=$1"),
    ("/b", "/q/1/2/3?"),
    ("^/(?<seg>[^/]+)/(.*)", "/$2/$seg"),
    ("^/zzz$", "/never"),
    ("\\.txt$", "/x.php?f=$uri"),
    ("^/c/(.*)", "/d/$1?"),
    ("^/a/(.*)$", "http://e.example/$1"),
    ("^/b", "$scheme://e.example$request_uri?"),
    ("^/(.*)/(.*)$", "/$2/$1"),
    ("^/a/(.*)$", "/b/$arg_a$1"),
];

const FLAGS: &[&str] = &["", " last", " break", " redirect", " permanent", " last", " break"];

impl Case {
    pub fn new(seed: u64, bench: &Bench) -> Self {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5eed);
        let disk = !random.one_in(3);
        let mut generator = Generator { random: &mut random, bench, out: Writer { lines: Vec::new() }, disk };
        generator.config();
        let text = generator.out.lines.join("\n") + "\n";
        let requests = (0..200).map(|id| request(&mut random, bench, id)).collect();
        Self { text, requests, disk }
    }
}

fn request(random: &mut Random, bench: &Bench, id: u64) -> Request {
    let port = bench.front[random.below(2)];
    let method = if random.one_in(6) {
        random.pick(&["POST", "HEAD", "PUT", "DELETE", "get", "TRACE"])
    } else {
        "GET"
    };
    let mut headers = Vec::new();
    if random.one_in(3) {
        headers.push(("X-A".to_owned(), random.pick(&["1", "two", "a.example", ""]).as_bytes().to_vec()));
    }
    if random.one_in(4) {
        headers.push((
            "Cookie".to_owned(),
            random.pick(&["k=v", "a=1; k=w", "k", "kk=2; k = z"]).as_bytes().to_vec(),
        ));
    }
    if random.one_in(5) {
        let real = random.pick(&["10.1.2.3", "192.168.1.1", "bad", "2001:db8::1"]);
        headers.push(("X-Real-IP".to_owned(), real.as_bytes().to_vec()));
    }
    if method == "POST" || method == "PUT" {
        headers.push(("Content-Length".to_owned(), b"0".to_vec()));
    }
    let mut host = random.pick(HOSTS).to_owned();
    if random.one_in(40) {
        host = String::from(random.pick(&["a..b", "a/b", ".a.example", "[::1]:80", ":80"]));
    }
    Request {
        id: Some(serde_json::json!(id)),
        listen: Some(format!("127.0.0.1:{port}")),
        method: method.to_owned(),
        host: host.into_bytes(),
        target: random.pick(TARGETS).as_bytes().to_vec(),
        headers,
        client: Some(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)),
    }
}

struct Generator<'r> {
    random: &'r mut Random,
    bench: &'r Bench,
    out: Writer,
    disk: bool,
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
        for (index, port) in self.bench.echo.iter().take(3).enumerate() {
            self.out.line(format!("upstream app_{index} {{"));
            self.out.line(format!("server 127.0.0.1:{port} max_fails=0;"));
            if index == 2 {
                self.out.line("server 127.0.0.1:1 down;");
                self.out.line(format!("server 127.0.0.1:{} backup max_fails=0;", self.bench.echo[0]));
            }
            self.out.line("}");
        }
        self.variables();
        for (index, port) in self.bench.echo.iter().enumerate() {
            self.out.line("server {");
            self.out.line(format!("listen 127.0.0.1:{port}; # keep"));
            self.out.line(format!("return 200 \"UP|{index}|$request_uri\"; # keep"));
            self.out.line("}");
        }
        if self.random.one_in(4) {
            let value = self.random.pick(&["on", "off"]);
            self.out.line(format!("merge_slashes {value};"));
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

    fn variables(&mut self) {
        self.out.line("map $uri $m_uri {");
        self.out.line("default none;");
        self.out.line("/a A;");
        self.out.line("~^/b/(.*)$ re-$1;");
        self.out.line("~*\\.TXT$ txt;");
        self.out.line("}");
        self.out.line("map $host $m_host {");
        self.out.line("hostnames;");
        self.out.line("default 0;");
        self.out.line("a.example app_0;");
        self.out.line("*.a.example app_1;");
        self.out.line("www.* app_2;");
        self.out.line("}");
        self.out.line("map $http_x_a$arg_a $m_x {");
        self.out.line("'' empty;");
        self.out.line("1 one;");
        self.out.line("two $uri;");
        self.out.line("default app_1;");
        self.out.line("}");
        self.out.line("geo $arg_ip $g_ip {");
        self.out.line("default out;");
        self.out.line("10.0.0.0/8 in;");
        self.out.line("10.1.0.0/16 deep;");
        self.out.line("192.168.1.1 one;");
        self.out.line("}");
        self.out.line("geo $g_me {");
        self.out.line("127.0.0.1 local;");
        self.out.line("10.0.0.0/8 ten;");
        self.out.line("2001:db8::/32 six;");
        self.out.line("}");
        self.out.line("split_clients \"$arg_s\" $s_arm {");
        self.out.line("30.5% app_0;");
        self.out.line("20% app_1;");
        self.out.line("* app_2;");
        self.out.line("}");
    }

    fn server(&mut self, index: usize) {
        self.out.open("server");
        let [one, two] = self.bench.front;
        match if index < 2 { index } else { 2 + self.random.below(4) } {
            1 => self.out.line(format!("listen {two};")),
            0 | 2 => self.out.line(format!("listen 127.0.0.1:{one};")),
            3 => self.out.line(format!("listen *:{two};")),
            4 => self.out.line(format!("listen 127.0.0.1:{two};")),
            _ => {
                self.out.line(format!("listen 127.0.0.1:{one};"));
                self.out.line(format!("listen {two};"));
            }
        }
        let names = self.random.below(4);
        if names > 0 {
            let chosen: Vec<&str> = (0..names).map(|_| self.random.pick(NAMES)).collect();
            self.out.line(format!("server_name {};", chosen.join(" ")));
        }
        if self.random.one_in(6) {
            self.out.line("set_real_ip_from 127.0.0.1;");
        }
        if self.disk && self.random.one_in(3) {
            self.error_page();
        }
        if self.random.one_in(4) {
            self.rewrite();
        }
        if self.random.one_in(6) {
            self.server_if();
        }
        if self.random.one_in(10) {
            self.out.line("set $v1 $m_uri;");
        }
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
        self.out.line("}");
    }

    fn location(&mut self, inside: &str, used: &mut Vec<String>, depth: usize) {
        let kind = self.random.below(8);
        let (head, regex, exact, prefix) = if kind < 3 {
            let pattern = self.random.pick(PATTERNS);
            let sign = if kind == 0 { "~*" } else { "~" };
            (format!("location {sign} \"{pattern}\""), true, false, pattern.to_owned())
        } else {
            let prefix = self.random.pick(PREFIXES);
            if !prefix.starts_with(inside) {
                return;
            }
            let exact = kind == 3;
            let key = format!("{exact}{prefix}");
            if used.contains(&key) {
                return;
            }
            used.push(key);
            let sign = match kind {
                3 => "= ",
                4 => "^~ ",
                _ => "",
            };
            (format!("location {sign}{prefix}"), false, exact, prefix.to_owned())
        };
        self.out.open(&head);
        if self.random.one_in(12) {
            self.out.line("internal;");
        }
        self.body(false, regex, false);
        if !exact && depth < 2 && self.random.one_in(3) {
            let mut inner = Vec::new();
            for _ in 0..=self.random.below(2) {
                self.location(&prefix, &mut inner, depth + 1);
            }
        }
        self.out.line("}");
    }

    /// What a location does.
    fn body(&mut self, named: bool, regex: bool, quiet: bool) {
        if self.random.one_in(5) {
            self.out
                .line(format!("set $v1 \"{}\";", self.random.pick(&["x$1", "$uri", "$args", "$m_x", "a b"])));
        }
        if self.random.one_in(4) && !quiet {
            self.rewrite();
        }
        if self.random.one_in(8) && !quiet {
            self.rewrite();
        }
        if self.random.one_in(5) {
            self.location_if();
        }
        if self.random.one_in(12) {
            self.out.line("break;");
        }
        if self.random.one_in(14) {
            self.out.line("set $args \"n=$arg_a\";");
        }
        if self.random.one_in(14) {
            let rule = self.random.pick(&[
                "deny all;",
                "allow 127.0.0.1; deny all;",
                "deny 10.0.0.0/8;",
                "allow 10.0.0.0/8; deny all;",
            ]);
            self.out.line(rule);
        }
        if self.random.one_in(25) {
            self.out.line("auth_basic closed; auth_basic_user_file none;");
            if self.random.one_in(2) {
                self.out.line("satisfy any;");
            }
        }
        if self.random.one_in(16) {
            let methods = self.random.pick(&["GET", "POST", "GET POST", "PUT"]);
            self.out.line(format!("limit_except {methods} {{"));
            self.out.line(self.random.pick(&["deny all;", "proxy_pass http://app_1;", "allow all;"]));
            self.out.line("}");
        }
        if self.disk && self.random.one_in(4) {
            self.error_page();
        }
        if self.disk && self.random.one_in(5) {
            let tries = self.random.pick(&[
                "$uri @two",
                "$uri $uri/ @one",
                "$uri /c/fallback?$args",
                "$uri/index.html $uri =404",
                "/a.txt /b/x",
                "$uri $uri/ /d/index.html",
                "/none =403",
                "$uri =503",
            ]);
            self.out.line(format!("try_files {tries};"));
        }
        if self.disk && self.random.one_in(12) && !named {
            let root = self.bench.root();
            self.out.line(format!(
                "{} {root}/a/;",
                if regex { "root" } else { self.random.pick(&["alias", "root"]) }
            ));
        }
        if self.disk && self.random.one_in(14) {
            self.out.line(self.random.pick(&[
                "index none.html index.html;",
                "index index.html /c/last;",
                "index x.php;",
            ]));
        }
        match self.random.below(10) {
            0 | 1 => self.returns(),
            2..=6 => self.pass(named, regex),
            7 => {
                let handler = self.random.pick(&[
                    "fastcgi_pass app_0;",
                    "uwsgi_pass app_1;",
                    "grpc_pass grpc://app_0;",
                    "scgi_pass 127.0.0.1:PORT;",
                    "empty_gif;",
                    "fastcgi_pass $m_host;",
                ]);
                self.out.line(handler.replace("PORT", &self.bench.echo[3].to_string()));
            }
            _ if !self.disk => self.pass(named, regex),
            _ => {}
        }
    }

    fn pass(&mut self, named: bool, regex: bool) {
        let port = self.bench.echo[3];
        let direct = format!("http://127.0.0.1:{port}");
        let forms: &[&str] = if named || regex {
            &[
                "http://app_0",
                "http://app_1",
                "DIRECT",
                "http://app_0$request_uri",
                "http://$m_host",
                "http://$s_arm$uri$is_args$args",
                "http://app_2/$1",
                "http://app_0/v?$v",
            ]
        } else {
            &[
                "http://app_0",
                "http://app_1/",
                "http://app_1/base",
                "http://app_2/base/",
                "DIRECT",
                "DIRECT/x/",
                "http://app_0$request_uri",
                "http://$m_host",
                "http://app_0/$m_uri",
                "http://$s_arm",
                "http://app_1/$v1",
                "http://APP_0/up",
                "http://app_0?x=1",
                "http://app_1/p?y=2",
                "http://app_0/$arg_a/$cookie_k",
                "http://nowhere.invalid$uri",
            ]
        };
        let form = self.random.pick(forms).replace("DIRECT", &direct).replace("$v\"", "");
        let form = if form.ends_with("?$v") { form.replace("?$v", "?$g_me=$g_ip") } else { form };
        let form = form.replace("$v1", "$arg_b");
        self.out.line(format!("proxy_pass {form};"));
        if self.disk && self.random.one_in(6) {
            self.out.line("proxy_intercept_errors on;");
        }
    }

    fn returns(&mut self) {
        let code = self.random.pick(&[
            "return 200 ok;",
            "return 404;",
            "return 403;",
            "return 301 /moved$uri;",
            "return 302 /b/x;",
            "return 444;",
            "return 204;",
            "return 503;",
            "return 301 https://e.example$request_uri;",
            "return https://e.example/;",
            "return 410 gone;",
            "return 307 $m_x;",
            "return 302 /$1;",
            "return 400;",
            "return 200 $g_me;",
            "return 495;",
            "return 308 /$cookie_k/$http_x_a;",
            "return 500;",
        ]);
        self.out.line(code);
    }

    fn rewrite(&mut self) {
        let (from, to) = REWRITES[self.random.below(REWRITES.len())];
        let flag = self.random.pick(FLAGS);
        self.out.line(format!("rewrite \"{from}\" {to}{flag};"));
    }

    fn condition(&mut self) -> String {
        self.random
            .pick(&[
                "($arg_a)",
                "($arg_a = b)",
                "($request_method = POST)",
                "($uri ~ ^/a/(.*)$)",
                "($uri !~ b)",
                "($http_x_a ~* (T.O))",
                "($host = a.example)",
                "($m_x != one)",
                "($g_ip = in)",
                "($cookie_k)",
                "($args = \"\")",
                "($s_arm = app_0)",
                "($g_me = ten)",
                "($is_args)",
                "($m_uri ~ re-(.*))",
                "($request_uri ~ \"\\?\")",
                "($http_user_agent)",
                "($remote_addr = 127.0.0.1)",
            ])
            .to_owned()
    }

    fn server_if(&mut self) {
        let condition = self.condition();
        self.out.line(format!("if {condition} {{"));
        match self.random.below(4) {
            0 => self.returns(),
            1 => self.rewrite(),
            2 => self.out.line("set $v2 1;"),
            _ => {
                self.out.line("set $v2 $1;");
                self.out.line("break;");
            }
        }
        self.out.line("}");
    }

    fn location_if(&mut self) {
        let mut condition = self.condition();
        if self.disk && self.random.one_in(6) {
            condition = String::from(self.random.pick(&[
                "(-f $request_filename)",
                "(!-e $request_filename)",
                "(-d $document_root$uri)",
            ]));
        }
        self.out.line(format!("if {condition} {{"));
        match self.random.below(7) {
            0 => self.returns(),
            1 => self.rewrite(),
            2 => self.out.line("set $v1 if;"),
            3 => self.out.line("break;"),
            4 => self.out.line("proxy_pass http://app_2;"),
            5 => {
                self.rewrite();
                self.out.line("proxy_pass http://app_1;");
            }
            _ => {}
        }
        self.out.line("}");
    }

    fn error_page(&mut self) {
        let page = self.random.pick(&[
            "404 /50x.html",
            "404 @two",
            "502 504 @two",
            "403 404 =200 /b/x",
            "404 = /c/err",
            "503 @one",
            "401 403 @two",
            "301 302 /a",
            "400 /c/bad",
            "404 https://e.example/x",
            "500 502 503 504 /50x.html",
            "405 =200 $uri",
            "404 =302 /b/y",
            "410 =404 @one",
            "404 /e?c=$arg_a",
            "495 /d/",
            "502 =307 https://e.example/z",
        ]);
        self.out.line(format!("error_page {page};"));
        if self.random.one_in(5) {
            self.out.line("recursive_error_pages on;");
        }
    }
}
