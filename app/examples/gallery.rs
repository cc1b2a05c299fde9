//! Writes every page from the sample world to `target/gallery/`, to be looked at without a server.
//!
//! `cargo run -p landfall-app --features ssr --example gallery`

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::{fs, io, path::Path};

use landfall_app::{lang::Lang, pages};

fn main() -> io::Result<()> {
    let out = Path::new("target/gallery");
    fs::create_dir_all(out)?;
    fs::copy("style/main.css", out.join("landfall.css"))?;
    for lang in Lang::ALL {
        let save = |name: &str, html: String| {
            let html = html.replace("\"/pkg/", "\"./");
            fs::write(out.join(format!("{name}.{}.html", lang.tag())), html)
        };
        save("board", pages::board(&sample::board(), &sample::shell(*lang, "", "/")))?;
        let mut dark = sample::shell(*lang, "", "/");
        dark.theme = landfall_app::data::Theme::Dark;
        save("board-dark", pages::board(&sample::board(), &dark))?;
    }
    Ok(())
}
