//! Every tag of a repository, page by page.
//!
//! A list ends in every case: with a page that has no next one; with one that was there before (registries that ignore
//! where to go on give all of it each time); after so many pages; at the first failure. Only a whole list says what is
//! *not* there.

use std::collections::{BTreeSet, HashSet};

use landfall_model::image::is_tag;
use reqwest::{Method, Url};
use serde::Deserialize;

use super::{Client, Failure};
use crate::source::http::{code, failure_of, link};

/// Pages of one list; with a hundred tags each, more than any repository should have.
const PAGES: u32 = 3_000;
/// Tags of one list.
const MOST: usize = 300_000;
const LARGEST_PAGE: usize = 32 << 20;

/// The tags of a repository.
#[derive(Debug)]
pub struct Tags {
    /// Sorted. Tags of signatures and attestations (`sha256-…`) are left out.
    pub tags: BTreeSet<String>,
    pub whole: Whole,
    pub pages: u32,
    /// What stood in the list and is no tag.
    pub broken: u64,
}

/// Whether a list is the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    Yes,
    /// It broke off, and why.
    No(Failure),
}

/// A page of a list. Some registries write `null` for none.
#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<String>>,
}

impl Client {
    /// Every tag of `repository`, a path without the host. Fails where not even the first page is read.
    pub async fn tags(&self, repository: &str) -> Result<Tags, Failure> {
        let mut list = Tags { tags: BTreeSet::new(), whole: Whole::Yes, pages: 0, broken: 0 };
        let (first, asked) = self.first_page(repository).await?;
        let mut next = list.take(first);
        let mut seen = HashSet::from([asked.to_string()]);
        while let Some(url) = next.take() {
            if list.pages >= PAGES || list.tags.len() >= MOST {
                list.whole = Whole::No(Failure::Broken(format!(
                    "a list of more than {} pages or {MOST} tags",
                    list.pages
                )));
                break;
            }
            if !seen.insert(url.to_string()) {
                list.whole = Whole::No(Failure::Broken("a list that goes round in a circle".into()));
                break;
            }
            match self.read_page(repository, &url).await {
                Ok(page) => {
                    let (before, given) = (list.tags.len(), page.0.len());
                    next = list.take(page);
                    if next.is_some() && list.tags.len() == before {
                        // No news: it gives all of it each time, or the same piece of it.
                        let size = usize::try_from(self.page()).unwrap_or(usize::MAX);
                        let is_all = given >= before && (size == 0 || given != size);
                        if !is_all {
                            list.whole =
                                Whole::No(Failure::Broken("a list whose pages repeat themselves".into()));
                        }
                        break;
                    }
                }
                Err(failure) => {
                    list.whole = Whole::No(failure);
                    break;
                }
            }
        }
        Ok(list)
    }

    /// The first page, in pages of a size that the registry takes.
    async fn first_page(&self, repository: &str) -> Result<((Vec<String>, Option<Url>), Url), Failure> {
        loop {
            let size = self.page();
            let query = if size == 0 { String::new() } else { format!("?n={size}") };
            let url = self.url(&format!("/v2/{repository}/tags/list{query}"))?;
            match self.read_page(repository, &url).await {
                Err(Failure::Status { status: 400 | 405 | 413 | 416 | 422, .. })
                    if self.ask_for_smaller_pages(size) || self.page() != size => {}
                page => return Ok((page?, url)),
            }
        }
    }

    async fn read_page(&self, repository: &str, url: &Url) -> Result<(Vec<String>, Option<Url>), Failure> {
        let response = self.ask(Method::GET, url, repository, "application/json").await?;
        let (status, next) = (response.status(), link::next(response.headers(), url, "/v2/"));
        let body = self.http.whole(response, LARGEST_PAGE).await?;
        match serde_json::from_slice::<Page>(&body) {
            Ok(page) => Ok((page.tags.unwrap_or_default(), next)),
            // Some give an error with a status that says otherwise.
            Err(_) if code(&body).is_some() => Err(failure_of(404, &body)),
            Err(error) => Err(Failure::Broken(format!("the list of tags ({status}): {error}"))),
        }
    }
}

impl Tags {
    /// Takes a page in; gives the address of the next one.
    fn take(&mut self, (tags, next): (Vec<String>, Option<Url>)) -> Option<Url> {
        self.pages += 1;
        for tag in tags {
            if !is_tag(&tag) {
                self.broken += 1;
            } else if !is_referrer(&tag) {
                self.tags.insert(tag);
            }
        }
        next
    }
}

/// Whether a tag is the handle of something said about an image: `sha256-<digest>`, with `.sig`, `.att`, `.sbom` or
/// nothing behind it (the fallback of the referrers API, and what signing tools write).
pub fn is_referrer(tag: &str) -> bool {
    let Some(rest) = tag.strip_prefix("sha256-") else { return false };
    let (digest, kind) = rest.split_once('.').unwrap_or((rest, ""));
    digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) && !kind.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_of_signatures_are_no_tags_of_images() {
        let digest = "ab".repeat(32);
        for tag in ["", ".sig", ".att", ".sbom"] {
            assert!(is_referrer(&format!("sha256-{digest}{tag}")), "{tag}");
        }
        for tag in
            ["sha256-abc", "1.2.3", "latest", &format!("sha256-{digest}.a.b"), &format!("v-sha256-{digest}")]
        {
            assert!(!is_referrer(tag), "{tag}");
        }
    }
}
