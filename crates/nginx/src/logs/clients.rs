//! Who an address is: `clients.toml`.

use std::net::IpAddr;

use serde::Deserialize;
use toml::Spanned;

use crate::config::Net;
use crate::error::{ConfigError, ConfigErrors};

/// A named caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Where its source is.
    pub repository: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    /// Addresses or networks.
    addresses: Vec<Spanned<String>>,
    repository: Option<String>,
    owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    client: Vec<Written>,
}

/// All named callers.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    clients: Vec<Client>,
    /// Networks, narrowest first.
    nets: Vec<(Net, usize)>,
}

impl Clients {
    /// Reads the text of the file `name`; every mistake is told with its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigErrors> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            ConfigErrors(vec![mistake(name, text, at, error.message().to_owned())])
        })?;
        let mut found = Self::default();
        let mut errors = Vec::new();
        for (index, client) in file.client.into_iter().enumerate() {
            for address in &client.addresses {
                match Net::parse(address.get_ref()) {
                    Some(net) => found.nets.push((net, index)),
                    None => errors.push(mistake(
                        name,
                        text,
                        address.span().start,
                        format!(
                            "\"{}\" is no address or CIDR, expected as 192.0.2.7 or 10.0.0.0/8",
                            address.get_ref()
                        ),
                    )),
                }
            }
            let Written { name, repository, owner, .. } = client;
            found.clients.push(Client { name, repository, owner });
        }
        if !errors.is_empty() {
            return Err(ConfigErrors(errors));
        }
        found.nets.sort_by_key(|(net, _)| std::cmp::Reverse(net.bits));
        Ok(found)
    }

    /// The caller of that address; the narrowest network wins.
    pub fn find(&self, address: &str) -> Option<&Client> {
        let address: IpAddr = address.parse().ok()?;
        let (_, index) = self.nets.iter().find(|(net, _)| net.contains(address))?;
        self.clients.get(*index)
    }
}

fn mistake(file: &str, text: &str, at: usize, message: String) -> ConfigError {
    let before = text.get(..at).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    ConfigError {
        file: file.to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        message,
        help: None,
    }
}
