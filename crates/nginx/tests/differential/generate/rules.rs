//! `return`, `rewrite`, `if`, `error_page`.

use super::Generator;
use super::words::{FLAGS, REWRITES};

impl Generator<'_> {
    pub(super) fn returns(&mut self) {
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
            "return 301 \"\";",
            "return 303 //b$request_uri;",
            "return 201 made;",
            "return 302 $scheme://$host:8443$uri?x=$m_args;",
            "return 200 $m_long;",
            "return 413;",
            "return 499;",
            "return 302 \"/a b/$1\";",
        ]);
        self.out.line(code);
    }

    pub(super) fn rewrite(&mut self) {
        let (from, to) = REWRITES[self.random.below(REWRITES.len())];
        let flag = self.random.pick(FLAGS);
        self.out.line(format!("rewrite \"{from}\" {to}{flag};"));
    }

    pub(super) fn condition(&mut self) -> String {
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
                "($g_fwd = ten)",
                "($m_args)",
                "($s_uri = left)",
                "($http_cookie ~* \"k=([^;]+)(?:;|$)\")",
                "($request_method !~ ^(GET|HEAD)$)",
                "($server_name = a.example)",
                "($http_authorization)",
                "($http_x_a = \"\")",
                "($uri ~ \"^/(?<first>[a-z]+)\")",
                "($content_length)",
            ])
            .to_owned()
    }

    pub(super) fn server_if(&mut self) {
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

    pub(super) fn location_if(&mut self) {
        let mut condition = self.condition();
        if self.disk && self.random.one_in(6) {
            condition = String::from(self.random.pick(&[
                "(-f $request_filename)",
                "(!-e $request_filename)",
                "(-d $document_root$uri)",
                "(!-f $document_root/none)",
                "(-x $request_filename)",
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

    pub(super) fn error_page(&mut self) {
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
            "413 414 =200 /b/large",
            "403 =301 /moved",
            "500 @one",
            "404 =200 @two",
            "401 =302 /login?u=$uri",
            "494 495 400 /c/bad",
        ]);
        self.out.line(format!("error_page {page};"));
        if self.random.one_in(5) {
            self.out.line("recursive_error_pages on;");
        }
    }
}
