//! User name and password, read anew each time that they are needed: files are replaced while the server runs.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall_model::phrase::Said;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::Failure;
use crate::config::RegistryAuth;

/// What a registry knows us by.
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Credentials {
    /// As the configuration says, for this host; from files and variables only. `None`: ask without.
    pub fn read(auth: &RegistryAuth, host: &str) -> Result<Option<Self>, Failure> {
        match auth {
            RegistryAuth::Anonymous | RegistryAuth::Secret(_) => Ok(None),
            RegistryAuth::Password { username, password } => {
                let password = password.read().map_err(Failure::Credentials)?;
                Ok(Some(Self { username: username.clone(), password }))
            }
            RegistryAuth::DockerConfig(path) => {
                let shown = path.display().to_string();
                std::fs::read(path)
                    .map_err(|error| format!("cannot read {shown}: {error}"))
                    .and_then(|text| of_docker(&text, &shown, host))
                    .map_err(|why| Failure::Credentials(Said::from(why)))
            }
        }
    }

    /// The header of basic authentication.
    pub fn basic(&self) -> Result<HeaderValue, Failure> {
        let pair = format!("{}:{}", self.username, self.password.expose_secret());
        secret_header(&format!("Basic {}", STANDARD.encode(pair)))
    }
}

/// A header that is shown to nobody.
pub fn secret_header(value: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Failure::Credentials(Said::from("a credential holds characters that no header can carry"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// `config.json` of Docker; a Kubernetes Secret of type `kubernetes.io/dockerconfigjson` has the same form.
#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default, rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// The entry for a host in a configuration of Docker's that is shown under this name.
pub(super) fn of_docker(text: &[u8], shown: &str, host: &str) -> Result<Option<Credentials>, String> {
    // The parser's own words would quote the file.
    let config: DockerConfig = serde_json::from_slice(text).map_err(|error| {
        format!("{shown}:{}:{}: not a Docker configuration", error.line(), error.column())
    })?;
    // An entry for the host comes before one for a part of it.
    let mut entries: Vec<_> = config.auths.iter().filter(|(key, _)| host_of(key) == names(host)).collect();
    entries.sort_by_key(|(key, _)| key.len());
    let Some((key, entry)) = entries.into_iter().find(|(_, entry)| entry.holds_something()) else {
        let helper = config.helpers.iter().find(|(key, _)| host_of(key) == names(host));
        return match helper.map(|(_, helper)| helper).or(config.store.as_ref()) {
            Some(helper) => Err(format!(
                "{shown} keeps the credentials of {host} in the helper `{helper}`, which is not run"
            )),
            None => Err(format!("{shown} holds no credentials for {host}")),
        };
    };
    entry.credentials().map(Some).map_err(|why| format!("{shown}: entry `{key}`: {why}"))
}

impl Entry {
    const fn holds_something(&self) -> bool {
        self.auth.is_some() || self.username.is_some() || self.identitytoken.is_some()
    }

    fn credentials(&self) -> Result<Credentials, &'static str> {
        let of = |username: &str, password: &str| Credentials {
            username: username.to_owned(),
            password: SecretString::from(password.to_owned()),
        };
        if let (Some(username), Some(password)) = (&self.username, &self.password) {
            return Ok(of(username, password));
        }
        if let Some(auth) = self.auth.as_ref().filter(|auth| !auth.is_empty()) {
            let pair = STANDARD.decode(auth.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            return match pair.as_deref().and_then(|pair| pair.split_once(':')) {
                Some((username, password)) => Ok(of(username, password.trim_end_matches('\0'))),
                None => Err("`auth` is not `user:password` in base64"),
            };
        }
        Err(if self.identitytoken.is_some() {
            "`identitytoken` is not supported: give a user name with a password or token"
        } else {
            "no password"
        })
    }
}

/// The host of an entry: `https://index.docker.io/v1/` and `registry.example/team` name one.
fn host_of(key: &str) -> &str {
    let key = key.split_once("://").map_or(key, |(_, rest)| rest);
    names(key.split('/').next().unwrap_or(key))
}

/// Docker Hub under its one name.
fn names(host: &str) -> &str {
    if matches!(host, "index.docker.io" | "registry-1.docker.io") { "docker.io" } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, host: &str) -> Result<Option<Credentials>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, text).unwrap();
        let read = Credentials::read(&RegistryAuth::DockerConfig(path.clone()), host);
        read.map_err(|failure| failure.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn entries_of_a_docker_configuration() {
        let text = format!(
            r#"{{"auths":{{"https://index.docker.io/v1/":{{"auth":"{}"}},"a.example:5000":{{"username":"u","password":"hunter2"}},
               "b.example/team":{{"auth":"{}"}},"b.example":{{}},"c.example":{{"identitytoken":"hunter2"}},"d.example":{{"auth":"!"}}}},
               "credHelpers":{{"e.example":"ecr-login"}}}}"#,
            STANDARD.encode("hub:hunter2"),
            STANDARD.encode("team:hunter2:3"),
        );
        for (host, username, password) in [
            ("docker.io", "hub", "hunter2"),
            ("a.example:5000", "u", "hunter2"),
            ("b.example", "team", "hunter2:3"),
        ] {
            let found = read(&text, host).unwrap().unwrap();
            assert_eq!(
                (found.username.as_str(), found.password.expose_secret()),
                (username, password),
                "{host}"
            );
            assert!(!format!("{found:?} {:?}", found.basic().unwrap()).contains("hunter2"));
        }
        for (host, why) in [
            ("c.example", "FILE: entry `c.example`: `identitytoken` is not supported"),
            ("d.example", "FILE: entry `d.example`: `auth` is not `user:password` in base64"),
            ("e.example", "FILE keeps the credentials of e.example in the helper `ecr-login`"),
            ("a.example", "FILE holds no credentials for a.example"),
        ] {
            let said = read(&text, host).unwrap_err();
            assert!(said.starts_with(why) && !said.contains("hunter2"), "{said}");
        }
        assert_eq!(
            read("{\"auths\": {\"a\": \"hunter2\"}}", "a").unwrap_err(),
            "FILE:1:25: not a Docker configuration"
        );
    }

    #[test]
    fn a_password_file_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let password = crate::config::Secret::File(path.clone());
        let auth = RegistryAuth::Password { username: "me".into(), password };
        for word in ["first", "second"] {
            std::fs::write(&path, format!("{word}\n")).unwrap();
            let found = Credentials::read(&auth, "a").unwrap().unwrap();
            assert_eq!(found.password.expose_secret(), word);
        }
    }
}
