//! Rules about the source text that no compiler knows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::root;

/// A rule: where it holds, what it looks for, and why.
struct Gate {
    folder: &'static str,
    why: &'static str,
    finds: fn(&str) -> Vec<usize>,
}

const GATES: [Gate; 4] = [
    Gate { folder: "app/src", why: "`inner_html` puts text into a page unescaped", finds: inner_html },
    Gate {
        folder: "app/src",
        why: "children of <textarea> are not escaped by leptos 0.8: use `prop:value` and close it at once",
        finds: textarea_children,
    },
    Gate {
        folder: "app/src",
        why: "a style attribute is refused by the page's Content-Security-Policy: use a class",
        finds: style_attributes,
    },
    Gate {
        folder: "server/src",
        why: "SQL made at run time: bind parameters, or say on the line before, after `// constant SQL:`, why it is safe",
        finds: made_sql,
    },
];

/// Checks them all; every place is named.
pub fn check() -> Result<()> {
    let mut places = Vec::new();
    for gate in &GATES {
        for file in files(&root().join(gate.folder), &["rs"])? {
            let text =
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            places.extend((gate.finds)(&text).into_iter().map(|line| format!("{name}:{line}: {}", gate.why)));
        }
    }
    places.extend(rbac_twins()?);
    places.extend(crate::containerfile::check()?);
    places.extend(crate::paths::check()?);
    if places.is_empty() { Ok(()) } else { bail!("forbidden in the source:\n{}", places.join("\n")) }
}

/// What Landfall may read in a cluster stands in two files, for two ways to install it.
fn rbac_twins() -> Result<Option<String>> {
    let [plain, chart] = ["deploy/rbac.yaml", "deploy/chart/landfall/templates/rbac.yaml"];
    let read =
        |name: &str| fs::read_to_string(root().join(name)).with_context(|| format!("cannot read {name}"));
    let same = rbac_rules(&read(plain)?) == rbac_rules(&read(chart)?);
    Ok((!same).then(|| format!("{chart}: other rules than in {plain}")))
}

/// The lines of the `rules:` of a role, without comments.
fn rbac_rules(text: &str) -> Vec<&str> {
    let begin = text.lines().skip_while(|line| *line != "rules:").skip(1);
    begin
        .take_while(|line| line.starts_with(' '))
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect()
}

/// Every file with one of these extensions below a folder, in the order of names.
pub fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extensions)?);
        } else if path.extension().is_some_and(|it| extensions.iter().any(|wanted| it == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Numbers (from one) of the lines that are code and satisfy a condition.
fn lines(text: &str, condition: impl Fn(&str) -> bool) -> Vec<usize> {
    let code = |line: &str| !line.trim_start().starts_with("//");
    text.lines().enumerate().filter(|(_, line)| code(line) && condition(line)).map(|(at, _)| at + 1).collect()
}

fn inner_html(text: &str) -> Vec<usize> {
    // `element.inner_html()` only reads.
    lines(text, |line| line.replace(".inner_html()", "").contains("inner_html"))
}

fn style_attributes(text: &str) -> Vec<usize> {
    lines(text, |line| {
        line.match_indices("style").any(|(at, _)| {
            let begins = line[..at].chars().next_back().is_none_or(char::is_whitespace);
            let mut after = line[at + "style".len()..].chars();
            let (first, second) = (after.next(), after.next());
            // `style="…"`, `style=move || …` and leptos's `style:color=…`, but not a field `style: …`.
            begins
                && (first == Some('=') && second != Some('=')
                    || first == Some(':') && second.is_some_and(char::is_alphabetic))
        })
    })
}

/// `<textarea …>` that is not closed at once.
fn textarea_children(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, tag) in text.match_indices("<textarea") {
        let (mut depth, mut quoted, mut last) = (0_i32, false, ' ');
        for sign in text[at + tag.len()..].chars() {
            match sign {
                '"' => quoted = !quoted,
                '{' | '(' if !quoted => depth += 1,
                '}' | ')' if !quoted => depth -= 1,
                '>' if !quoted && depth == 0 && last != '=' && last != '-' => break,
                _ => {}
            }
            last = sign;
        }
        if last != '/' {
            found.push(text[..at].matches('\n').count() + 1);
        }
    }
    found
}

fn made_sql(text: &str) -> Vec<usize> {
    let all: Vec<&str> = text.lines().collect();
    let squeezed = |line: &str| line.replace([' ', '&'], "");
    lines(text, |line| line.contains("AssertSqlSafe(") || squeezed(line).contains("query(format!("))
        .into_iter()
        .filter(|number| {
            let before = number.checked_sub(2).and_then(|at| all.get(at)).copied().unwrap_or_default();
            !before.trim_start().starts_with("// constant SQL: ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_compared_without_comments() {
        let text = "kind: Role\nrules:\n  # why\n  - verbs: [get]\n---\nkind: X\n";
        assert_eq!(rbac_rules(text), ["  - verbs: [get]"]);
        assert_eq!(rbac_twins().unwrap(), None);
        assert!(!rbac_rules(&fs::read_to_string(root().join("deploy/rbac.yaml")).unwrap()).is_empty());
    }

    #[test]
    fn each_gate_shuts_and_opens() {
        assert_eq!(inner_html("\n<p inner_html=x/>\n// inner_html\nit.set_inner_html(x)\n"), [2, 4]);
        assert!(inner_html("let text = it.inner_html();").is_empty());
        assert_eq!(
            style_attributes("<p style=\"a\">\n<p style:color=x>\nP { style: x }\na.style = b\n"),
            [1, 2]
        );
        assert!(style_attributes("<link rel=\"stylesheet\" href=x/>\nif style == 3 {\n").is_empty());
        assert_eq!(textarea_children("\n<textarea name=\"q\">{text}</textarea>"), [2]);
        assert!(textarea_children("<textarea on:input=move |e| { f(e) > 1 } prop:value=v/>").is_empty());
        assert_eq!(made_sql("sqlx::query(&format!(\"x\"))"), [1]);
        assert_eq!(made_sql("a\nquery(AssertSqlSafe(sql))"), [2]);
        assert!(made_sql("// constant SQL: a name from our own list\nquery(AssertSqlSafe(sql))").is_empty());
    }
}
