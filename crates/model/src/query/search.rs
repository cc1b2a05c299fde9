//! Search: what a word of `q` is looked for in.
//!
//! Text (names, owners, tags, repositories, hosts, namespaces) is searched for the word anywhere, in lower case.
//! Digests and commits are compared from their start, and only with six characters or more, so that `2023` does not
//! find half the fleet by its hashes.

use memchr::memmem::Finder;

use super::images::Repository;
use crate::view::{Environment, Finding, ImageView, Pull, Service, SourceView};

/// Shortest beginning of a digest or commit that finds it.
pub(super) const MIN_HASH: usize = 6;
/// Stands before each hash in a search text; it cannot be part of a word, as `q` holds no control characters.
const HASH: u8 = 1;
const END: u8 = b'\n';

/// Builds a search text.
#[derive(Default)]
struct Builder {
    text: String,
}

impl Builder {
    fn word(&mut self, word: &str) {
        if !word.is_empty() {
            if word.is_ascii() {
                let start = self.text.len();
                self.text.push_str(word);
                self.text[start..].make_ascii_lowercase();
            } else {
                self.text.extend(word.chars().flat_map(char::to_lowercase));
            }
            self.text.push(char::from(END));
        }
    }

    fn hash(&mut self, hash: &str) {
        self.text.push(char::from(HASH));
        self.word(hash.strip_prefix("sha256:").unwrap_or(hash));
    }

    fn image(&mut self, image: &ImageView) {
        self.word(&image.repository);
        let tags = image.meant.iter().chain(&image.reported).map(|t| (&t.tag, &t.digest));
        let running = image.running.iter().map(|r| (&r.tag, &r.digest));
        for (tag, digest) in tags.chain(running) {
            if let Some(tag) = tag {
                self.word(tag);
            }
            if let Some(digest) = digest {
                self.hash(digest);
            }
        }
    }

    fn environment(&mut self, environment: &Environment) {
        self.word(&environment.name);
        self.word(&environment.application);
        self.word(environment.namespace.as_deref().unwrap_or_default());
        environment.image.iter().chain(&environment.other_images).for_each(|image| self.image(image));
        environment.compared.iter().chain(&environment.deployed).for_each(|commit| self.hash(commit));
        environment.urls.iter().for_each(|url| self.word(host(url)));
    }
}

/// Host (and port) of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Search text of a service with all its environments.
pub(super) fn service(service: &Service) -> String {
    let mut builder = Builder::default();
    builder.word(&service.name);
    builder.word(service.owner.as_deref().unwrap_or_default());
    builder.word(service.repository.as_deref().unwrap_or_default());
    service.environments.iter().for_each(|environment| builder.environment(environment));
    builder.text
}

/// Search text of a finding.
pub(super) fn finding(finding: &Finding) -> String {
    let mut builder = Builder::default();
    let names = [&finding.service, &finding.environment, &finding.environment_id];
    names.into_iter().flatten().for_each(|name| builder.word(name));
    for text in [&finding.subject.name, &finding.summary, &finding.way_out] {
        builder.word(text);
    }
    builder.word(finding.rule.as_str());
    for proof in &finding.proof {
        if proof.value.starts_with("sha256:") {
            builder.hash(&proof.value);
        } else {
            builder.word(&proof.value);
        }
        builder.word(&proof.source);
    }
    builder.text
}

/// Search text of a source.
pub(super) fn source(source: &SourceView) -> String {
    let mut builder = Builder::default();
    builder.word(&source.name);
    builder.word(source.error.as_deref().unwrap_or_default());
    builder.text
}

/// Search text of a repository with what uses it and what of it runs.
pub(super) fn repository(repository: &Repository) -> String {
    let mut builder = Builder::default();
    builder.word(&repository.name);
    for one in &repository.uses {
        builder.word(&one.service.name);
        builder.image(one.image());
    }
    builder.text
}

/// Search text of a pull request with its previews: `#482` and `accounts/control-panel` find it, and a commit's beginning.
pub(super) fn pull(pull: &Pull) -> String {
    let mut builder = Builder::default();
    builder.word(&pull.id);
    if let Some(request) = &pull.request {
        builder.word(&request.title);
        builder.word(request.author.as_deref().unwrap_or_default());
        builder.word(&request.head.branch);
        builder.hash(&request.head.sha);
        request.labels.iter().for_each(|label| builder.word(&label.name));
    }
    for preview in &pull.previews {
        let names = [&preview.service, &preview.application, &preview.set];
        names.into_iter().flatten().for_each(|name| builder.word(name));
        preview.urls.iter().for_each(|url| builder.word(host(url)));
        if let Some(deployed) = &preview.deployed {
            builder.hash(&deployed.sha);
        }
        if let Some(tag) = preview.image.as_ref().and_then(|(_, image)| image.tag.as_deref()) {
            builder.word(tag);
        }
    }
    builder.text
}

/// What is searched for.
pub(super) struct Terms(Vec<Term>);

struct Term {
    word: Finder<'static>,
    /// With the mark before it, where it can be the start of a hash.
    hash: Option<Finder<'static>>,
}

impl Terms {
    /// Splits `q` at white space; all words must be found.
    pub(super) fn new(q: &str) -> Self {
        let term = |word: &str| {
            let word: String = word.chars().flat_map(char::to_lowercase).collect();
            let digits = word.strip_prefix("sha256:").unwrap_or(&word);
            let is_hash = digits.len() >= MIN_HASH && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let hash = is_hash.then(|| Finder::new(&format!("{}{digits}", char::from(HASH))).into_owned());
            Term { hash, word: Finder::new(&word).into_owned() }
        };
        Self(q.split_whitespace().map(term).collect())
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a search text has them all.
    pub(super) fn fit(&self, text: &str) -> bool {
        self.0.iter().all(|term| term.fits(text))
    }
}

impl Term {
    fn fits(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        if self.hash.as_ref().is_some_and(|hash| hash.find(bytes).is_some()) {
            return true;
        }
        // A word inside a hash is no find: look at the text between hashes only.
        self.word.find_iter(bytes).any(|at| {
            let line = memchr::memrchr(END, &bytes[..at]).map_or(0, |end| end + 1);
            bytes[line] != HASH
        })
    }
}
