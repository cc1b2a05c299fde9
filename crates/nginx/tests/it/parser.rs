//! The parser: words as nginx cuts them, places, includes, dumps, every mistake reported.

use std::collections::BTreeMap;

use landfall_nginx::config::Config;
use landfall_nginx::route::Request;
use landfall_nginx::syntax::{DumpFiles, Files, MemoryFiles, glob_match, load};
use proptest::prelude::*;

fn files(list: &[(&str, &[u8])]) -> MemoryFiles {
    MemoryFiles(
        list.iter().map(|(name, text)| ((*name).to_owned(), text.to_vec())).collect::<BTreeMap<_, _>>(),
    )
}

fn words(text: &[u8]) -> Vec<Vec<String>> {
    let (tree, errors) = load(&files(&[("c", text)]), "c", None);
    assert!(errors.is_empty(), "{errors:?}");
    let line = |directive: &landfall_nginx::syntax::Directive| {
        std::iter::once(&directive.name)
            .chain(&directive.args)
            .map(|word| word.lossy().into_owned())
            .collect()
    };
    tree.directives.iter().map(line).collect()
}

fn mistakes(text: &str) -> Vec<String> {
    let (_, errors) = load(&files(&[("c", text.as_bytes())]), "c", None);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn quotes_escapes_comments_and_variables_are_cut_as_nginx_does() {
    assert_eq!(words(b"a \"b c\" 'd;{}' ;"), [vec!["a", "b c", "d;{}"]]);
    assert_eq!(words(b"a b\"c d'e;"), [vec!["a", "b\"c", "d'e"]]);
    assert_eq!(words(br#"a "b\"c" \d \\ e\tf \;g;"#), [vec!["a", "b\"c", "\\d", "\\", "e\tf", "\\;g"]]);
    assert_eq!(words(b"a # not here; {\n b #again\n;"), [vec!["a", "b"]]);
    assert_eq!(words(b"a ${b}c x${d}y;"), [vec!["a", "${b}c", "x${d}y"]]);
}

#[test]
fn byte_order_mark_crlf_and_other_encodings_are_read() {
    assert_eq!(words(b"\xef\xbb\xbfuser x;\r\nb c;\r\n"), [vec!["user", "x"], vec!["b", "c"]]);
    let (tree, errors) = load(&files(&[("c", b"a \xe9\xff;")]), "c", None);
    assert!(errors.is_empty());
    assert_eq!(tree.directives[0].args[0].text, b"\xe9\xff");
}

#[test]
fn lua_blocks_end_where_lua_says() {
    let text = b"content_by_lua_block { local a = \"}\" -- }\n x = [[ } ]] if y then z = {1} end }\nb c;";
    let (tree, errors) = load(&files(&[("c", text)]), "c", None);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(tree.directives.len(), 2);
    assert!(tree.directives[0].lua.as_ref().is_some_and(|lua| lua.ends_with(b"end ")));
}

#[test]
fn every_mistake_of_a_file_is_reported_with_its_place() {
    assert_eq!(
        mistakes("a {\n  b c\n}\n;\n}"),
        [
            "c:3:1: unexpected \"}\", expected \";\"",
            "c:4:1: unexpected \";\", expected a directive",
            "c:5:1: unexpected \"}\", no block is open here",
        ]
    );
    assert_eq!(
        mistakes("a \"b\"c;")[0],
        "c:1:6: unexpected \"c\" after a quoted word, expected a space or \";\""
    );
    assert!(mistakes("a {")[0].contains("expected \"}\" for the block a of line 1"));
    assert!(mistakes("a \"b")[0].contains("expected the closing \""));
    assert!(mistakes(&"a {".repeat(5000)).iter().any(|error| error.contains("nested deeper")));
}

#[test]
fn includes_are_put_in_place_cycles_and_missing_files_are_named() {
    let all = files(&[
        ("/e/nginx.conf", b"a 1; include conf.d/*.conf; include /e/x; d 4;"),
        ("/e/conf.d/2.conf", b"c 3;"),
        ("/e/conf.d/1.conf", b"b 2;\n"),
        ("/e/conf.d/.hidden.conf", b"z 9;"),
        ("/e/x", b"include nginx.conf;"),
    ]);
    let (tree, errors) = load(&all, "/e/nginx.conf", None);
    let names: String = tree.directives.iter().map(|directive| directive.name.lossy().into_owned()).collect();
    assert_eq!(names, "abcd");
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().starts_with("/e/x:1:9: include cycle:"), "{}", errors[0]);
    let (_, errors) = load(&files(&[("/e/c", b"include gone; include none*;")]), "/e/c", None);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().contains("cannot read the included /e/gone"));
}

#[test]
fn a_dump_is_taken_apart_and_keeps_the_files_own_lines() {
    let dump = b"nginx: the configuration file /e/n.conf syntax is ok\n# configuration file /e/n.conf:\nevents {}\n\
                 http { include s/*; }\n\n# configuration file /e/s/a:\n\nserver { listen 1.2.3.4:80; return 204; }\n";
    let files = DumpFiles::split(dump).expect("a dump");
    assert_eq!(files.main, "/e/n.conf");
    assert_eq!(files.glob("/e/s/*"), ["/e/s/a"]);
    let config = Config::read_bytes(dump, "-", None).expect("valid");
    let answer = config.route(&Request::get("x", "/"));
    let server = answer.server.expect("a server");
    assert_eq!((server.file.as_str(), server.line), ("/e/s/a", 2));
}

#[test]
fn shell_patterns_match_like_the_shell() {
    for (pattern, name, fits) in [
        ("*", "a", true),
        ("*", ".a", false),
        ("*.conf", "a.conf", true),
        ("[a-c]?*", "bx", true),
        ("[!a]x", "ax", false),
        ("a*b*c", "aXbYc", true),
        ("a*b", "acx", false),
    ] {
        assert_eq!(glob_match(pattern, name), fits, "{pattern} {name}");
    }
}

fn refused(http: &str) -> Vec<String> {
    match Config::from_text(&format!("events {{}}\nhttp {{\n{http}\n}}")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(|error| error.message.clone()).collect(),
    }
}

#[test]
fn what_nginx_refuses_is_refused_all_at_once() {
    let cases = [
        ("server { location /a { } location ^~ /a { } }", "duplicate location \"/a\""),
        ("server { location = /a { location /a { } } }", "cannot be inside the exact location"),
        ("server { location /a { location /b { } } }", "is outside location"),
        ("server { location /a { location @b { } } }", "can be on the server level only"),
        ("server { location ~ ^/x { proxy_pass http://a/b; } }", "cannot have URI part"),
        ("server { location ~ ( { } }", "does not compile"),
        (
            "server { location / { proxy_pas http://a; rewrite a; } }",
            "invalid number of arguments in \"rewrite\"",
        ),
        ("server { proxy_pass http://a; }", "\"proxy_pass\" directive is not allowed here"),
        ("server { location / { return $nope; } }", "invalid return code"),
        ("server { location / { return 200 $nope; } }", "unknown \"nope\" variable"),
        (
            "server { listen 80 default_server; } server { listen 80 default_server; }",
            "a duplicate default server",
        ),
        ("server { listen 80; listen 80; }", "a duplicate listen"),
        ("server { listen 80x; }", ""),
        ("upstream a { } server { }", "no servers are inside upstream"),
        ("map $uri $x { a 1; a 2; }", "conflicting parameter \"a\""),
        ("server { if ($uri) { return 1; } if (x = y) { } }", "invalid condition"),
        ("server { error_page 200 /x; }", "must be between 300 and 599"),
        ("server { location / { try_files $uri; } }", "invalid number of arguments in \"try_files\""),
        ("server { merge_slashes maybe; }", "it must be \"on\" or \"off\""),
        ("server { location / { proxy_pass a; } }", "invalid URL prefix"),
        ("server { set $host x; }", "the duplicate \"host\" variable"),
        ("split_clients a $b { 60% x; 60% y; }", "greater than 100%"),
    ];
    for (text, expected) in cases {
        let found = refused(text);
        if expected.is_empty() {
            continue;
        }
        assert!(found.iter().any(|message| message.contains(expected)), "{text}: {found:?}");
    }
    let both = refused("server { listen 80; listen 80; location / { return 1000; } }");
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(refused("server { more_set_headers x; some_new_thing on; }").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = load(&files(&[("c", &bytes)]), "c", None);
        let _ = Config::read_bytes(&bytes, "c", None);
    }

    #[test]
    fn no_words_make_it_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", ";", "http", "server", "location", "=", "~", "^~", "/a", "/", "(a|b", "^/(.*)$", "if", "($uri",
                "~", "x)", "rewrite", "$1", "${a", "set", "$v", "return", "200", "301", "try_files", "@a", "map", "geo",
                "$x", "default", "listen", "80", "[::1]:9", "proxy_pass", "http://a/", "upstream", "a", "error_page",
                "404", "=", "include", "\"", "'", "\\", "#", "\n", "events", "{}", "alias", "index", "deny", "all",
                "limit_except", "GET", "server_name", "*.a", ".a", "~^(?<n>x)$", "split_clients", "50%", "log_format",
            ]),
            0..80,
        ),
        target in "/[ -~]{0,12}",
    ) {
        let text = format!("events {{}} http {{ server {{ {} }} }}", words.join(" "));
        if let Ok(config) = Config::from_text(&text) {
            let _ = config.route(&Request::get("a", &target));
        }
        let _ = Config::from_text(&words.join(" "));
    }
}
