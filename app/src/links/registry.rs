//! An image's page at its registry: by the template of the configuration, else where a public registry has one.

use super::{External, segment};
use crate::data::DeepLinks;

/// The page of an image; `repository` is as images name it, host included. A template whose parts are not all known gives none.
pub fn image(
    links: &DeepLinks,
    repository: &str,
    tag: Option<&str>,
    digest: Option<&str>,
) -> Option<External> {
    let (host, path) = host_and_path(repository);
    // A name without a host is Docker Hub's, as every client reads it.
    let host = host.unwrap_or("docker.io");
    let template = match links.registries.get(host) {
        Some(template) => template.to_string(),
        None => public(host, path, digest.is_some())?,
    };
    let known = |name: &str, value: Option<&str>| value.is_some() || !template.contains(name);
    if !known("{tag}", tag) || !known("{digest}", digest) {
        return None;
    }
    let path: Vec<String> = path.split('/').map(segment).collect();
    External::parse(
        &template
            .replace("{repository}", &path.join("/"))
            .replace("{tag}", &segment(tag.unwrap_or_default()))
            .replace("{digest}", &segment(digest.unwrap_or_default())),
    )
}

/// The registry's host, where a name has one, and the path.
pub fn host_and_path(repository: &str) -> (Option<&str>, &str) {
    match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, repository),
    }
}

/// Templates of public registries.
fn public(host: &str, path: &str, digest: bool) -> Option<String> {
    let official = !path.contains('/') || path.starts_with("library/");
    Some(
        match host {
            "docker.io" | "index.docker.io" if official => {
                return Some(format!(
                    "https://hub.docker.com/_/{}/tags?name={{tag}}",
                    segment(path.trim_start_matches("library/"))
                ));
            }
            "docker.io" | "index.docker.io" => "https://hub.docker.com/r/{repository}/tags?name={tag}",
            "ghcr.io" => "https://ghcr.io/{repository}",
            "quay.io" if digest => "https://quay.io/repository/{repository}/manifest/{digest}",
            "quay.io" => "https://quay.io/repository/{repository}?tab=tags",
            "public.ecr.aws" => "https://gallery.ecr.aws/{repository}",
            "mcr.microsoft.com" => "https://mcr.microsoft.com/artifact/mar/{repository}/tags",
            host if host == "gcr.io" || host.ends_with(".gcr.io") || host.ends_with("-docker.pkg.dev") => {
                return Some(format!("https://{host}/{{repository}}@{{digest}}"));
            }
            _ => return None,
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:00112233";

    fn page(repository: &str, tag: Option<&str>, digest: Option<&str>) -> Option<String> {
        let registries = [
            ("registry.example".into(), "https://registry.example/ui/{repository}?tag={tag}".into()),
            ("bad.example".into(), "javascript:alert(1)//{repository}".into()),
        ];
        let links = DeepLinks { registries: registries.into(), ..DeepLinks::default() };
        image(&links, repository, tag, digest).map(|link| link.as_str().to_owned())
    }

    #[test]
    fn configured_first_then_public_ones() {
        for (repository, address) in [
            ("registry.example/t/a b", "https://registry.example/ui/t/a%20b?tag=v1"),
            ("nginx", "https://hub.docker.com/_/nginx/tags?name=v1"),
            ("docker.io/library/nginx", "https://hub.docker.com/_/nginx/tags?name=v1"),
            ("docker.io/team/app", "https://hub.docker.com/r/team/app/tags?name=v1"),
            ("ghcr.io/team/app", "https://ghcr.io/team/app"),
            (
                "quay.io/argoproj/argocd",
                "https://quay.io/repository/argoproj/argocd/manifest/sha256%3A00112233",
            ),
            ("eu.gcr.io/p/a", "https://eu.gcr.io/p/a@sha256%3A00112233"),
        ] {
            assert_eq!(page(repository, Some("v1"), Some(DIGEST)), Some(address.to_owned()), "{repository}");
        }
    }

    #[test]
    fn no_link_without_its_parts_or_to_where_none_may_lead() {
        assert_eq!(page("registry.example/t/a", None, Some(DIGEST)), None);
        assert_eq!(page("gcr.io/t/a", Some("v1"), None), None);
        assert_eq!(page("bad.example/t/a", Some("v1"), Some(DIGEST)), None);
        assert_eq!(page("unknown.example/t/a", Some("v1"), Some(DIGEST)), None);
        assert_eq!(
            page("quay.io/t/a", Some("v1"), None).as_deref(),
            Some("https://quay.io/repository/t/a?tab=tags")
        );
    }
}
