//! `map`, `geo`, `split_clients`.

use super::Generator;

impl Generator<'_> {
    pub(super) fn variables(&mut self) {
        self.block("map $uri $m_uri", &["default none;", "/a A;", "~^/b/(.*)$ re-$1;", "~*\\.TXT$ txt;"]);
        let mut hosts =
            vec!["hostnames;", "default 0;", "a.example app_0;", "*.a.example app_1;", "www.* app_2;"];
        if self.random.one_in(3) {
            hosts.extend([".b.example app_1;", "~^(?<m_part>.+)\\.org$ app_2;"]);
        }
        self.block("map $host $m_host", &hosts);
        self.block("map $http_x_a$arg_a $m_x", &["'' empty;", "1 one;", "two $uri;", "default app_1;"]);
        if self.random.one_in(3) {
            self.block("map $args $m_args", &["volatile;", "~(?<pair>[a-z])=1 $pair$1;", "\"\" none;"]);
        } else {
            // without a default the value is empty
            self.block("map $args $m_args", &["x=1 yes;", "~*^A $arg_a;"]);
        }
        self.block(
            "map $scheme://$host$request_uri $m_long",
            &["~^http://a\\.example/(?<long>[a-z]) l-$long;", "default app_0;"],
        );
        let nets = ["default out;", "10.0.0.0/8 in;", "10.1.0.0/16 deep;", "192.168.1.1 one;"];
        let ranges = [
            "ranges;",
            "default out;",
            "10.0.0.0-10.1.2.2 in;",
            "10.1.2.3-10.1.2.3 deep;",
            "192.168.0.0-192.168.1.255 one;",
        ];
        let deleted = ["default out;", "10.0.0.0/8 in;", "10.1.0.0/16 deep;", "delete 10.1.0.0/16;"];
        let chosen: &[&str] = match self.random.below(4) {
            0 => &ranges,
            1 => &deleted,
            _ => &nets,
        };
        self.block("geo $arg_ip $g_ip", chosen);
        self.block("geo $g_me", &["127.0.0.1 local;", "10.0.0.0/8 ten;", "2001:db8::/32 six;", "::1 lo6;"]);
        let mut forwarded = vec!["default none;", "proxy 127.0.0.1;", "10.0.0.0/8 ten;", "127.0.0.1 self;"];
        if self.random.one_in(2) {
            forwarded.push("proxy_recursive;");
        }
        self.block("geo $g_fwd", &forwarded);
        self.block("split_clients \"$arg_s\" $s_arm", &["30.5% app_0;", "20% app_1;", "* app_2;"]);
        self.block("split_clients \"$remote_addr$uri\" $s_uri", &["50% left;", "0.01% rare;"]);
    }

    pub(super) fn block(&mut self, head: &str, lines: &[&str]) {
        self.out.line(format!("{head} {{"));
        for line in lines {
            self.out.line(*line);
        }
        self.out.line("}");
    }
}
