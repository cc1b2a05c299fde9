//! How much a first visit transfers.

use std::{collections::BTreeSet, net::SocketAddr};

use serde::Serialize;

use super::clients::{Answer, Connection, header};

/// Bytes of a first visit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FirstVisit {
    /// The page itself, packed.
    pub page: usize,
    /// Unpacked.
    pub page_plain: usize,
    /// Everything that it makes the browser load, packed, headers included.
    pub whole: usize,
    /// Each file with its packed size.
    pub files: Vec<(String, usize)>,
}

fn size(answer: &Answer) -> usize {
    answer.head.len() + 4 + answer.body.len()
}

/// Loads `/` and what it names, as a browser with an empty cache does.
pub async fn first_visit(address: SocketAddr) -> anyhow::Result<FirstVisit> {
    let mut connection = Connection::open(address).await?;
    let packed = connection.get("/").await?;
    let plain = connection.get_as("/", "identity").await?;
    let mut visit = FirstVisit {
        page: packed.body.len(),
        page_plain: plain.body.len(),
        whole: size(&packed),
        files: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    let mut waiting = named(&String::from_utf8_lossy(&plain.body));
    while let Some(file) = waiting.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        let answer = connection.get(&file).await?;
        if answer.status != 200 {
            continue;
        }
        visit.whole += size(&answer);
        visit.files.push((file.clone(), answer.body.len()));
        if header(&answer.head, "content-type").starts_with("text/javascript") {
            let text = connection.get_as(&file, "identity").await?;
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            let text = String::from_utf8_lossy(&text.body).into_owned();
            waiting.extend(named(&text));
            // Scripts name what lies beside them.
            let beside = |part: &&str| {
                let ending = part.rsplit_once('.').map_or("", |(_, ending)| ending);
                part.len() < 200 && (ending == "wasm" || ending == "js" && part.starts_with("./"))
            };
            for quoted in text.split(['"', '\'', '`']).filter(beside) {
                waiting.push(format!("{folder}/{}", quoted.trim_start_matches("./")));
            }
        }
    }
    visit.files.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(visit)
}

/// Addresses below `/pkg/` in a text, the query string included.
fn named(text: &str) -> Vec<String> {
    text.match_indices("/pkg/")
        .map(|(at, _)| {
            let rest = &text[at..];
            let end = rest.find(['"', '\'', '`', ')', '<', '>', ' ', '\\']).unwrap_or(0);
            rest[..end].replace("&amp;", "&")
        })
        .filter(|file| file.contains('.') && file.len() < 200)
        .collect()
}
