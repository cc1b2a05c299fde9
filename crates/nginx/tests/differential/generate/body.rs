//! What a location does.

use super::Generator;

impl Generator<'_> {
    /// What a location does.
    pub(super) fn body(&mut self, named: bool, regex: bool, quiet: bool) {
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
            let file = self.random.pick(&["none", "users"]);
            self.out.line(format!("auth_basic closed; auth_basic_user_file {file};"));
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
        if self.disk && self.random.one_in(16) {
            self.out.line("auth_request /auth;");
            if self.random.one_in(3) {
                self.out.line("auth_request_set $seen $upstream_status;");
            }
        }
        for (odds, line) in [
            (20, "mirror /m;"),
            (25, "set_real_ip_from 127.0.0.1;"),
            (25, "client_max_body_size 2;"),
            (30, "autoindex on;"),
            (40, "expires 1h; gzip off; # noise"),
        ] {
            if self.random.one_in(odds) && !quiet {
                self.out.line(line);
            }
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
                "$document_root$uri $uri.html @one",
                "/d/ $uri",
                "$v1 $m_uri /d/",
                "$uri =204",
                "$uri =301",
            ]);
            self.out.line(format!("try_files {tries};"));
        }
        if self.disk && self.random.one_in(12) && !named {
            let root = self.bench.root();
            let line = if regex {
                self.random.pick(&["root ROOT/a/;", "alias ROOT/a/$1;", "root ROOT/$1;"])
            } else {
                self.random.pick(&["alias ROOT/a/;", "root ROOT/a/;", "alias ROOT/d;", "root ROOT/$arg_a;"])
            };
            self.out.line(line.replace("ROOT", &root));
        }
        if self.disk && self.random.one_in(14) {
            self.out.line(self.random.pick(&[
                "index none.html index.html;",
                "index index.html /c/last;",
                "index x.php;",
                "index $m_uri index.html;",
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
                    "stub_status;",
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
                "http://app_1/$m_args/$m_long",
                "UNIX",
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
                "UNIX",
                "UNIX:/up/",
                "http://app_1/$m_args/$m_long?$s_uri",
                "http://app_0/?fwd=$g_fwd",
                "http://app_2$uri$is_args$args",
                "http://app_0/$host/$remote_addr/$server_port",
            ]
        };
        let form = self
            .random
            .pick(forms)
            .replace("DIRECT", &direct)
            .replace("UNIX", &format!("http://{}", self.bench.unix()))
            .replace("$v\"", "");
        let form = if form.ends_with("?$v") { form.replace("?$v", "?$g_me=$g_ip") } else { form };
        let form = form.replace("$v1", "$arg_b");
        self.out.line(format!("proxy_pass {form};"));
        if self.disk && self.random.one_in(6) {
            self.out.line("proxy_intercept_errors on;");
        }
    }
}
